// SPDX-License-Identifier: Apache-2.0
#include "cli/scaffold/text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <set>

namespace systole::scaffold {
namespace {

/// The type of a port of the Verilated class.
std::string port_type(int bits) {
  if (bits <= 8) return "CData";
  if (bits <= 16) return "SData";
  if (bits <= 32) return "IData";
  if (bits <= 64) return "QData";
  return fmt::format("VlWide<{}>", (bits + 31) / 32);
}

/// Names of members, each once.
class Members {
 public:
  std::string add(const std::string& wanted) {
    std::string name;
    for (const char c : wanted) name += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
    if (name.empty() || std::isdigit(static_cast<unsigned char>(name.front())) != 0) name = "p" + name;
    std::string unique = name;
    for (int number = 2; !taken_.insert(unique).second; ++number) unique = fmt::format("{}_{}", name, number);
    return unique;
  }

 private:
  std::set<std::string> taken_{"top",      "bench",  "run",    "clock",    "cannot_run", "most_cycles", "register",
                               "default",  "switch", "new",    "delete",   "int",        "char",        "signed",
                               "unsigned", "float",  "double", "operator", "class"};
};

std::string pin(const Port& port) { return "top." + port.name; }

std::string stream_member(const Stream& s, Members& members) {
  return fmt::format("  systole::{}<{}> {}{{bench, \"{}\", {}{}, {}{}}};  // guessed\n", s.input ? "Source" : "Sink",
                     port_type(s.data.bits), members.add(s.name), s.name, pin(s.valid),
                     s.ready ? ", " + pin(*s.ready) : "", pin(s.data), s.last ? ", &" + pin(*s.last) : "");
}

std::string registers_member(const Axi& one, Members& members) {
  std::string pins;
  for (const Port& port : one.ports) pins += (pins.empty() ? "" : ", ") + pin(port);
  return fmt::format("  systole::AxiLiteMaster<{}> {}{{  // guessed\n      bench, \"{}\",\n      {{{}}}}};\n",
                     port_type(one.ports[2].bits), members.add(one.name), one.name, pins);
}

std::string master_member(const Axi& one, Members& members) {
  const auto pins = [&](std::size_t begin, std::size_t count, std::size_t id) {
    std::string text;
    for (std::size_t i = begin; i < begin + count; ++i) text += (text.empty() ? "" : ", ") + pin(one.ports[i]);
    return one.ports.size() > id ? text + ", &" + pin(one.ports[id]) : text;
  };
  constexpr std::size_t kAr = 0, kR = 6, kAw = 11, kW = 17, kB = 22, kIds = 25, kNoId = ~std::size_t{0};
  constexpr std::size_t kAddress = 2, kData = 8, kStrobes = 20;  // of all
  const std::string words = members.add(one.name + "_words"), data = port_type(one.ports[kData].bits);
  return fmt::format(
      "  systole::Words<systole::sequence::ValueOf<{0}>> {1}{{4096}};  // guessed\n"
      "  systole::AxiMemory<{2}, {0}, {3}> {4}{{  // guessed; {4}.serve() in run()\n"
      "      bench, \"{5}\", {1},\n      {{{6}}},\n      {{{7}}},\n      {{{8}}},\n      {{{9}}},\n      {{{10}}}}};\n",
      data, words, port_type(one.ports[kAddress].bits), port_type(one.ports[kStrobes].bits), members.add(one.name),
      one.name, pins(kAr, kR - kAr, kIds), pins(kR, kAw - kR, kIds + 1), pins(kAw, kW - kAw, kIds + 2),
      pins(kW, kB - kW, kNoId), pins(kB, kIds - kB, kIds + 3));
}

std::string memory_member(const Memory& m, Members& members) {
  const std::string words = members.add(m.name + "_words"), port = members.add(m.name + (m.read ? "_read" : "_write"));
  const std::string enable = m.enable ? fmt::format("{}{}", m.read ? "&" : "", pin(*m.enable)) : "nullptr";
  return fmt::format(
      "  systole::Words<systole::sequence::ValueOf<{0}>> {1}{{std::size_t{{1}} << {2}}};  // guessed\n"
      "  systole::{3}<{4}, {0}> {5}{{bench, \"{6}\", {1}, {7}, {8}, {9}}};  // guessed{10}\n",
      port_type(m.data.bits), words, std::min(m.address.bits, 24), m.read ? "ReadPort" : "WritePort",
      port_type(m.address.bits), port, m.name, enable, pin(m.address), pin(m.data), m.read ? ", latency 1" : "");
}

std::string class_name(std::string top) {
  if (std::isalpha(static_cast<unsigned char>(top.front())) == 0) top = "Dut" + top;
  top.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(top.front())));
  return top + "Adapter";
}

