// SPDX-License-Identifier: Apache-2.0
#include "cli/scaffold/text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <set>

namespace systole::scaffold {
namespace {

constexpr std::size_t kMostColumns = 100;

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
    std::string name = readable(wanted);
    if (name.empty() || std::isdigit(static_cast<unsigned char>(name.front())) != 0 || is_word(name)) name = "p" + name;
    std::string unique = name;
    for (int number = 2; !taken_.insert(unique).second; ++number) unique = fmt::format("{}_{}", name, number);
    return unique;
  }

 private:
  // Members of the base, and what the scaffold's text names.
  std::set<std::string> taken_{"top",         "bench",       "run",       "clock", "cannot_run", "in_part",
                               "most_cycles", "same_cycles", "Verilated", "Site",  "site",       "layer",
                               "unmet",       "sequence",    "std",       "Layer", "LayerRun",   "Task"};
};

std::string pin(const Port& port) { return "top." + port.name; }

/// A member of the adapter, in lines of at most kMostColumns where its arguments let it; a structure among them starts
/// a line.
std::string declaration(const std::string& type, const std::string& name, const std::vector<std::string>& arguments,
                        const std::string& note) {
  std::string line = fmt::format("  {} {}{{{}}};  // {}\n", type, name, fmt::join(arguments, ", "), note);
  if (line.size() <= kMostColumns + 1) return line;
  std::string text = fmt::format("  {} {}{{  // {}\n", type, name, note);
  std::string current = "     ";
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string item = arguments[i] + (i + 1 < arguments.size() ? "," : "};");
    if (current.size() + 1 + item.size() > kMostColumns || (i > 0 && item.starts_with('{'))) {
      text += current + "\n";
      current = "     ";
    }
    current += " " + item;
  }
  return text + current + "\n";
}

/// `count` pins from `begin`, as a structure of its own among the arguments: they stay together.
void add_pins(std::vector<std::string>& arguments, const std::vector<Port>& ports, std::size_t begin, std::size_t count,
              std::size_t id) {
  const std::size_t first = arguments.size();
  for (std::size_t i = begin; i < begin + count; ++i) arguments.push_back(pin(ports[i]));
  if (ports.size() > id) arguments.push_back("&" + pin(ports[id]));
  arguments[first].insert(0, "{");
  arguments.back() += "}";
}

std::string stream_member(const Stream& s, Members& members) {
  const std::string name = members.add(s.name);
  std::string beat, type = port_type(s.data.bits), data = pin(s.data);
  if (s.keep) {
    type = fmt::format("Pins<{}, {}>", type, port_type(s.keep->bits));
    data = members.add(s.name + "_beat");
    beat = declaration(type, data, {pin(s.data), pin(*s.keep)}, "guessed");
  }
  std::vector<std::string> arguments{"bench", fmt::format("\"{}\"", s.name), pin(s.valid)};
  if (s.ready) arguments.push_back(pin(*s.ready));
  arguments.push_back(data);
  if (s.last) arguments.push_back("&" + pin(*s.last));
  return beat + declaration(fmt::format("{}<{}>", s.input ? "Source" : "Sink", type), name, arguments, "guessed");
}

std::string registers_member(const Axi& one, Members& members) {
  std::vector<std::string> arguments{"bench", fmt::format("\"{}\"", one.name)};
  add_pins(arguments, one.ports, 0, one.ports.size(), one.ports.size());
  return declaration(fmt::format("AxiLiteMaster<{}>", port_type(one.ports[2].bits)), members.add(one.name), arguments,
                     "guessed");
}

std::string master_member(const Axi& one, Members& members) {
  constexpr std::size_t kAr = 0, kR = 6, kAw = 11, kW = 17, kB = 22, kIds = 25, kNoId = ~std::size_t{0};
  constexpr std::size_t kAddress = 2, kData = 8, kStrobes = 20;  // of all
  const std::string words = members.add(one.name + "_words"), name = members.add(one.name),
                    data = port_type(one.ports[kData].bits);
  std::vector<std::string> arguments{"bench", fmt::format("\"{}\"", one.name), words};
  add_pins(arguments, one.ports, kAr, kR - kAr, kIds);
  add_pins(arguments, one.ports, kR, kAw - kR, kIds + 1);
  add_pins(arguments, one.ports, kAw, kW - kAw, kIds + 2);
  add_pins(arguments, one.ports, kW, kB - kW, kNoId);
  add_pins(arguments, one.ports, kB, kIds - kB, kIds + 3);
  return declaration(fmt::format("Words<sequence::ValueOf<{}>>", data), words, {"4096"}, "guessed") +
         declaration(fmt::format("AxiMemory<{}, {}, {}>", port_type(one.ports[kAddress].bits), data,
                                 port_type(one.ports[kStrobes].bits)),
                     name, arguments, fmt::format("guessed; {}.serve() in run()", name));
}

