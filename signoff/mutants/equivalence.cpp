// SPDX-License-Identifier: Apache-2.0
#include "signoff/mutants/equivalence.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "base/output_file.h"
#include "base/temporary_folder.h"
#include "signoff/mutants/cut.h"
#include "signoff/mutants/decide.h"
#include "signoff/mutants/yosys.h"

namespace systole::signoff {
namespace {

namespace fs = std::filesystem;
using std::chrono::microseconds;
using std::chrono::seconds;

/// Processor time that the tools started here have taken so far.
microseconds time_of_tools() {
  rusage usage{};
  ::getrusage(RUSAGE_CHILDREN, &usage);
  const auto time = [](const timeval& t) { return seconds(t.tv_sec) + microseconds(t.tv_usec); };
  return time(usage.ru_utime) + time(usage.ru_stime);
}

std::string read_text(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Which modules each module of RTLIL text holds.
std::map<std::string, std::set<std::string>> instances_of(const std::string& netlist) {
  std::map<std::string, std::set<std::string>> held;
  std::istringstream lines(netlist);
  std::string module;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string keyword, name;
    words >> keyword >> name;
    if (keyword == "module") held[module = name];
    if (keyword == "cell") held[module].insert(name);
  }
  for (auto& [name, cells] : held)
    std::erase_if(cells, [&held](const std::string& cell) { return !held.contains(cell); });
  return held;
}

/// Public names have a backslash in RTLIL, and none in the options of `mutate`.
std::string rtlil_name(const std::string& name) { return name.starts_with('$') ? name : '\\' + name; }

/// Cells of the cuts get public names, since Yosys makes no ports of private ones.
std::string with_public_cuts(const std::string& netlist) {
  constexpr std::string_view kCell = "  cell \\systole_";
  std::istringstream lines(netlist);
  std::string text;
  for (std::string line; std::getline(lines, line); text += line + '\n') {
    if (!line.starts_with(kCell)) continue;
    const std::size_t name = line.find(' ', kCell.size()) + 1;
    if (line[name] == '$') line.insert(name, 1, '\\');
  }
  return text;
}

/// One question: the mutant against its design in one module.
class Comparison {
 public:
  Comparison(fs::path folder, std::string module, ProofMethod method, microseconds end)
      : folder_(std::move(folder)), module_(std::move(module)), method_(method), end_(end) {}

  [[nodiscard]] bool proves(const Mutant& mutant) const;

 private:
  [[nodiscard]] bool cut(const Mutant& mutant) const;
  [[nodiscard]] bool join() const;
  [[nodiscard]] bool decided() const;
  [[nodiscard]] std::string side(const std::string& name, const std::string& mutate) const;
  [[nodiscard]] seconds left() const { return std::chrono::duration_cast<seconds>(end_ - time_of_tools()); }

