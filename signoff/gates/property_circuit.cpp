// SPDX-License-Identifier: Apache-2.0
#include "signoff/gates/property_circuit.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <optional>
#include <utility>

#include "base/output_file.h"
#include "signoff/mutants/cut.h"
#include "signoff/mutants/yosys.h"

namespace systole::signoff {
namespace {

namespace fs = std::filesystem;

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
{mutate}
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

}  // namespace

PropertyCircuit::PropertyCircuit(const fs::path& rtl, const fs::path& properties, Property property,
                                 const TextFault* fault)
    : property_(std::move(property)),
      design_{.folder = folder_.path(), .sources = {}, .top = property_.top, .parameters = property_.parameters} {
  if (fault != nullptr) problem_ = "its text is not once in " + fault->module + ".v";
  for (const fs::path& file : verilog_files(rtl)) {
    design_.sources.push_back(file.string());
    if (fault == nullptr || file.stem() != fault->module) continue;
    const auto text = with_fault(text_of(file), *fault);
    if (!text) break;
    base::write_file(folder_ / "faulty.v", *text);
    design_.sources.back() = "faulty.v";
    problem_.clear();
  }
  design_.sources.push_back(fs::absolute(properties / (property_.module + ".v")).string());
  base::write_file(folder_ / "cells.v", kCutCells);
  base::write_file(folder_ / "registers.v", kRegisterMap);
  base::write_file(folder_ / "plain.v", kPlainRegisterMap);
}

Decision PropertyCircuit::ask(const std::string& mutate, std::chrono::seconds limit) const {
  if (!problem_.empty()) return {Answer::unknown, problem_};
  const std::string script =
      "read_verilog -lib cells.v\n" + elaborate(design_) +
      fmt::format(fmt::runtime(kCircuit), fmt::arg("mutate", mutate.empty() ? mutate : "mutate " + mutate),
                  fmt::arg("output", property_.output));
  if (const auto error = yosys_error(folder_.path(), script)) return {Answer::unknown, *error};
  if (!has_one_clock(text_of(folder_ / "flat.il"))) return {Answer::unknown, "registers with different clocks"};
  return decide(folder_.path(), "proof.aig", limit);
}

}  // namespace systole::signoff
