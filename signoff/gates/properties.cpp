// SPDX-License-Identifier: Apache-2.0
#include "signoff/gates/properties.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string_view>

#include "base/input_error.h"
#include "base/output_file.h"
#include "base/temporary_folder.h"
#include "signoff/mutants/cut.h"
#include "signoff/mutants/decide.h"
#include "signoff/mutants/mutant.h"
#include "signoff/mutants/yosys.h"

namespace systole::signoff {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;

constexpr seconds kFaultSeconds{30};  // a fault that is seen at all is seen soon

/// Registers without reset: they start with anything (write_aiger -zinit), and have the clock of the others.
constexpr const char* kPlainRegisterMap = R"(
(* techmap_celltype = "$dff" *)
module systole_plain_dff (CLK, D, Q);
  parameter WIDTH = 1;
  parameter CLK_POLARITY = 1;
  input CLK;
  input [WIDTH-1:0] D;
  output [WIDTH-1:0] Q;
  wire _TECHMAP_FAIL_ = !CLK_POLARITY;
  (* keep *) systole_clock clk (.A(CLK));
  reg [WIDTH-1:0] held;
  always @(posedge CLK) held <= D;
  assign Q = held;
endmodule
)";

/// From the elaborated design to a circuit with one output. Small memories become registers before the hierarchy goes,
/// so that a property can name their words. Registers become bits before what the output does not need is dropped: of a
/// word of data only the flag beside it may stay. `check` finds a wire of the design that a property names and that is
/// not there.
constexpr const char* kCircuit = R"(
memory_collect
memory_map t:$mem_v2 r:SIZE<=64 %i
flatten
delete -output w:* w:{output} %d
opt_clean
select -assert-none a:hierconn
select -assert-count 1 o:*
select -assert-none t:$*ff* t:$*latch* %u t:$dff t:$adff %u %d
techmap -max_iter 1 -autoproc -map plain.v
techmap -autoproc -map registers.v
simplemap
opt_clean
memory_collect
opt_clean
memory_map
opt_expr -fine
opt_clean
techmap -max_iter 1 -autoproc -map plain.v
simplemap
setundef -zero
select -assert-none t:$mem* t:$*ff* t:$_*FF* t:$_*LATCH* %u %u %u t:$_DFF_P_ %d
opt_clean
write_rtlil flat.il
delete t:systole_clock
opt -full -nodffe -nosdff
techmap
opt_clean
aigmap
write_aiger -zinit -symbols proof.aig
)";

std::string text_of(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The module's text with the fault, or nothing where FROM is not once in it.
std::optional<std::string> with_fault(std::string text, const TextFault& fault) {
  const std::size_t at = text.find(fault.from);
  if (at == std::string::npos || text.find(fault.from, at + 1) != std::string::npos) return std::nullopt;
  return text.replace(at, fault.from.size(), fault.to);
}

/// Of the property, with a fault where one is given. An answer unknown with a text: why.
Decision decide_property(const PropertiesQuestion& question, const Property& property, const TextFault* fault) {
  const base::TemporaryFolder folder;
  MutatedDesign design{.folder = folder.path(), .sources = {}, .top = property.top, .parameters = property.parameters};
  bool planted = fault == nullptr;
  for (const fs::path& file : verilog_files(question.rtl)) {
    design.sources.push_back(file.string());
    if (fault == nullptr || file.stem() != fault->module) continue;
    const auto text = with_fault(text_of(file), *fault);
    if (!text) break;
    base::write_file(folder / "faulty.v", *text);
    design.sources.back() = "faulty.v";
    planted = true;
  }
  if (!planted) return {Answer::unknown, "its text is not once in " + fault->module + ".v"};
  design.sources.push_back(fs::absolute(question.properties / (property.module + ".v")).string());
  base::write_file(folder / "cells.v", kCutCells);
  base::write_file(folder / "registers.v", kRegisterMap);
  base::write_file(folder / "plain.v", kPlainRegisterMap);
  const std::string script = "read_verilog -lib cells.v\n" + elaborate(design) +
                             fmt::format(fmt::runtime(kCircuit), fmt::arg("output", property.output));
  if (const auto error = yosys_error(folder.path(), script)) return {Answer::unknown, *error};
  if (!has_one_clock(text_of(folder / "flat.il"))) return {Answer::unknown, "registers with different clocks"};
  return decide(folder.path(), "proof.aig", fault == nullptr ? question.limit : kFaultSeconds);
}

std::string id_of(const Property& property) {
  std::string id = fmt::format("properties {} {}", property.module, property.output);
  for (const std::string& parameter : property.parameters) id += " " + parameter;
  return id;
}

/// What is wrong with the property itself.
std::optional<Finding> finding_of(const Property& property, const Decision& decision, seconds limit) {
  const std::string id = id_of(property);
  if (decision.answer == Answer::unknown) {
    if (!decision.inputs.empty()) return Finding{id + " unreadable", decision.inputs, ""};
    return Finding{id + " open", fmt::format("not decided within {} s of processor time", limit.count()), ""};
  }
  if (property.reach && decision.answer == Answer::never)
    return Finding{id + " unreachable", "no inputs make it 1, however long they run", ""};
  if (!property.reach && decision.answer == Answer::sometimes) return Finding{id + " wrong", decision.inputs, ""};
  return std::nullopt;
}

/// Adds the row and the findings of one property; whether it holds and sees its faults.
bool add_property(const PropertiesQuestion& question, const Property& property, base::Table& table,
                  std::vector<Finding>& findings) {
  const auto start = std::chrono::steady_clock::now();
  const std::size_t before = findings.size();
  const Decision decision = decide_property(question, property, nullptr);
  if (auto finding = finding_of(property, decision, question.limit)) findings.push_back(std::move(*finding));
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
    findings.push_back({fmt::format("{} blind {}", id_of(property), i + 1),
                        fmt::format("fault {}: {} => {}: {}", fault.module, fault.from, fault.to, why), ""});
  }
  const std::chrono::duration<double> all = std::chrono::steady_clock::now() - start;
  const bool holds = findings.size() == before;
  table.rows.push_back({property.module, property.output, fmt::format("{}", fmt::join(property.parameters, " ")),
                        std::string(!holds           ? "not proved"
                                    : property.reach ? "reached"
                                                     : "proved"),
                        fmt::format("{} of {}", seen, property.faults.size()), proof.count(), all.count()});
  return holds;
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
  for (const std::string& module : question.modules) {
    if (std::ranges::find(properties, module, &Property::module) == properties.end())
      evidence.findings.push_back({"properties missing " + module, "has no file of properties", ""});
  }
  if (!question.full) std::erase_if(properties, [](const Property& p) { return p.level != "quick"; });
  base::Table table{.name = "properties",
                    .columns = {"module", "output", "parameters", "result", "faults seen", "proof s", "all s"}};
  std::size_t proved = 0, faults = 0;
  for (const Property& property : properties) {
    proved += add_property(question, property, table, evidence.findings) ? 1U : 0U;
    faults += property.faults.size();
    ++evidence.checked;
    if (progress) progress(static_cast<double>(evidence.checked) / static_cast<double>(properties.size()));
  }
  evidence.figures.push_back({"proved", fmt::format("{} of {}", proved, properties.size())});
  evidence.figures.push_back({"faults planted", std::to_string(faults)});
  evidence.tables.push_back(std::move(table));
  return evidence;
}

}  // namespace systole::signoff
