// SPDX-License-Identifier: Apache-2.0
// A design that is not accel, driven by its adapter (examples/gemm_axis): the same command line, the same verdicts.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/fst_dump.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/cli_process.h"

namespace systole::test {
namespace {

Finished gemm(const Arguments& arguments) {
  const std::filesystem::path folder = std::filesystem::path(SYSTOLE_PROGRAM).parent_path();
  return run(arguments, {.program = folder / "gemm_axis"});
}

TEST_CASE("system.own_design.refuses_what_it_cannot_run") {
  const Finished whole = gemm({"run", "models/lenet"});
  CHECK(whole.code == 2);
  CHECK(whole.out.empty());
  CHECK(whole.err ==
        "systole: lenet: the design cannot run all of it (--skip-unfit leaves that out): pool1: this design multiplies "
        "matrices; pool2: this design multiplies matrices\n");
  const Finished pool = gemm({"run", "models/lenet", "--layer", "pool1", "--skip-unfit"});
  CHECK(pool.code == 2);
  CHECK(pool.err == "systole: lenet: the design can run none of it: pool1: this design multiplies matrices\n");
  const Finished cells = gemm({"run", "models/lenet", "--layer", "fc3", "--check", "pe"});
  CHECK(cells.code == 2);
  CHECK(cells.err == "systole: --check: pe: expected none or outputs: this design's adapter shows no more\n");
  const Finished other = gemm({"run", "models/lenet", "--config", "8x8"});
  CHECK(other.code == 2);
  CHECK(other.err == "systole: --config: 8x8: this program has gemm_axis\n");
  const Finished vcd = gemm({"run", "models/lenet", "--layer", "fc3", "--trace", "vcd"});
  CHECK(vcd.code == 2);
  CHECK(vcd.err == "systole: --trace: vcd: expected fst, which the models of this program have\n");
}

TEST_CASE("system.own_design.head_room_needs_our_cells") {
  const Finished run = gemm({"study", "headroom", "models/lenet", "--layer", "fc3", "--run"});
  CHECK(run.code == 2);
  CHECK(run.out.empty());
  CHECK(run.err ==
        "systole: --run: sums are checked in the cells of the array in rtl/, and this program has gemm_axis\n");
  CHECK(gemm({"study", "headroom", "models/lenet", "--layer", "fc3"}).code == 0);
}

TEST_CASE("system.own_design.stalls_are_exercised_or_missed") {
  const auto missed = [](const std::string& stall) {
    const std::string out = gemm({"run", "models/lenet", "--layer", "fc3", "--images", "1", "--stall", stall}).out;
    const std::size_t begin = out.find("not exercised: stalls: ");
    return begin == std::string::npos ? "" : out.substr(begin + 23, out.find('\n', begin) - begin - 23);
  };
  CHECK(missed("none") == "input withheld, output withheld, both withheld, withheld in a burst");
  CHECK(missed("in") == "output withheld, both withheld, withheld in a burst");
  CHECK(missed("bursts").find("burst") == std::string::npos);
}

TEST_CASE("system.own_design.a_run_that_never_ends_says_who_waits") {
  const Finished run = gemm({"run", "models/lenet", "--layer", "fc3", "--images", "1", "--max-cycles", "100"});
  CHECK(run.code == 3);
  CHECK(
      run.out.find("timeout: fc3 of image 0: 100 cycles, and the sequence waits for y: 0 of 1 beats came, valid is 0; "
                   "stream a waits for a: 39 of 84 beats taken") != std::string::npos);
}

TEST_CASE("system.own_design.a_failure_leaves_the_dump_of_its_layer") {
  const TemporaryFolder folder;
  const std::filesystem::path bug = std::filesystem::path(SYSTOLE_PROGRAM).parent_path() / "gemm_axis_bug";
  const Finished result = run(
      {"run", "models/lenet", "--skip-unfit", "--images", "1", "--failures", folder / "failures"}, {.program = bug});
  CAPTURE(result.out);
  CHECK(result.code == 1);
  const std::filesystem::path failure = *std::filesystem::directory_iterator(folder / "failures");
  CHECK(failure.filename().string().starts_with("lenet.conv1-"));
  const auto json = nlohmann::json::parse(read_text(failure / "failure.json"));
  CHECK(json["complete"] == true);
  CHECK(json["origin"]["checker"] == "tensor");
  CHECK(json["origin"]["coordinate"] == nlohmann::json{{"oc", 5}, {"oh", 0}, {"ow", 5}});
  CHECK(json["design"] == "gemm_axis_bug");
  CHECK(std::filesystem::file_size(failure / "window.fst") > 1000);
  const Finished again = run({"rerun", failure, "--no-failure-folder"}, {.program = bug});
  CHECK(again.code == 1);
  CHECK(again.out.find("\nrun.lenet.conv1.stall_none  output tensor  cycle 135  oc 5 oh 0 ow 5") != std::string::npos);
}

TEST_CASE("system.own_design.a_dump_shows_expected_words_beside_actual_ones") {
  const TemporaryFolder folder;
  const std::string dump = folder / "dump.fst";
  const auto run_with_dump = [&](const std::string& program) {
    const std::filesystem::path own = std::filesystem::path(SYSTOLE_PROGRAM).parent_path() / program;
    return run({"run", "models/lenet", "--layer", "conv1", "--images", "1", "--trace", "fst", "--trace-file", dump,
                "--trace-window", "0:200"},
               {.program = own})
        .code;
  };
  const auto golden = [](const std::string& name) { return "golden.stream[0]." + name; };
  const std::vector<std::string> signals{
      golden("mismatch"), golden("expects"), golden("number"),        golden("oc"),  golden("oh"),
      golden("ow"),       golden("value_5"), "rtl.stream[0].value_5", "golden.cycle"};
  struct Word {
    std::uint64_t number, oc, oh, ow;
    std::int32_t golden, rtl;
    std::uint64_t cycle;
    bool operator==(const Word&) const = default;
  };
  std::vector<Word> wrong;
  std::uint64_t most = 0;
  const auto look = [&](std::uint64_t /*time*/, const std::vector<std::uint64_t>& v) {
    CHECK(v[1] == 1);
    most = std::max(most, v[2]);
    if (v[0] == 0) return;
    const Word word{v[2], v[3], v[4], v[5], static_cast<std::int32_t>(v[6]), static_cast<std::int32_t>(v[7]), v[8]};
    if (wrong.empty() || wrong.back().number != word.number) wrong.push_back(word);
  };
  CHECK(run_with_dump("gemm_axis") == 0);
  read_fst(dump, signals, look);
  CHECK(wrong.empty());
  CHECK(most > 7);  // a tile
  CHECK(run_with_dump("gemm_axis_bug") == 1);
  read_fst(dump, signals, look);
  CHECK(wrong == std::vector<Word>{{5, 0, 0, 5, -23, -24, 135}});

  const std::string view = read_text(dump + ".gtkw");
  CHECK(view.find("*-5.400000 1350 -1 ") != std::string::npos);
  CHECK(view.find("\n-y, rtl against golden\n") != std::string::npos);
  CHECK(view.find("\n+{y value 5 golden} golden.stream[0].value_5[31:0]\n") != std::string::npos);
  CHECK(view.find("value_6") == std::string::npos);  // conv1 has six channels
  CHECK(read_text(dump + ".layer.filter") == "0000 conv1\n");
  const std::vector<std::string> dumped = signals_of_fst(dump);
  std::istringstream lines(view);
  int shown = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("+{")) line.erase(0, line.find('}') + 2);
    if (!line.starts_with("golden.") && !line.starts_with("rtl.")) continue;
    const std::size_t range = line.ends_with(":0]") ? line.rfind('[') : line.size();
    CAPTURE(line);
    CHECK(std::ranges::count(dumped, line.substr(0, range)) == 1);
    ++shown;
  }
  CHECK(shown == 2 + 7 + 2 * (2 + 6));
}