  fs::path folder_;
  std::string module_;
  ProofMethod method_;
  microseconds end_;
};

/// Nothing is removed before everything is cut, so that both sides have the same ports.
std::string Comparison::side(const std::string& name, const std::string& mutate) const {
  std::string defines;
  if (method_ == ProofMethod::same_steps) defines = name == "gate" ? "-D SAME_STATE -D MUTANT" : "-D SAME_STATE";
  return fmt::format(
      "design -reset\nread_rtlil design.il\n{mutate}\nrename {module} {name}\nflatten {name}\n"
      "expose {name}/a:systole_observed\n"
      "read_verilog -lib cells.v\nsetundef -zero {name}\n"
      "select -assert-none {name}/t:$*ff* {name}/t:$*latch* %u {name}/t:$dff {name}/t:$adff %u %d\n"
      "techmap -map cut.v {name}\nselect -assert-none {name}/t:$mem* {name}/t:$dff %u {name}/t:$mul %u\n"
      "techmap -autoproc {defines} -map registers.v {name}\nselect -assert-none {name}/t:$adff\n"
      "opt_clean {name}\nselect {name}\nwrite_rtlil -selected {name}.il\nselect -clear\n",
      fmt::arg("mutate", mutate), fmt::arg("module", module_), fmt::arg("name", name), fmt::arg("defines", defines));
}

bool Comparison::cut(const Mutant& mutant) const {
  const std::string script = side("gold", "") + side("gate", "mutate " + mutant.options);
  if (left() < seconds(1) || yosys_error(folder_, script, left())) return false;
  for (const char* const name : {"gold.il", "gate.il"}) {
    const std::string text = read_text(folder_ / name);
    if (!has_one_clock(text) && name == std::string_view("gold.il")) return false;
    base::write_file(folder_ / name, with_public_cuts(text));
  }
  return true;
}

bool Comparison::join() const {
  const char* const cross = method_ == ProofMethod::same_steps ? "-cross" : "";
  if (left() < seconds(1)) return false;
  return !yosys_error(
      folder_,
      fmt::format("read_rtlil gold.il\nread_rtlil gate.il\nread_verilog -lib cells.v\n"
                  "expose -evert gold/t:systole_*\nexpose -evert gate/t:systole_*\n"
                  "miter -equiv {} -flatten gold gate miter\ndelete gold gate\n"
                  "opt -nodffe -nosdff\ntechmap\nopt_clean\naigmap\nwrite_aiger -zinit -symbols miter.aig\n",
                  cross),
      left());
}

bool Comparison::decided() const {
  return left() >= seconds(1) && decide(folder_, "miter.aig", left()).answer == Answer::never;
}

bool Comparison::proves(const Mutant& mutant) const { return cut(mutant) && join() && decided(); }

}  // namespace

std::string_view to_string(ProofMethod method) {
  return method == ProofMethod::same_steps ? "same steps" : "same outputs";
}

std::vector<std::string> modules_around(const std::string& netlist, const std::string& module, const std::string& top) {
  const auto held = instances_of(netlist);
  const auto reaches = [&held, &module, &top](const std::string& without) {
    std::set<std::string> seen{without};
    std::vector<std::string> open;
    if (top != without) open.push_back(top);
    while (!open.empty()) {
      const std::string at = open.back();
      open.pop_back();
      if (!seen.insert(at).second || !held.contains(at)) continue;
      open.insert(open.end(), held.at(at).begin(), held.at(at).end());
    }
    return std::pair(without != module && seen.contains(module), seen.size());
  };
  // The more of the design lies outside a module, the further in it is.
  std::vector<std::pair<std::size_t, std::string>> around;
  for (const auto& [name, cells] : held) {
    const auto [other_way, outside] = reaches(name);
    if (!other_way) around.emplace_back(outside, name);
  }
  std::ranges::sort(around, std::greater{});
  std::vector<std::string> names;
  names.reserve(around.size());
  for (const auto& [outside, name] : around) names.push_back(name);
  return names;
}

std::optional<Proof> prove_equivalent(const MutatedDesign& design, const Mutant& mutant, seconds limit,
                                      std::span<const KeptVariable> observed) {
  const microseconds start = time_of_tools();
  const base::TemporaryFolder folder;
  std::string script = elaborate(design);
  for (const auto& [module, variable] : observed)
    script += fmt::format("setattr -set systole_observed 1 *{}*/w:{}\n", module, variable);
  run_yosys(design.folder, script + fmt::format("write_rtlil {}/design.il\n", folder.path().string()));
  base::write_file(folder / "cells.v", kCutCells);
  base::write_file(folder / "cut.v", kCutMap);
  base::write_file(folder / "registers.v", kRegisterMap);
  const std::string module = rtlil_name(mutant.derived);
  const auto modules = modules_around(read_text(folder / "design.il"), module, rtlil_name(design.top));
  for (const ProofMethod method : {ProofMethod::same_steps, ProofMethod::same_outputs}) {
    for (const std::string& around : modules) {
      const microseconds now = time_of_tools();
      const auto share = (start + limit - now) / 2;  // the first answer most: the mutant's own module is the smallest
      if (share < seconds(1)) continue;
      if (!Comparison(folder.path(), around, method, now + share).proves(mutant)) continue;
      const std::chrono::duration<double> taken = time_of_tools() - start;
      return Proof{method, source_name(around.starts_with('\\') ? around.substr(1) : around), taken.count()};
    }
  }
  return std::nullopt;
}

}  // namespace systole::signoff
