// SPDX-License-Identifier: Apache-2.0
#include "signoff/sheet/sheet.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "base/counted.h"
#include "base/junit.h"
#include "base/output_file.h"
#include "signoff/sheet/seal.h"

namespace systole::signoff {
namespace {

using Json = nlohmann::ordered_json;
using Inputs = std::vector<std::pair<std::string, std::string>>;

constexpr int kSheetVersion = 1;

/// In a line: a hash in part.
std::string shortened(const std::string& value) {
  constexpr std::size_t limit = 32, kept = 12;
  return value.size() <= limit ? value : value.substr(0, kept) + "...";
}

/// How inputs of evidence differ from those of now, or "".
std::string changed_input(const Inputs& then, const Inputs& now) {
  const std::map<std::string, std::string> old_values(then.begin(), then.end()), values(now.begin(), now.end());
  for (const auto& [name, value] : values) {
    const auto old_value = old_values.find(name);
    if (old_value == old_values.end())
      return fmt::format("{} is '{}' now, and was not an input", name, shortened(value));
    if (old_value->second != value)
      return fmt::format("{} is '{}' now, was '{}'", name, shortened(value), shortened(old_value->second));
  }
  for (const auto& [name, value] : old_values) {
    if (!values.contains(name)) return fmt::format("{} was '{}', and is no input now", name, shortened(value));
  }
  return {};
}

std::string stale_reason(const Evidence& evidence, const GateRequest& gate, const std::string& today) {
  if (evidence.started.substr(0, today.size()) > today) {
    return fmt::format("started on {}, which is after today, {}: a clock was set back", evidence.started, today);
  }
  return changed_input(evidence.inputs, gate.inputs);
}

std::string failure_line(const Evidence& evidence) {
  const auto open = std::ranges::count_if(evidence.findings, [](const Finding& one) { return one.waiver.empty(); });
  if (open > 0) return base::counted(static_cast<std::uint64_t>(open), "open finding");
  return evidence.applicable ? "nothing was checked" : "not applicable, and no word on why";
}

/// What rests on findings not being made, by their ids.
using Supports = std::map<std::string, std::string>;

Supports supports_of(std::span<const EvidenceFile> files) {
  Supports supports;
  for (const EvidenceFile& file : files) {
    for (const base::Table& table : file.evidence.tables) {
      if (table.name != kRestsOn) continue;
      for (const auto& row : table.rows) {
        supports[base::cell_text(row.at(0), 0)] =
            fmt::format("{} rests on it: {}", file.evidence.gate, base::cell_text(row.at(1), 0));
      }
    }
  }
  return supports;
}

/// What rests on a finding opens it again.
void refuse_waivers(Evidence& evidence, const Supports& supports) {
  for (Finding& finding : evidence.findings) {
    const auto support = supports.find(finding.id);
    if (finding.waiver.empty() || support == supports.end()) continue;
    finding.text += fmt::format("; cannot be waived, as {}", support->second);
    finding.waiver.clear();
  }
}

SheetGate judge(const GateRequest& gate, const EvidenceFile& file, const SheetRequest& request,
                const Supports& supports) {
  SheetGate result{gate.name, Verdict::stale, "", file};
  Evidence& evidence = result.file->evidence;
  apply_waivers(evidence, request.waivers, request.today, request.sources);
  refuse_waivers(evidence, supports);
  result.why = stale_reason(evidence, gate, request.today);
  if (!result.why.empty()) return result;
  result.verdict = verdict_of(evidence);
  if (result.verdict == Verdict::fail) result.why = failure_line(evidence);
  if (result.verdict == Verdict::not_applicable) result.why = evidence.remark;
  return result;
}

const EvidenceFile* find_file(std::span<const EvidenceFile> files, const std::string& gate) {
  const auto of_gate = [&gate](const EvidenceFile& file) { return file.evidence.gate == gate; };
  if (std::ranges::count_if(files, of_gate) > 1) throw std::logic_error("sheet: two files of gate '" + gate + "'");
  const auto file = std::ranges::find_if(files, of_gate);
  return file == files.end() ? nullptr : &*file;
}

Verdict overall(const std::vector<SheetGate>& gates) {
  const auto any = [&gates](Verdict verdict) {
    return std::ranges::find(gates, verdict, &SheetGate::verdict) != gates.end();
  };
  for (const Verdict worst : {Verdict::fail, Verdict::stale, Verdict::not_run}) {
    if (any(worst)) return worst;
  }
  return any(Verdict::pass) || any(Verdict::waived) ? Verdict::pass : Verdict::not_run;
}

Json gate_json(const SheetGate& gate) {
  Json object{{"gate", gate.name}, {"verdict", to_string(gate.verdict)}, {"why", gate.why}};
  if (!gate.file) return object;
  object["file"] = gate.file->file;
  object["file_seal"] = gate.file->seal;
  Json& evidence = object["evidence"] = Json::parse(evidence_json(gate.file->evidence));
  for (std::size_t i = 0; i < gate.file->evidence.findings.size(); ++i) {
    evidence["findings"][i]["waiver"] = gate.file->evidence.findings[i].waiver;
  }
  return object;
}

Json waiver_json(const Waiver& waiver) {
  Json object{{"gate", waiver.gate},
              {"finding", waiver.finding},
              {"reason", waiver.reason},
              {"owner", waiver.owner},
              {"expires", waiver.expires}};
  if (!waiver.level.empty()) object["level"] = waiver.level;
  if (!waiver.module.empty()) {
    object["module"] = waiver.module;
    object["module_sha256"] = waiver.module_sha256;
  }
  return object;
}

Json since_json(const Since& since) {
  Json changes = Json::array();
  for (const auto& [gate, what, before, now] : since.changes)
    changes.push_back({{"gate", gate}, {"what", what}, {"before", before}, {"now", now}});
  return {{"day", since.day}, {"level", since.level}, {"seal", since.seal}, {"changes", std::move(changes)}};
}

base::JunitCase gate_case(const SheetGate& gate) {
  base::JunitCase result{gate.name};
  if (!is_settled(gate.verdict)) {
    result.result = base::JunitCase::Result::failed;
    result.message = fmt::format("{}: {}", words(gate.verdict), gate.why);
  }
  if (gate.verdict == Verdict::not_applicable) {
    result.result = base::JunitCase::Result::skipped;
    result.message = fmt::format("not applicable: {}", gate.why);
  }
  if (!gate.file) return result;
  const Evidence& evidence = gate.file->evidence;
  result.seconds = evidence.seconds;
  result.output = fmt::format("{} {} checked\n", evidence.checked, evidence.unit);
  for (const Figure& figure : evidence.figures) result.output += fmt::format("{}: {}\n", figure.name, figure.value);
  for (const Finding& finding : evidence.findings) {
    if (finding.waiver.empty()) {
      result.text += fmt::format("{}: {}\n", finding.id, finding.text);
    } else {
      result.output += fmt::format("waived: {}: {}\n", finding.id, finding.waiver);
    }
  }
  result.output += fmt::format("{} {}\n{}", gate.file->file, gate.file->seal, evidence.command);
  return result;
}

}  // namespace

Sheet make_sheet(const SheetRequest& request, std::span<const EvidenceFile> files) {
  Sheet sheet{request.design, request.level, request.today, Verdict::not_run, {}, request.numbers, {}};
  const Supports supports = supports_of(files);
  for (const GateRequest& gate : request.gates) {
    if (std::ranges::find(sheet.gates, gate.name, &SheetGate::name) != sheet.gates.end()) {
      throw std::logic_error("sheet: gate '" + gate.name + "' is asked for twice");
    }
    const EvidenceFile* file = find_file(files, gate.name);
    sheet.gates.push_back(file == nullptr ? SheetGate{gate.name, Verdict::not_run, "there is no evidence", {}}
                                          : judge(gate, *file, request, supports));
    std::ranges::copy_if(request.waivers, std::back_inserter(sheet.waivers),
                         [&gate](const Waiver& waiver) { return waiver.gate == gate.name; });
  }
  sheet.verdict = overall(sheet.gates);
  return sheet;
}

std::string verdict_line(const Sheet& sheet) {
  const auto count = [&sheet](Verdict verdict) {
    return std::ranges::count(sheet.gates, verdict, &SheetGate::verdict);
  };
  if (sheet.gates.empty()) return "no gate was asked for";
  std::string open;
  std::size_t unsettled = 0;
  for (const SheetGate& gate : sheet.gates) {
    if (is_settled(gate.verdict)) continue;
    open += fmt::format("{}{} ({})", unsettled == 0 ? "" : ", ", gate.name, words(gate.verdict));
    ++unsettled;
  }
  const auto gates = base::counted(sheet.gates.size(), "gate");
  if (unsettled > 0)
    return fmt::format("{} of {} {} not pass: {}", unsettled, gates, unsettled == 1 ? "does" : "do", open);
  return fmt::format("{}: {} passed, {} waived, {} not applicable", gates, count(Verdict::pass), count(Verdict::waived),
                     count(Verdict::not_applicable));
}

std::string sheet_json(const Sheet& sheet) {
  Json object{{"version", kSheetVersion},
              {"design", sheet.design},
              {"level", sheet.level},
              {"today", sheet.today},
              {"verdict", to_string(sheet.verdict)},
              {"gates", Json::array()},
              {"waivers", Json::array()}};
  for (const SheetGate& gate : sheet.gates) object["gates"].push_back(gate_json(gate));
  for (const Waiver& waiver : sheet.waivers) object["waivers"].push_back(waiver_json(waiver));
  if (sheet.since) object["since"] = since_json(*sheet.since);
  return sealed(object.dump(-1, ' ', false, Json::error_handler_t::replace));
}

std::string sheet_junit(const Sheet& sheet) {
  std::vector<base::JunitCase> cases;
  double seconds = 0;
  for (const SheetGate& gate : sheet.gates) {
    cases.push_back(gate_case(gate));
    seconds += cases.back().seconds.value_or(0);
  }
  return base::junit_text(fmt::format("signoff.{}.{}", sheet.design, sheet.level), cases, seconds);
}

void write_sheet(const std::filesystem::path& folder, const Sheet& sheet) {
  const std::pair<const char*, std::string> files[] = {
      {"signoff.html", sheet_page(sheet)}, {"signoff.json", sheet_json(sheet)}, {"junit.xml", sheet_junit(sheet)}};
  for (const auto& file : files) base::remove_result(folder / file.first);
  for (const auto& [name, text] : files) base::write_file_at_once(folder / name, text);
}

}  // namespace systole::signoff