std::string listed(const std::vector<Port>& ports) {
  std::string text;
  for (const Port& port : ports) {
    text += fmt::format("{}{} ({}, {} {})", text.empty() ? "" : ", ", port.name, port.input ? "input" : "output",
                        port.bits, port.bits == 1 ? "bit" : "bits");
  }
  return text;
}

std::string quoted(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += fmt::format(" \"{}\"", word);
  return text;
}

}  // namespace

std::string adapter_text(const Design& design, const Guess& guess) {
  Members names;
  std::string members;
  for (const Stream& one : guess.streams) members += stream_member(one, names);
  for (const Axi& one : guess.registers) members += registers_member(one, names);
  for (const Axi& one : guess.masters) members += master_member(one, names);
  for (const Memory& one : guess.memories) members += memory_member(one, names);
  std::string reset;
  if (guess.reset) {
    reset = fmt::format(", .reset = &site.{}, .reset_active_high = {}", pin(*guess.reset), guess.reset_active_high);
  }
  std::string notes;
  if (!guess.controls.empty()) notes += fmt::format("    // Pins of their own: {}.\n", listed(guess.controls));
  if (!guess.left.empty()) notes += fmt::format("    // Ports that no name explains: {}.\n", listed(guess.left));
  return fmt::format(
      "// {0} under Systole: made by `systole new-dut`. What says \"guessed\" is from names of ports alone; look at "
      "it.\n"
      "#include \"V{0}.h\"\n"
      "#include \"systole/adapter.h\"\n\n"
      "namespace {{\n\n"
      "class {1} final : public systole::AdapterOf<V{0}> {{\n"
      " public:\n"
      "  explicit {1}(Site site)\n"
      "      : AdapterOf(site, {{.clock = &site.{2}{3}}}) {{}}  // guessed\n\n"
      "  /// Why the design cannot run the layer (\"kernel 5x5, this design does 3x3\"), or empty.\n"
      "  std::string cannot_run(const systole::Layer& /*layer*/) const override {{ return {{}}; }}\n\n"
      "  /// One layer, from reset: load run.layer().weights and run.input(), start the design, and hand each value "
      "over with\n"
      "  /// run.output(oc, oh, ow, value). docs/your-rtl.md has the statements that wait.\n"
      "  systole::Task run(systole::LayerRun& /*run*/) override {{\n"
      "{4}"
      "    co_await bench.cycle();\n"
      "  }}\n\n"
      " private:\n"
      "{5}"
      "}};\n\n"
      "}}  // namespace\n\n"
      "SYSTOLE_ADAPTER({1})\n",
      design.top, class_name(design.top), pin(*guess.clock), reset, notes, members);
}

std::string project_text(const std::string& name, const Design& design) {
  std::string optional;
  if (!design.include_dirs.empty()) optional += "\n  INCLUDE_DIRS" + quoted(design.include_dirs);
  if (!design.defines.empty()) optional += "\n  DEFINES" + quoted(design.defines);
  if (!design.params.empty()) optional += "\n  PARAMS" + quoted(design.params);
  return fmt::format(
      "cmake_minimum_required(VERSION 3.25)\n"
      "project({0} LANGUAGES C CXX)\n"
      "find_package(systole REQUIRED)\n"
      "systole_add_dut({0} TOP {1}\n"
      "  SOURCES{2}{3}\n"
      "  ADAPTER adapter.cpp)\n",
      name, design.top, quoted(design.sources), optional);
}

std::string guess_text(const Guess& guess) {
  std::string text = fmt::format("guessed clock: {}\n", guess.clock->name);
  text += guess.reset ? fmt::format("guessed reset: {}, active {}\n", guess.reset->name,
                                    guess.reset_active_high ? "high" : "low")
                      : std::string("no reset found\n");
  for (const Stream& s : guess.streams) {
    text += fmt::format("guessed stream {} {}: {}, {}{}{}\n", s.input ? "in" : "out", s.name, s.valid.name, s.data.name,
                        s.ready ? ", " + s.ready->name : ", no ready", s.last ? ", " + s.last->name : "");
  }
  for (const Axi& one : guess.registers)
    text += fmt::format("guessed AXI4-Lite: {} ... {}\n", one.ports.front().name, one.ports.back().name);
  for (const Axi& one : guess.masters)
    text += fmt::format("guessed AXI4 master: {} ... {}\n", one.ports.front().name, one.ports.back().name);
  for (const Memory& m : guess.memories) {
    text += fmt::format("guessed memory that is {}: {}, {}{}\n", m.read ? "read" : "written", m.address.name,
                        m.data.name, m.enable ? ", " + m.enable->name : "");
  }
  if (!guess.controls.empty()) text += fmt::format("guessed controls: {}\n", listed(guess.controls));
  if (!guess.left.empty()) text += fmt::format("left: {}\n", listed(guess.left));
  return text;
}

}  // namespace systole::scaffold