TEST_CASE("system.own_design.report_and_dump") {
  const TemporaryFolder folder;
  const std::string report = folder / "report.json", dump = folder / "dump.fst";
  const Finished run = gemm({"run", "models/lenet", "--skip-unfit", "--images", "2", "--trace", "fst", "--trace-file",
                             dump, "--trace-window", "fc3", "--report", report});
  CHECK(run.code == 0);
  CHECK(std::filesystem::file_size(dump) > 1000);
  const auto json = nlohmann::json::parse(read_text(report));
  CHECK(json["outcome"] == "passed");
  CHECK(json["configuration"] == "gemm_axis");
  CHECK(json["compared"] == 2 * 6518);
  CHECK(json["canaries"] == nlohmann::json::array({"tensor"}));
  CHECK(json["layers"].size() == 5);
  CHECK(json["skipped"].size() == 2);
  CHECK(json["layers"][4]["cycles"] == 504);
  // The range of all images, as accel's report has it: both are the golden's.
  const std::string other = folder / "accel.json";
  CHECK(test::run({"run", "models/lenet", "--images", "2", "--check", "outputs", "--report", other}).code == 0);
  const auto accel = nlohmann::json::parse(read_text(other));
  using Lines = std::pair<std::size_t, std::size_t>;
  for (const auto& [own, same] : {Lines{0, 0}, {1, 2}, {2, 4}, {3, 5}, {4, 6}}) {
    CHECK(json["layers"][own]["name"] == accel["layers"][same]["name"]);
    CHECK(json["layers"][own]["psum_min"] == accel["layers"][same]["psum_min"]);
    CHECK(json["layers"][own]["psum_max"] == accel["layers"][same]["psum_max"]);
  }
}

}  // namespace
}  // namespace systole::test
