// SPDX-License-Identifier: Apache-2.0
#include "signoff/gates/properties.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>

#include "base/input_error.h"
#include "signoff/gates/pieces.h"
#include "signoff/mutants/choice.h"
#include "signoff/mutants/decide.h"

namespace systole::signoff {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;

constexpr seconds kFaultSeconds{30};   // a fault that is seen at all is seen soon
constexpr seconds kBrokenSeconds{15};  // a mutant too, or never

constexpr const char* kProvedText = "proved";
constexpr const char* kReachedText = "reached";
constexpr std::size_t kResult = 3;  // column of the table

/// As findings call it.
std::string property_name(const Property& property) {
  std::string name = fmt::format("{} {}", property.module, property.output);
  for (const std::string& parameter : property.parameters) name += " " + parameter;
  return name;
}

/// What is wrong with the property itself.
std::optional<Finding> finding_of(const Property& property, const Decision& decision, seconds limit) {
  const std::string id = "properties " + property_name(property);
  if (decision.answer == Answer::unknown) {
    if (!decision.inputs.empty()) return Finding{id + " unreadable", decision.inputs, ""};
    return Finding{id + " open", fmt::format("not decided within {} s of processor time", limit.count()), ""};
  }
  if (property.reach && decision.answer == Answer::never)
    return Finding{id + " unreachable", "no inputs make it 1, however long they run", ""};
  if (!property.reach && decision.answer == Answer::sometimes) return Finding{id + " wrong", decision.inputs, ""};
  return std::nullopt;
}

Decision decide_property(const PropertiesQuestion& question, const Property& property, const TextFault* fault) {
  return PropertyCircuit(question.rtl, question.properties, property, fault)
      .ask("", fault == nullptr ? question.limit : kFaultSeconds);
}

const std::vector<std::string>& columns() {
  static const std::vector<std::string> names{"module",      "output",  "parameters", "result",
                                              "faults seen", "proof s", "all s"};
  return names;
}

/// The row and the findings of one property.
Evidence property_evidence(const PropertiesQuestion& question, const Property& property) {
  Evidence evidence;
  evidence.checked = 1;
  const auto start = std::chrono::steady_clock::now();
  const Decision decision = decide_property(question, property, nullptr);
  if (auto finding = finding_of(property, decision, question.limit)) evidence.findings.push_back(std::move(*finding));
  const std::chrono::duration<double> proof = std::chrono::steady_clock::now() - start;
  std::int64_t seen = 0;
  for (std::size_t i = 0; i < property.faults.size(); ++i) {
    const TextFault& fault = property.faults[i];
    const Decision faulty = decide_property(question, property, &fault);
    if (faulty.answer == (property.reach ? Answer::never : Answer::sometimes)) {
      ++seen;
      continue;
    }
    const std::string why = faulty.inputs.empty() || faulty.answer != Answer::unknown ? "is not seen" : faulty.inputs;
    evidence.findings.push_back({fmt::format("properties {} blind {}", property_name(property), i + 1),
                                 fmt::format("fault {}: {} => {}: {}", fault.module, fault.from, fault.to, why), ""});
  }
  const std::chrono::duration<double> all = std::chrono::steady_clock::now() - start;
  const char* const result = !evidence.findings.empty() ? "not proved" : property.reach ? kReachedText : kProvedText;
  evidence.tables.push_back(
      {.name = "properties",
       .columns = columns(),
       .rows = {{property.module, property.output, fmt::format("{}", fmt::join(property.parameters, " ")),
                 std::string(result), fmt::format("{} of {}", seen, property.faults.size()), proof.count(),
                 all.count()}}});
  return evidence;
}

/// Lines of one file.
class Reader {
 public:
  explicit Reader(const fs::path& file) : file_(file) {}

  std::vector<Property> read() {
    std::ifstream in(file_);
    for (std::string line; std::getline(in, line);) {
      ++number_;
      for (const char* const kind : {"// proof ", "// reach "})
        if (line.starts_with(kind)) add_property_of(line.substr(std::string_view(kind).size()), kind[3] == 'r');
      if (line.starts_with(kFault)) add_fault(line.substr(std::string_view(kFault).size()));
    }
    require_fault();
    if (properties_.empty()) throw base::InputError(file_.string(), "", "has no line \"// proof quick: TOP.OUTPUT\"");
    return std::move(properties_);
  }

