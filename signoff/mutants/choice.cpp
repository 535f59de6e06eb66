// SPDX-License-Identifier: Apache-2.0
#include "signoff/mutants/choice.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <tuple>
#include <utility>

#include "base/sha256.h"
#include "base/temporary_folder.h"
#include "signoff/mutants/yosys.h"

namespace systole::signoff {
namespace {

namespace fs = std::filesystem;

/// Texts of source lines without the blanks around them; a file is read once.
class SourceText {
 public:
  explicit SourceText(fs::path folder) : folder_(std::move(folder)) {}

  /// Of the mutant's statement, or empty: the last that Yosys names is of it, those before are of declarations.
  const std::string& of(const Mutant& mutant) {
    static const std::string kNone;
    if (mutant.sources.empty()) return kNone;
    const std::vector<std::string>& lines = file(mutant.sources.back().file);
    const auto line = static_cast<std::size_t>(mutant.sources.back().first);
    return line <= lines.size() ? lines[line - 1] : kNone;
  }

 private:
  const std::vector<std::string>& file(const std::string& name) {
    const auto [found, fresh] = files_.try_emplace(name);
    if (!fresh) return found->second;
    std::ifstream in(folder_ / name);
    for (std::string text; std::getline(in, text);) {
      const std::size_t first = text.find_first_not_of(" \t"), last = text.find_last_not_of(" \t\r");
      found->second.push_back(first == std::string::npos ? "" : text.substr(first, last - first + 1));
    }
    return found->second;
  }

  fs::path folder_;
  std::map<std::string, std::vector<std::string>> files_;
};

/// A cell's name without the number that Yosys gives it, "$procdff" of "$procdff$2081", and that number.
std::pair<std::string, long> kind_of(const std::string& cell) {
  if (!cell.starts_with('$')) return {cell, 0};
  const std::size_t last = cell.rfind('$');
  return {cell.substr(0, cell.find('$', 1)), last == 0 ? 0 : std::atol(cell.c_str() + last + 1)};
}

/// Names one port of one cell.
auto port_of(const Mutant& mutant) { return std::tuple(mutant.derived, mutant.cell, mutant.port); }

/// The first eight bytes of the hash.
std::uint64_t hash_of(unsigned seed, const std::string& text) {
  return std::stoull(base::sha256_of(fmt::format("{} {}", seed, text)).substr(0, 16), nullptr, 16);
}

std::string identity(const Mutant& mutant, const std::string& line) {
  std::string text = fmt::format("{} {}", mutant.module, mutant.mode);
  const std::string wire = mutant.wire.empty() ? std::string() : " of " + mutant.wire;
  text += fmt::format(" {}[{}]{}", mutant.port, mutant.bit, wire);
  if (mutant.control) text += fmt::format(" by bit {}", *mutant.control);
  return line.empty() ? text : fmt::format("{} at '{}'", text, line);
}

/// A mutant and what orders it.
struct Ranked {
  Mutant mutant;
  std::string group;       ///< mutants of one wire in one line of one module
  std::uint64_t hash = 0;  ///< of its identity and of how many the same come before
  std::size_t round = 0;   ///< its place in its group
};

constexpr int kAll = 100'000'000;  // more than any design has

/// Values of the parameters of each module of RTLIL text, by the name that Yosys has given it. Whether a number was
/// written with a sign is part of such a name, and no matter.
std::map<std::string, std::vector<std::string>> parameters_of(const fs::path& netlist) {
  constexpr std::string_view kModule = "module \\", kDerived = "module $", kParameter = "  parameter ";
  std::map<std::string, std::vector<std::string>> parameters;
  std::ifstream in(netlist);
  std::string module;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(kModule)) module = line.substr(kModule.size());
    if (line.starts_with(kDerived)) module = line.substr(kDerived.size() - 1);
    if (line.starts_with(kParameter)) parameters[module].push_back(line.substr(line.find('\\')));
  }
  return parameters;
}

/// One bit of one port of all cells of a module, as mutants "inv" in the order of the source.
struct SameBits {
  std::vector<std::string> parameters;
  std::vector<Mutant> mutants;
};

/// For each module that the source names as the mutant's.
std::map<std::string, SameBits> same_bits(const MutatedDesign& design, const Mutant& mutant) {
  const base::TemporaryFolder folder;
  const fs::path list = folder.path() / "list.txt", netlist = folder.path() / "design.il";
  run_yosys(design.folder,
            elaborate(design) + fmt::format("write_rtlil {}\nmutate -list {} -mode inv -port {} -portbit {} -o {}\n",
                                            netlist.string(), kAll, mutant.port, mutant.bit, list.string()));
  auto parameters = parameters_of(netlist);
  std::map<std::string, SameBits> modules;
  for (Mutant& one : read_mutants(list)) {
    if (one.module != mutant.module) continue;
    SameBits& bits = modules[one.derived];
    bits.parameters = parameters[one.derived];
    bits.mutants.push_back(std::move(one));
  }
  for (auto& [name, bits] : modules)
    std::ranges::stable_sort(bits.mutants, {}, [](const Mutant& one) { return kind_of(one.cell).second; });
  return modules;
}

/// What a cell is, wherever its design lies.
std::string description_of(const Mutant& mutant) {
  std::string text = kind_of(mutant.cell).first;
  for (const SourceLines& lines : mutant.sources)
    text += fmt::format(" {} {} {}", fs::path(lines.file).filename().string(), lines.first, lines.last);
  return text;
}

