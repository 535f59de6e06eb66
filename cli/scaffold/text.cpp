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

/// A word of C++ that Verilog takes as a name.
bool is_word(const std::string& name) {
  static const std::set<std::string> words{
      "alignas",   "alignof",    "asm",           "auto",         "bitand",
      "bitor",     "bool",       "catch",         "char",         "class",
      "co_await",  "co_return",  "co_yield",      "compl",        "concept",
      "const",     "const_cast", "consteval",     "constexpr",    "constinit",
      "decltype",  "delete",     "double",        "dynamic_cast", "explicit",
      "export",    "extern",     "false",         "float",        "friend",
      "goto",      "inline",     "int",           "long",         "mutable",
      "namespace", "new",        "noexcept",      "nullptr",      "operator",
      "private",   "protected",  "public",        "register",     "reinterpret_cast",
      "requires",  "short",      "sizeof",        "static",       "static_cast",
      "struct",    "switch",     "template",      "this",         "throw",
      "true",      "try",        "typeid",        "typename",     "union",
      "using",     "virtual",    "void",          "volatile",     "and_eq",
      "not_eq",    "or_eq",      "xor_eq",        "char8_t",      "char16_t",
      "char32_t",  "wchar_t",    "static_assert", "thread_local", "return",
      "signed",    "unsigned",   "default",       "enum",         "typedef",
      "protected"};
  return words.contains(name);
}

/// Names of members, each once.
class Members {
 public:
  std::string add(const std::string& wanted) {
    std::string name;
    for (const char c : wanted) name += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
    if (name.empty() || std::isdigit(static_cast<unsigned char>(name.front())) != 0 || is_word(name)) name = "p" + name;
    std::string unique = name;
    for (int number = 2; !taken_.insert(unique).second; ++number) unique = fmt::format("{}_{}", name, number);
    return unique;
  }

 private:
  std::set<std::string> taken_{"top",     "bench",       "run",       "clock", "cannot_run",
                               "in_part", "most_cycles", "Verilated", "Site"};
};

std::string pin(const Port& port) { return "top." + port.name; }

std::string stream_member(const Stream& s, Members& members) {
  const std::string name = members.add(s.name);
  std::string beat, type = port_type(s.data.bits), data = pin(s.data);
  if (s.keep) {
    type = fmt::format("systole::Pins<{}, {}>", type, port_type(s.keep->bits));
    data = members.add(s.name + "_beat");
    beat = fmt::format("  {} {}{{{}, {}}};  // guessed\n", type, data, pin(s.data), pin(*s.keep));
  }
  return fmt::format("{}  systole::{}<{}> {}{{bench, \"{}\", {}{}, {}{}}};  // guessed\n", beat,
                     s.input ? "Source" : "Sink", type, name, s.name, pin(s.valid), s.ready ? ", " + pin(*s.ready) : "",
                     data, s.last ? ", &" + pin(*s.last) : "");
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
  const std::string words = members.add(m.name + "_words"), address = port_type(m.address.bits);
  std::string text =
      fmt::format("  systole::Words<systole::sequence::ValueOf<{}>> {}{{std::size_t{{1}} << {}}};  // guessed\n",
                  port_type((m.read ? m.read : m.write)->data.bits), words, std::min(m.address.bits, 24));
  if (m.read) {
    text += fmt::format("  systole::ReadPort<{}, {}> {}{{bench, \"{}\", {}, {}, {}, {}}};  // guessed, latency 1\n",
                        address, port_type(m.read->data.bits), members.add(m.name + "_read"), m.name, words,
                        m.read->enable ? "&" + pin(*m.read->enable) : "nullptr", pin(m.address), pin(m.read->data));
  }
  if (!m.write) return text;
  std::string type, lanes, enable = m.write->enable ? pin(*m.write->enable) : "nullptr";
  if (m.write->lanes) {
    const Port& enables = *m.write->lanes;
    if (m.write->enable) enable = "&" + enable;
    type = ", " + port_type(enables.bits);
    lanes =
        fmt::format(", {{.enables = {}, .count = {}, .bits = {}}}", pin(enables), enables.bits, m.write->lane_bits());
  }
  return text + fmt::format("  systole::WritePort<{}, {}{}> {}{{bench, \"{}\", {}, {}, {}, {}{}}};  // guessed\n",
                            address, port_type(m.write->data.bits), type, members.add(m.name + "_write"), m.name, words,
                            enable, pin(m.address), pin(m.write->data), lanes);
}

std::string instruction_member(const Port& port, Members& members) {
  return fmt::format("  systole::Source<{}> {}{{bench, \"{}\", {}, {{.beat = {{}}}}}};  // guessed, 0 between words\n",
                     port_type(port.bits), members.add(port.name), port.name, pin(port));
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
  for (const Port& one : guess.instructions) members += instruction_member(one, names);
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
                        s.ready ? ", " + s.ready->name : ", no ready",
                        (s.last ? ", " + s.last->name : "") + (s.keep ? ", " + s.keep->name : ""));
  }
  for (const Axi& one : guess.registers)
    text += fmt::format("guessed AXI4-Lite: {} ... {}\n", one.ports.front().name, one.ports.back().name);
  for (const Axi& one : guess.masters)
    text += fmt::format("guessed AXI4 master: {} ... {}\n", one.ports.front().name, one.ports.back().name);
  for (const Memory& m : guess.memories) {
    for (const auto& [access, how] : {std::pair(m.read, "read"), std::pair(m.write, "written")}) {
      if (!access) continue;
      text += fmt::format("guessed memory that is {}: {}, {}{}", how, m.address.name, access->data.name,
                          access->enable ? ", " + access->enable->name : "");
      if (access->lanes) text += fmt::format(", {} enables {} bits each", access->lanes->name, access->lane_bits());
      text += "\n";
    }
  }
  if (!guess.instructions.empty()) text += fmt::format("guessed instruction words: {}\n", listed(guess.instructions));
  if (!guess.controls.empty()) text += fmt::format("guessed controls: {}\n", listed(guess.controls));
  if (!guess.left.empty()) text += fmt::format("left: {}\n", listed(guess.left));
  return text;
}

}  // namespace systole::scaffold
