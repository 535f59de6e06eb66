// SPDX-License-Identifier: Apache-2.0
#include "signoff/sheet/sheet.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/file_bytes.h"
#include "base/temporary_folder.h"
#include "signoff/sheet/seal.h"
#include "tests/support/sample_sheet.h"

namespace systole::signoff {
namespace {

EvidenceFile filed(const Evidence& evidence) { return {evidence, evidence.gate + ".json", std::string(64, 'f')}; }

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// One gate of each verdict but fail.
Sheet mixed_sheet() {
  SheetRequest request = test::sample_request({"lint", "mutation", "formal", "netlist", "reset"});
  request.waivers = {test::sample_waiver("mutation")};
  Evidence mutation = test::sample_evidence("mutation"), formal = test::sample_evidence("formal");
  mutation.findings = {test::sample_finding()};
  formal.applicable = false;
  formal.remark = "no <valid> ports";
  Evidence netlist = test::sample_evidence("netlist");
  netlist.inputs[1].second = "0.24";
  return make_sheet(request, std::vector<EvidenceFile>{filed(test::sample_evidence("lint")), filed(mutation),
                                                       filed(formal), filed(netlist)});
}

TEST_CASE("signoff.sheet.a_verdict_a_gate") {
  const Sheet sheet = mixed_sheet();
  REQUIRE(sheet.gates.size() == 5);
  CHECK(sheet.gates[0].verdict == Verdict::pass);
  CHECK(sheet.gates[1].verdict == Verdict::waived);
  CHECK(sheet.gates[2].verdict == Verdict::not_applicable);
  CHECK(sheet.gates[3].verdict == Verdict::stale);
  CHECK(sheet.gates[3].why == "yosys is '0.23' now, was '0.24'");
  CHECK(sheet.gates[4].verdict == Verdict::not_run);
  CHECK(sheet.verdict == Verdict::stale);
  CHECK(verdict_line(sheet) == "2 of 5 gates do not pass: netlist (stale), reset (not run)");
}

TEST_CASE("signoff.sheet.passes_with_waived_and_not_applicable_gates") {
  SheetRequest request = test::sample_request({"lint", "formal"});
  Evidence formal = test::sample_evidence("formal");
  formal.applicable = false;
  const Sheet sheet =
      make_sheet(request, std::vector<EvidenceFile>{filed(test::sample_evidence("lint")), filed(formal)});
  CHECK(sheet.verdict == Verdict::pass);
  CHECK(verdict_line(sheet) == "2 gates: 1 passed, 0 waived, 1 not applicable");
  request.gates.erase(request.gates.begin());
  CHECK(make_sheet(request, std::vector<EvidenceFile>{filed(formal)}).verdict == Verdict::not_run);
}

TEST_CASE("signoff.sheet.inputs_in_any_order") {
  Evidence evidence = test::sample_evidence("lint");
  std::swap(evidence.inputs[0], evidence.inputs[2]);
  CHECK(make_sheet(test::sample_request({"lint"}), std::vector<EvidenceFile>{filed(evidence)}).verdict ==
        Verdict::pass);
  evidence.inputs.pop_back();
  CHECK(make_sheet(test::sample_request({"lint"}), std::vector<EvidenceFile>{filed(evidence)}).verdict ==
        Verdict::stale);
  evidence = test::sample_evidence("lint");
  evidence.inputs.emplace_back("more", "1");
  CHECK(make_sheet(test::sample_request({"lint"}), std::vector<EvidenceFile>{filed(evidence)}).verdict ==
        Verdict::stale);
}

TEST_CASE("signoff.sheet.a_gate_is_asked_for_and_answered_once") {
  const std::vector<EvidenceFile> twice{filed(test::sample_evidence("lint")), filed(test::sample_evidence("lint"))};
  CHECK_THROWS_AS((void)make_sheet(test::sample_request({"lint"}), twice), std::logic_error);
  CHECK_THROWS_AS((void)make_sheet(test::sample_request({"lint", "lint"}), {}), std::logic_error);
}

TEST_CASE("signoff.sheet.page_shows_where_each_number_is_from") {
  const std::string page = sheet_page(mixed_sheet());
  CHECK(holds(page, "<b>stale</b>"));
  CHECK(holds(page, "2 of 5 gates do not pass: netlist (stale), reset (not run)"));
  CHECK(holds(page, "<span class=\"value\">93 of 100</span><span class=\"note\">lint.json ffffffffffff</span>"));
  CHECK(holds(page, "systole signoff --level quick --gate lint</pre>"));
  CHECK(holds(page, test::kSampleRtl));
  CHECK(holds(page, std::string(64, 'f')));
  CHECK(holds(page, "no &lt;valid&gt; ports"));
  CHECK(holds(page, "2026-12-31"));
  CHECK(holds(page, "A. Smith"));
}

TEST_CASE("signoff.sheet.json_is_sealed_and_complete") {
  const auto json = nlohmann::json::parse(sheet_json(mixed_sheet()));
  CHECK(json.at("version") == 1);
  CHECK(json.at("verdict") == "stale");
  CHECK(json.at("gates").size() == 5);
  CHECK(json.at("gates")[1].at("evidence").at("findings")[0].at("waiver") == test::sample_waiver("mutation").reason);
  CHECK(json.at("gates")[1].at("file_seal") == std::string(64, 'f'));
  CHECK_FALSE(json.at("gates")[4].contains("evidence"));
  CHECK(json.at("waivers")[0].at("module_sha256") == std::string(64, 'c'));
  CHECK(json.at("seal").get<std::string>().size() == 64);
}

TEST_CASE("signoff.sheet.junit_fails_what_the_sheet_does_not_pass") {
  const std::string xml = sheet_junit(mixed_sheet());
  CHECK(holds(xml, "<testsuite name=\"signoff.accel.quick\" tests=\"5\" failures=\"2\" skipped=\"1\""));
  CHECK(holds(xml, "<failure message=\"stale: yosys is '0.23' now, was '0.24'\""));
  CHECK(holds(xml, "<failure message=\"not run: there is no evidence\""));
  CHECK(holds(xml, "<skipped message=\"not applicable: no &lt;valid"));
  CHECK(holds(xml, "waived: " + test::sample_finding().id));
}

TEST_CASE("signoff.sheet.same_evidence_gives_same_files") {
  const base::TemporaryFolder folder;
  const auto contents = [&folder] {
    std::vector<std::vector<std::byte>> files;
    for (const char* name : {"signoff.html", "signoff.json", "junit.xml"})
      files.push_back(base::read_bytes(folder / name));
    return files;
  };
  write_sheet(folder.path(), mixed_sheet());
  const auto first = contents();
  write_sheet(folder.path(), mixed_sheet());
  CHECK(contents() == first);
  CHECK(require_seal(folder / "signoff.json").size() == 64);
}

}  // namespace
}  // namespace systole::signoff
