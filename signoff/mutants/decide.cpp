// SPDX-License-Identifier: Apache-2.0
#include "signoff/mutants/decide.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "base/input_error.h"
#include "base/process.h"
#include "signoff/mutants/yosys.h"

namespace systole::signoff {
namespace {

using std::chrono::seconds;

constexpr const char* kExample = "inputs.txt";

/// "n22": a register, whose start yosys-abc writes among the inputs.
bool is_register(const std::string& name) {
  return name.size() > 1 && name.front() == 'n' && name.find_first_not_of("0123456789", 1) == std::string::npos;
}

/// Of lines "a_i[3]@0=1", where a scalar has no index.
std::string read_inputs(const std::filesystem::path& file) {
  std::map<int, std::map<std::string, std::uint64_t>> cycles;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const std::size_t at = line.rfind('@'), equals = line.rfind('=');
    if (line.starts_with('#') || at == std::string::npos || equals == std::string::npos) continue;
    const std::size_t bracket = std::min(line.find('['), at);
    if (is_register(line.substr(0, bracket))) continue;
    const int bit = bracket < at ? std::stoi(line.substr(bracket + 1)) : 0;
    std::uint64_t& value = cycles[std::stoi(line.substr(at + 1))][line.substr(0, bracket)];
    if (line[equals + 1] == '1' && bit < 64) value |= std::uint64_t{1} << bit;
  }
  std::string text;
  for (const auto& [cycle, values] : cycles) {
    text += fmt::format("{}cycle {}:", text.empty() ? "" : "; ", cycle);
    for (const auto& [name, value] : values) text += fmt::format(" {}={:#x}", name, value);
  }
  return text;
}

/// What yosys-abc says to commands on the circuit.
std::string output_of(const std::filesystem::path& folder, const std::string& circuit, const std::string& commands,
                      seconds limit) {
  const std::string all = fmt::format("read_aiger {}; {}", circuit, commands);
  return base::run_process(limited({"yosys-abc", "-c", all}, limit), {.folder = folder, .errors_too = true}).output;
}

Decision ask(const std::filesystem::path& folder, const std::string& circuit, const std::string& commands,
             seconds limit) {
  std::filesystem::remove(folder / kExample);
  const std::string output = output_of(folder, circuit, fmt::format("{}; write_cex -n {}", commands, kExample), limit);
  const auto says = [&output](const char* const text) { return output.find(text) != std::string::npos; };
  const bool never = says("UNSATISFIABLE") || says("Property proved");
  const bool sometimes = says("was asserted") || (!never && says("SATISFIABLE"));
  if (sometimes) return {Answer::sometimes, read_inputs(folder / kExample)};
  return {never ? Answer::never : Answer::unknown, ""};
}

/// Whether the output is never 1 by induction: not in the first frames, and never after kStep frames without. What says
/// how registers belong together is shown at once so, and pdr would list all that it excludes.
bool holds_by_induction(const std::filesystem::path& folder, const std::string& circuit, seconds limit) {
  constexpr int kStep = 4, kFrames = 8;  // frames to begin with, more than steps need
  const std::string step = output_of(folder, circuit, fmt::format("ind -F {} -C 10000", kStep), limit);
  if (step.find("Networks are equivalent") == std::string::npos) return false;
  const std::string start = output_of(folder, circuit, fmt::format("bmc3 -F {}", kFrames), limit);
  return start.find(fmt::format("No output asserted in {} frames", kFrames)) != std::string::npos;
}

/// By its header: "aig" with the numbers of variables, inputs, registers, outputs and gates. What pdr and induction are
/// asked has registers; whether those of a design are left depends on how much Yosys simplifies.
bool has_registers(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::string format;
  std::uint64_t variables = 0, inputs = 0, registers = 0;
  if (!(in >> format >> variables >> inputs >> registers) || format != "aig")
    throw base::InputError(file.string(), "", "expected a binary AIGER file");
  return registers != 0;
}

}  // namespace

void require_abc() {
  if (!base::run_process({"yosys-abc", "-c", "quit"}).succeeded)
    throw base::InputError("yosys-abc", "", "does not run; apt-get install yosys");
}

/// With registers differences show quickly, to random inputs or the search, so they are looked for before equal signals
/// are merged.
Decision decide(const std::filesystem::path& folder, const std::string& circuit, seconds limit) {
  require_abc();
  if (!has_registers(folder / circuit)) return ask(folder, circuit, "iprove", limit);
  const seconds first = std::min(limit, seconds(5));
  if (holds_by_induction(folder, circuit, first)) return {Answer::never, ""};
  Decision quick = ask(folder, circuit, "sim3 -F 16 -W 16 -R 20 -T 2; pdr", first);
  if (quick.answer != Answer::unknown || limit <= first) return quick;
  // Merged, it is small enough to search far from reset. What is then left may be without registers, of which a newer
  // pdr says nothing.
  constexpr const char* kMerged = "merged.aig";
  std::filesystem::remove(folder / kMerged);
  Decision far =
      ask(folder, circuit, fmt::format("scorr; write_aiger -s {}; bmc3 -F 60 -T 10", kMerged), limit - first);
  if (far.answer == Answer::sometimes || !std::filesystem::exists(folder / kMerged)) return far;
  return ask(folder, kMerged, has_registers(folder / kMerged) ? "pdr" : "iprove", limit - first);
}

bool has_one_clock(const std::string& netlist) {
  std::set<std::string> clocks, inputs;
  std::istringstream lines(netlist);
  bool in_clock = false;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string keyword, name;
    words >> keyword >> name;
    if (keyword == "cell") in_clock = name == "\\systole_clock";
    if (keyword == "connect" && in_clock && name == "\\A") clocks.insert(line.substr(line.find("\\A ") + 3));
    if (keyword == "end") in_clock = false;
    if (keyword == "wire" && line.find(" input ") != std::string::npos) inputs.insert(line.substr(line.rfind(' ') + 1));
  }
  return clocks.empty() || (clocks.size() == 1 && inputs.contains(*clocks.begin()));
}

}  // namespace systole::signoff