 private:
  static constexpr const char* kFault = "// fault ";

  [[noreturn]] void fail(const std::string& problem) const {
    throw base::InputError(file_.string(), fmt::format("line {}", number_), problem);
  }
  void require_fault() const {
    if (!properties_.empty() && properties_.back().faults.empty())
      fail("expected a line \"// fault MODULE: FROM => TO\" behind every property");
  }
  void add_property_of(const std::string& text, bool reach) {
    require_fault();
    std::istringstream words(text);
    Property property{.module = file_.stem().string(),
                      .level = {},
                      .reach = reach,
                      .top = {},
                      .output = {},
                      .parameters = {},
                      .faults = {}};
    std::string place;
    words >> property.level >> place;
    property.parameters.assign(std::istream_iterator<std::string>(words), {});
    const std::size_t dot = place.find('.');
    const bool named =
        std::ranges::all_of(property.parameters, [](const std::string& p) { return p.find('=') != std::string::npos; });
    if ((property.level != "quick:" && property.level != "full:") || dot == 0 || dot >= place.size() - 1 || !named)
      fail("expected \"// proof quick: TOP.OUTPUT Name=value ...\", reach or full");
    property.level.pop_back();
    property.top = place.substr(0, dot);
    property.output = place.substr(dot + 1);
    properties_.push_back(std::move(property));
  }
  void add_fault(const std::string& text) {
    constexpr std::string_view kArrow = " => ";
    const std::size_t colon = text.find(": "), arrow = text.find(kArrow);
    if (properties_.empty() || colon == 0 || colon == std::string::npos || arrow == std::string::npos ||
        arrow <= colon + 2)
      fail("expected \"// fault MODULE: FROM => TO\" behind a property");
    properties_.back().faults.push_back({.module = text.substr(0, colon),
                                         .from = text.substr(colon + 2, arrow - colon - 2),
                                         .to = text.substr(arrow + kArrow.size())});
  }

  fs::path file_;
  int number_ = 0;
  std::vector<Property> properties_;
};

}  // namespace

std::vector<Property> read_properties(const fs::path& folder) {
  std::vector<Property> all;
  for (const fs::path& file : verilog_files(folder)) std::ranges::move(Reader(file).read(), std::back_inserter(all));
  return all;
}

Evidence prove_properties(const PropertiesQuestion& question, const GateProgress& progress) {
  Evidence evidence;
  evidence.gate = "properties";
  evidence.unit = "properties";
  std::vector<Property> properties = read_properties(question.properties);
  require_abc();
  for (const std::string& module : question.modules) {
    if (std::ranges::find(properties, module, &Property::module) == properties.end())
      evidence.findings.push_back({"properties missing " + module, "has no file of properties", ""});
  }
  if (!question.full) std::erase_if(properties, [](const Property& p) { return p.level != "quick"; });
  Pieces pieces{.names = {},
                .find = [&](std::size_t i) { return property_evidence(question, properties[i]); },
                .workers = question.workers};
  std::size_t faults = 0;
  for (const Property& property : properties) {
    pieces.names.push_back(property_name(property));
    faults += property.faults.size();
  }
  add_pieces(evidence, pieces, progress);
  const std::size_t proved = rows_with(evidence, kResult, kProvedText) + rows_with(evidence, kResult, kReachedText);
  evidence.figures.push_back({"proved", fmt::format("{} of {}", proved, properties.size())});
  evidence.figures.push_back({"faults planted", std::to_string(faults)});
  return evidence;
}

std::optional<BrokenProperty> broken_property(const PropertiesQuestion& question, const MutatedDesign& design,
                                              const Mutant& mutant) {
  for (const Property& property : read_properties(question.properties)) {
    if (property.module != mutant.module || property.reach || property.level != "quick") continue;
    const PropertyCircuit circuit(question.rtl, question.properties, property);
    const auto same = same_mutant(design, mutant, circuit.design());
    if (!same) continue;
    const Decision broken = circuit.ask(same->options, kBrokenSeconds);
    if (broken.answer != Answer::sometimes || circuit.ask("", question.limit).answer != Answer::never) continue;
    return BrokenProperty{property_name(property), broken.inputs};
  }
  return std::nullopt;
}

}  // namespace systole::signoff