std::string memory_member(const Memory& m, Members& members) {
  const std::string words = members.add(m.name + "_words"), address = port_type(m.address.bits),
                    quoted_name = fmt::format("\"{}\"", m.name);
  std::string text =
      declaration(fmt::format("Words<sequence::ValueOf<{}>>", port_type((m.read ? m.read : m.write)->data.bits)), words,
                  {fmt::format("std::size_t{{1}} << {}", std::min(m.address.bits, 24))}, "guessed");
  if (m.read) {
    text += declaration(fmt::format("ReadPort<{}, {}>", address, port_type(m.read->data.bits)),
                        members.add(m.name + "_read"),
                        {"bench", quoted_name, words, m.read->enable ? "&" + pin(*m.read->enable) : "nullptr",
                         pin(m.address), pin(m.read->data)},
                        "guessed, latency 1");
  }
  if (!m.write) return text;
  std::string type, enable = m.write->enable ? pin(*m.write->enable) : "nullptr";
  std::vector<std::string> lanes;
  if (m.write->lanes) {
    const Port& enables = *m.write->lanes;
    if (m.write->enable) enable = "&" + enable;
    type = ", " + port_type(enables.bits);
    lanes = {"{.enables = " + pin(enables), fmt::format(".count = {}", enables.bits),
             fmt::format(".bits = {}}}", m.write->lane_bits())};
  }
  std::vector<std::string> arguments{"bench", quoted_name, words, enable, pin(m.address), pin(m.write->data)};
  arguments.insert(arguments.end(), lanes.begin(), lanes.end());
  return text + declaration(fmt::format("WritePort<{}, {}{}>", address, port_type(m.write->data.bits), type),
                            members.add(m.name + "_write"), arguments, "guessed");
}

std::string instruction_member(const Port& port, Members& members) {
  return declaration(fmt::format("Source<{}>", port_type(port.bits)), members.add(port.name),
                     {"bench", fmt::format("\"{}\"", readable(port.name)), pin(port), "{.beat = {}}"},
                     "guessed, 0 between words");
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

/// As quoted arguments of CMake.
std::string quoted(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    text += " \"";
    for (const char c : word) {
      if (c == '"' || c == '\\' || c == '$') text += '\\';
      text += c;
    }
    text += '"';
  }
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
  std::string pins = fmt::format(".clock = &site.{}", pin(*guess.clock));
  if (guess.reset) pins += fmt::format(", .reset = &site.{}", pin(*guess.reset));
  if (guess.reset && guess.reset_active_high) pins += ", .reset_active_high = true";
  std::string base = fmt::format("      : AdapterOf(site, {{{}}}) {{}}", pins);
  if (base.size() > kMostColumns) base = fmt::format("      : AdapterOf(site,\n                  {{{}}}) {{}}", pins);
  std::string notes;
  if (!guess.controls.empty()) notes += fmt::format("    // Pins of their own: {}.\n", listed(guess.controls));
  if (!guess.left.empty()) notes += fmt::format("    // Ports that no name explains: {}.\n", listed(guess.left));
  return fmt::format(
      "// {0} under Systole: made by `systole new-dut`. What says \"guessed\" is from names of ports alone.\n"
      "#include \"systole/adapter.h\"\n\n"
      "#include \"V{0}.h\"\n\n"
      "namespace {{\n\n"
      "using namespace systole;\n\n"
      "class {1} final : public AdapterOf<V{0}> {{\n"
      " public:\n"
      "  explicit {1}(Site site)  // guessed\n"
      "{2}\n\n"
      "  /// Why the design cannot run the layer (\"kernel 5x5, this design does 3x3\"), or empty.\n"
      "  std::string cannot_run(const Layer& layer) const override {{\n"
      "    (void)layer;\n"
      "    return unmet({{}});  // {{is_conv2d(layer), {{layer.in_c <= 8, \"takes up to 8 channels\"}}, ...}}\n"
      "  }}\n\n"
      "  /// One layer, from reset: load its weights and run.input(), start the design, and hand each value\n"
      "  /// over with run.output(oc, oh, ow, value). docs/your-rtl.md has the statements that wait.\n"
      "  Task run(LayerRun& run) override {{\n"
      "    const Layer& layer = run.layer();\n"
      "{3}"
      "    (void)layer;\n"
      "    co_await bench.cycle();\n"
      "  }}\n\n"
      " private:\n"
      "{4}"
      "}};\n\n"
      "}}  // namespace\n\n"
      "SYSTOLE_ADAPTER({1})\n",
      design.top, class_name(design.top), base, notes, members);
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
