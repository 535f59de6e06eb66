// SPDX-License-Identifier: Apache-2.0
#include "signoff/mutants/mutated_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "base/temporary_folder.h"
#include "signoff/mutants/yosys.h"

namespace systole::signoff {
namespace {

/// Puts the kept vectors together, module by module.
class Joiner {
 public:
  explicit Joiner(std::span<const KeptVariable> keep) : keep_(keep.begin(), keep.end()) {}

  MutatedText join(std::istream& netlist);

 private:
  struct Bits {
    int low = 0, high = 0;
  };
  void begin_module(const std::string& line);
  void read_declaration(const std::string& line);
  [[nodiscard]] bool kept(const std::string& variable) const { return keep_.contains({module_, variable}); }

  std::set<KeptVariable> keep_, found_;
  std::string module_;
  std::map<std::string, Bits> split_;  ///< vectors of this module of which single bits are declared
};

void Joiner::begin_module(const std::string& line) {
  std::istringstream words(line);
  words >> module_ >> module_;
  if (module_.starts_with('\\')) module_.erase(0, 1);
  module_ = source_name(module_.substr(0, module_.find('(')));
  split_.clear();
}

void Joiner::read_declaration(const std::string& line) {
  static const std::regex bit(R"(^  (?:reg|wire) \\(\w+)\[(\d+)\] )");
  static const std::regex whole(R"(^  (?:reg|wire) (?:\[\d+:\d+\] )?(\w+)(?: \[\d+:\d+\])?;)");
  std::smatch match;
  if (std::regex_search(line, match, whole)) {
    if (kept(match[1])) found_.insert({module_, match[1]});
    return;
  }
  if (!std::regex_search(line, match, bit) || !kept(match[1])) return;
  const int index = std::stoi(match[2]);
  Bits& bits = split_.try_emplace(match[1], Bits{index, index}).first->second;
  bits = {.low = std::min(bits.low, index), .high = std::max(bits.high, index)};
}

MutatedText Joiner::join(std::istream& netlist) {
  MutatedText text;
  for (std::string line; std::getline(netlist, line);) {
    if (line.starts_with("module ")) begin_module(line);
    if (line.starts_with("  reg ") || line.starts_with("  wire ")) read_declaration(line);
    if (line == "endmodule") {
      for (const auto& [name, bits] : split_) {
        text.verilog += fmt::format("  wire [{}:{}] {} = {{", bits.high, bits.low, name);
        for (int bit = bits.high; bit >= bits.low; --bit)
          text.verilog += fmt::format("\\{}[{}] {}", name, bit, bit == bits.low ? "};\n" : ", ");
        found_.insert({module_, name});
      }
    }
    text.verilog += line + "\n";
  }
  text.kept.assign(found_.begin(), found_.end());
  return text;
}

}  // namespace

MutatedText mutated_text(const MutatedDesign& design, std::span<const Mutant> mutants,
                         std::span<const KeptVariable> keep) {
  const base::TemporaryFolder folder;
  const std::filesystem::path netlist = folder.path() / "netlist.v";
  std::string script = elaborate(design);
  const auto width = std::bit_width(mutants.size());
  for (std::size_t i = 0; i < mutants.size(); ++i)
    script += fmt::format("mutate -ctrl mutsel {} {} {}\n", width, i + 1, mutants[i].options);
  script += fmt::format("opt_clean\nsplitnets -ports * {0} %d\nsplitnets {0}\nwrite_verilog -noattr {1}\n", design.top,
                        netlist.string());
  run_yosys(design.folder, script);
  std::ifstream in(netlist);
  return Joiner(keep).join(in);
}

std::vector<KeptVariable> public_variables(const std::string& vlt) {
  static const std::regex line(R"re(public_flat_rd -module "(\w+)" -var "(\w+)")re");
  std::vector<KeptVariable> variables;
  for (std::sregex_iterator at(vlt.begin(), vlt.end(), line), end; at != end; ++at)
    variables.emplace_back((*at)[1], (*at)[2]);
  return variables;
}

std::string vlt_text(std::span<const KeptVariable> variables) {
  std::string text = "`verilator_config\n";
  for (const auto& [module, variable] : variables)
    text += fmt::format("public_flat_rd -module \"*{}*\" -var \"{}\"\n", module, variable);
  return text;
}

}  // namespace systole::signoff