/// Instances of a module and turns of a loop have mutants of one identity: those are told apart by their order, which
/// is that of the source.
std::vector<Ranked> ranked(std::vector<Mutant> mutants, SourceText& source, unsigned seed) {
  std::ranges::stable_sort(
      mutants, {}, [](const Mutant& mutant) { return std::tuple(mutant.derived, kind_of(mutant.cell).second); });
  std::map<std::string, int> same;
  std::vector<Ranked> all;
  for (Mutant& mutant : mutants) {
    const std::string& line = source.of(mutant);
    const std::string name = fmt::format("{} {}", kind_of(mutant.cell).first, identity(mutant, line));
    const std::uint64_t hash = hash_of(seed, fmt::format("{} {}", name, same[name]++));
    std::string group = fmt::format("{} {} {}", mutant.module, mutant.wire, line);
    all.push_back({.mutant = std::move(mutant), .group = std::move(group), .hash = hash});
  }
  return all;
}

/// Names "NAME" of the lines "MODULE/NAME" in a file.
std::set<std::string> read_ports(const fs::path& file) {
  std::set<std::string> ports;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) ports.insert(line.substr(line.find('/') + 1));
  return ports;
}

}  // namespace

std::string identity(const Mutant& mutant, const fs::path& folder) {
  return identity(mutant, SourceText(folder).of(mutant));
}

std::vector<Mutant> all_modes(const std::vector<Mutant>& inverted, const fs::path& folder, unsigned seed) {
  SourceText source(folder);
  std::map<std::tuple<std::string, std::string, std::string>, std::size_t> widths;
  for (const Mutant& mutant : inverted) ++widths[port_of(mutant)];
  std::vector<Mutant> all;
  for (const Mutant& inv : inverted) {
    const std::string& line = source.of(inv);
    if (line.empty()) continue;
    const std::size_t width = widths[port_of(inv)];
    for (const char* const mode : {"inv", "const0", "const1", "cnot0", "cnot1"}) {
      Mutant mutant = inv;
      mutant.mode = mode;
      mutant.options.replace(mutant.options.find("-mode inv"), 9, fmt::format("-mode {}", mode));
      if (mutant.mode.starts_with("cnot")) {
        if (width < 2) continue;
        mutant.control = (inv.bit + 1 + hash_of(seed, identity(mutant, line)) % (width - 1)) % width;
        mutant.options += fmt::format(" -ctrlbit {}", *mutant.control);
      }
      all.push_back(std::move(mutant));
    }
  }
  return all;
}

std::vector<Mutant> in_order(std::vector<Mutant> mutants, const fs::path& folder, unsigned seed) {
  SourceText source(folder);
  std::vector<Ranked> all = ranked(std::move(mutants), source, seed);
  std::ranges::sort(all, {}, [](const Ranked& one) { return std::tie(one.group, one.hash); });
  for (std::size_t i = 1; i < all.size(); ++i) {
    if (all[i].group == all[i - 1].group) all[i].round = all[i - 1].round + 1;
  }
  std::ranges::sort(all, {}, [](const Ranked& one) { return std::tie(one.mutant.module, one.round, one.hash); });

  std::map<std::string, std::size_t> sizes, seen;
  for (const Ranked& one : all) ++sizes[one.mutant.module];
  std::vector<std::pair<double, std::size_t>> order;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string& module = all[i].mutant.module;
    order.emplace_back((static_cast<double>(seen[module]++) + 0.5) / std::sqrt(sizes[module]), i);
  }
  std::ranges::sort(order);
  std::vector<Mutant> result;
  for (const auto& [share, i] : order) result.push_back(std::move(all[i].mutant));
  return result;
}

std::vector<Mutant> choose_mutants(const MutatedDesign& design, std::size_t count, unsigned seed) {
  const base::TemporaryFolder folder;
  const fs::path list = folder.path() / "list.txt", ports = folder.path() / "ports.txt";
  run_yosys(design.folder, elaborate(design) + fmt::format("select -write {} {}/o:*\nmutate -list {} -o {}\n",
                                                           ports.string(), design.top, kAll, list.string()));
  std::vector<Mutant> mutants = read_mutants(list);
  std::erase_if(mutants,
                [](const Mutant& m) { return m.mode != "inv" || (m.cell.starts_with("$memrd") && m.port == "EN"); });
  mutants = all_modes(mutants, design.folder, seed);
  const std::set<std::string> outputs = read_ports(ports);
  std::erase_if(mutants, [&](const Mutant& m) {
    return m.module == design.top && m.mode.starts_with("cnot") && outputs.contains(m.wire);
  });
  mutants = in_order(std::move(mutants), design.folder, seed);
  if (mutants.size() > count) mutants.resize(count);
  return mutants;
}

std::optional<Mutant> same_mutant(const MutatedDesign& design, const Mutant& mutant, const MutatedDesign& other) {
  const SameBits here = same_bits(design, mutant)[mutant.derived];
  const auto cell = std::ranges::find(here.mutants, mutant.cell, &Mutant::cell);
  if (cell == here.mutants.end()) return std::nullopt;
  for (const auto& [name, there] : same_bits(other, mutant)) {
    if (there.parameters != here.parameters ||
        !std::ranges::equal(here.mutants, there.mutants, {}, description_of, description_of))
      continue;
    Mutant same = there.mutants[static_cast<std::size_t>(cell - here.mutants.begin())];
    same.mode = mutant.mode;
    same.control = mutant.control;
    same.options.replace(same.options.find("-mode inv"), 9, "-mode " + mutant.mode);
    if (mutant.control) same.options += fmt::format(" -ctrlbit {}", *mutant.control);
    return same;
  }
  return std::nullopt;
}

}  // namespace systole::signoff
