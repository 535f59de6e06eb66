// SPDX-License-Identifier: Apache-2.0
#include "debug/word_netlist.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "base/output_file.h"
#include "base/process.h"
#include "base/temporary_folder.h"

namespace systole::debug {

using Json = nlohmann::json;

namespace {

constexpr std::size_t kAlias = ~std::size_t{0};  ///< in place of a cell's kind, while modules are put together

/// A cell that is not known here.
struct UnknownCell : std::runtime_error {
  using std::runtime_error::runtime_error;
};

const std::map<std::string, Op>& ops() {
  static const std::map<std::string, Op> table{{"$pos", Op::buffer},
                                               {"$not", Op::invert},
                                               {"$_NOT_", Op::invert},
                                               {"$and", Op::bit_and},
                                               {"$or", Op::bit_or},
                                               {"$xor", Op::bit_xor},
                                               {"$xnor", Op::bit_xnor},
                                               {"$_XOR_", Op::bit_xor},
                                               {"$_XNOR_", Op::bit_xnor},
                                               {"$neg", Op::negate},
                                               {"$add", Op::add},
                                               {"$sub", Op::sub},
                                               {"$mul", Op::mul},
                                               {"$eq", Op::eq},
                                               {"$eqx", Op::eq},
                                               {"$ne", Op::ne},
                                               {"$nex", Op::ne},
                                               {"$lt", Op::lt},
                                               {"$le", Op::le},
                                               {"$gt", Op::gt},
                                               {"$ge", Op::ge},
                                               {"$shl", Op::shift_left},
                                               {"$sshl", Op::shift_left},
                                               {"$shr", Op::shift_right},
                                               {"$sshr", Op::shift_right_signed},
                                               {"$shift", Op::shift_index},
                                               {"$shiftx", Op::shift_index},
                                               {"$reduce_and", Op::reduce_and},
                                               {"$reduce_or", Op::reduce_or},
                                               {"$reduce_bool", Op::reduce_or},
                                               {"$reduce_xor", Op::reduce_xor},
                                               {"$reduce_xnor", Op::reduce_xnor},
                                               {"$logic_not", Op::logic_not},
                                               {"$logic_and", Op::logic_and},
                                               {"$logic_or", Op::logic_or},
                                               {"$mux", Op::mux},
                                               {"$pmux", Op::priority_mux},
                                               {"$memrd", Op::mem_read},
                                               {"$memrd_v2", Op::mem_read},
                                               {"$memwr", Op::mem_write},
                                               {"$memwr_v2", Op::mem_write},
                                               {"$dff", Op::reg},
                                               {"$adff", Op::reg}};
  return table;
}

std::string plain(std::string name) {
  if (name.starts_with('\\')) name.erase(0, 1);
  return name;
}

/// The source's name of a module to which Yosys has given parameters.
std::string module_name(const std::string& name, const Json& module) {
  const auto& attributes = module["attributes"];
  if (attributes.contains("hdlname")) return plain(attributes["hdlname"].get<std::string>());
  return name;
}

bool flag(const Json& cell, const char* parameter) {
  const auto& parameters = cell["parameters"];
  const auto at = parameters.find(parameter);
  return at != parameters.end() && at->get<std::string>().ends_with('1');
}

/// "rtl/skew.v:22.26-22.29|...": the narrowest first.
std::vector<SourceRange> ranges_of(const Json& item) {
  std::vector<SourceRange> ranges;
  const auto& attributes = item["attributes"];
  if (!attributes.contains("src")) return ranges;
  std::istringstream parts(attributes["src"].get<std::string>());
  for (std::string part; std::getline(parts, part, '|');) {
    const std::size_t colon = part.rfind(':'), dash = part.find('-', colon);
    if (colon == std::string::npos || dash == std::string::npos) continue;
    const SourceRange range{part.substr(0, colon), std::stoi(part.substr(colon + 1)), std::stoi(part.substr(dash + 1))};
    if (range.first > 0) ranges.push_back(range);
  }
  std::ranges::stable_sort(ranges, {}, [](const SourceRange& r) { return r.last - r.first; });
  return ranges;
}

std::uint64_t number(const std::uint8_t* bits, std::size_t count, bool is_signed) {
  std::uint64_t value = 0;
  const std::size_t taken = std::min<std::size_t>(count, 64);
  for (std::size_t i = 0; i < taken; ++i) value |= std::uint64_t{bits[i]} << i;
  if (is_signed && taken > 0 && taken < 64 && bits[taken - 1] != 0) value |= ~std::uint64_t{0} << taken;
  return value;
}

bool any(const std::uint8_t* bits, std::size_t count) {
  return std::any_of(bits, bits + count, [](std::uint8_t bit) { return bit != 0; });
}

void check_width(const Cell& cell) {
  const bool number = (cell.op >= Op::negate && cell.op <= Op::mul) || (cell.op >= Op::lt && cell.op <= Op::ge);
  const std::size_t most = number ? WordNetlist::kMostOfNumber : WordNetlist::kMostBits;
  const bool wide = std::ranges::any_of(cell.in, [most](const auto& port) { return port.size() > most; });
  if (wide || cell.y.size() > WordNetlist::kMostBits) throw UnknownCell("a cell that is too wide");
}

}  // namespace

void evaluate(const Cell& cell, const std::uint8_t* a, const std::uint8_t* b, const std::uint8_t* s, std::uint8_t* y) {
  const std::size_t na = cell.in[kA].size(), nb = cell.in[kB].size(), n = cell.y.size();
  const bool both = cell.a_signed && cell.b_signed;
  const auto bit = [](const std::uint8_t* bits, std::size_t count, std::size_t i, bool is_signed) -> std::uint8_t {
    if (i < count) return bits[i];
    return is_signed && count > 0 ? bits[count - 1] : std::uint8_t{0};
  };
  const auto put = [&](std::uint64_t value) {
    for (std::size_t i = 0; i < n; ++i) y[i] = i < 64 ? static_cast<std::uint8_t>(value >> i & 1U) : std::uint8_t{0};
  };
  const auto put_bit = [&](bool value) {
    std::fill(y, y + n, std::uint8_t{0});
    if (n > 0) y[0] = value ? 1 : 0;
  };
  switch (cell.op) {
    case Op::buffer:
    case Op::reg:
      for (std::size_t i = 0; i < n; ++i) y[i] = bit(a, na, i, cell.a_signed);
      return;
    case Op::invert:
      for (std::size_t i = 0; i < n; ++i) y[i] = bit(a, na, i, cell.a_signed) ^ 1U;
      return;
    case Op::bit_and:
      for (std::size_t i = 0; i < n; ++i) y[i] = bit(a, na, i, both) & bit(b, nb, i, both);
      return;
    case Op::bit_or:
      for (std::size_t i = 0; i < n; ++i) y[i] = bit(a, na, i, both) | bit(b, nb, i, both);
      return;
    case Op::bit_xor:
      for (std::size_t i = 0; i < n; ++i) y[i] = bit(a, na, i, both) ^ bit(b, nb, i, both);
      return;
    case Op::bit_xnor:
      for (std::size_t i = 0; i < n; ++i) y[i] = bit(a, na, i, both) ^ bit(b, nb, i, both) ^ 1U;
      return;
    case Op::negate:
      return put(~number(a, na, cell.a_signed) + 1);
    case Op::add:
      return put(number(a, na, both) + number(b, nb, both));
    case Op::sub:
      return put(number(a, na, both) - number(b, nb, both));
    case Op::mul:
      return put(number(a, na, both) * number(b, nb, both));
    case Op::eq:
    case Op::ne: {
      bool equal = true;
      for (std::size_t i = 0; i < std::max(na, nb); ++i) equal &= bit(a, na, i, both) == bit(b, nb, i, both);
      return put_bit(equal == (cell.op == Op::eq));
    }
    case Op::lt:
    case Op::le:
    case Op::gt:
    case Op::ge: {
      const std::uint64_t x = number(a, na, both), z = number(b, nb, both);
      const bool less = both ? static_cast<std::int64_t>(x) < static_cast<std::int64_t>(z) : x < z;
      const bool equal = x == z;
      if (cell.op == Op::lt) return put_bit(less);
      if (cell.op == Op::le) return put_bit(less || equal);
      if (cell.op == Op::gt) return put_bit(!less && !equal);
      return put_bit(!less);
    }
    case Op::shift_left:
    case Op::shift_right:
    case Op::shift_right_signed: {
      const std::uint64_t by = number(b, nb, false);
      const bool sign = cell.op == Op::shift_right_signed && cell.a_signed;
      for (std::size_t i = 0; i < n; ++i) {
        if (cell.op == Op::shift_left) {
          y[i] = by > i ? std::uint8_t{0} : bit(a, na, i - by, cell.a_signed);
        } else {
          const bool extended = sign || (cell.a_signed && i + by < n);
          y[i] = by > na + n ? (sign ? bit(a, na, na, true) : std::uint8_t{0}) : bit(a, na, i + by, extended);
        }
      }
      return;
    }
    case Op::shift_index: {
      const auto by = static_cast<std::int64_t>(number(b, nb, cell.b_signed));
      for (std::size_t i = 0; i < n; ++i) {
        const std::int64_t from = static_cast<std::int64_t>(i) + by;
        y[i] = from < 0 || from >= static_cast<std::int64_t>(na) ? std::uint8_t{0} : a[from];
      }
      return;
    }
    case Op::reduce_and:
      return put_bit(std::all_of(a, a + na, [](std::uint8_t one) { return one != 0; }));
    case Op::reduce_or:
      return put_bit(any(a, na));
    case Op::reduce_xor:
    case Op::reduce_xnor: {
      unsigned parity = cell.op == Op::reduce_xnor ? 1U : 0U;
      for (std::size_t i = 0; i < na; ++i) parity ^= a[i];
      return put_bit(parity != 0);
    }
    case Op::logic_not:
      return put_bit(!any(a, na));
    case Op::logic_and:
      return put_bit(any(a, na) && any(b, nb));
    case Op::logic_or:
      return put_bit(any(a, na) || any(b, nb));
    case Op::mux:
      std::copy_n(s[0] != 0 ? b : a, n, y);
      return;
    case Op::priority_mux: {
      std::copy_n(a, n, y);
      for (std::size_t i = 0; i < cell.in[kS].size(); ++i) {
        if (s[i] != 0) std::copy_n(b + i * n, n, y);
      }
      return;
    }
    case Op::mem_read:
    case Op::mem_write:
      return;
  }
}

/// Makes one graph of the modules.
class Elaboration {
 public:
  Elaboration(const Json& modules, WordNetlist& netlist) : modules_(modules), netlist_(netlist) {}

  void add(const std::string& name, const std::string& path, const std::map<std::string, std::vector<int>>* ports);

 private:
  using Nets = std::map<int, int>;  ///< of one instance: from those of its module
  std::vector<int> nets_of(const Json& bits, Nets& nets);
  void add_cell(const std::string& module, const std::string& name, const Json& cell, const std::string& path,
                Nets& nets);
  void add_instance(const std::string& module, const std::string& name, const Json& cell, const std::string& path,
                    Nets& nets);
  void name_kinds(const std::string& name, const Json& module);
  std::size_t kind_of(const std::string& module, const std::string& name, Op op, const Json& cell);
  std::size_t add_to(std::size_t kind, Cell cell);

  const Json& modules_;
  WordNetlist& netlist_;
  std::map<std::string, std::size_t> kinds_;
  std::set<std::string> named_;
  std::map<std::string, int> memories_;
  int instance_ = 0, instances_ = 0;
};

std::vector<int> Elaboration::nets_of(const Json& bits, Nets& nets) {
  std::vector<int> result;
  result.reserve(bits.size());
  for (const Json& bit : bits) {
    if (bit.is_string()) {
      result.push_back(bit.get_ref<const std::string&>() == "1" ? WordNetlist::kOne : WordNetlist::kZero);
      continue;
    }
    const auto [at, added] = nets.try_emplace(bit.get<int>(), netlist_.nets_);
    if (added) ++netlist_.nets_;
    result.push_back(at->second);
  }
  return result;
}

std::size_t Elaboration::kind_of(const std::string& module, const std::string& name, Op op, const Json& cell) {
  const auto [at, added] = kinds_.try_emplace(module + "/" + name, netlist_.kinds_.size());
  if (added) {
    netlist_.kinds_.push_back({.op = op,
                               .module = module_name(module, modules_[module]),
                               .name = name,
                               .port = {},
                               .child = {},
                               .net = {},
                               .source = ranges_of(cell),
                               .cells = {}});
  }
  return at->second;
}

std::size_t Elaboration::add_to(std::size_t kind, Cell cell) {
  cell.kind = kind;
  cell.instance = instance_;
  netlist_.cells_.push_back(std::move(cell));
  return netlist_.cells_.size() - 1;
}

void Elaboration::add_cell(const std::string& module, const std::string& name, const Json& cell,
                           const std::string& path, Nets& nets) {
  const auto op = ops().find(cell["type"].get<std::string>());
  if (op == ops().end()) throw UnknownCell(cell["type"].get<std::string>());
  const Json& connections = cell["connections"];
  const auto port = [&](const char* wanted) {
    return connections.contains(wanted) ? nets_of(connections[wanted], nets) : std::vector<int>();
  };
  Cell made;
  made.op = op->second;
  made.a_signed = flag(cell, "A_SIGNED");
  made.b_signed = flag(cell, "B_SIGNED");
  switch (made.op) {
    case Op::reg:
      made.in[kA] = port("D");
      made.y = port("Q");
      break;
    case Op::mem_read:
      if (flag(cell, "CLK_ENABLE")) throw UnknownCell("a memory that is read at an edge");
      made.in[kA] = port("ADDR");
      made.y = port("DATA");
      break;
    case Op::mem_write:
      made.in = {port("ADDR"), port("DATA"), port("EN")};
      break;
    default:
      made.in = {port("A"), port("B"), port("S")};
      made.y = port("Y");
  }
  check_width(made);
  if (made.op == Op::mem_read || made.op == Op::mem_write)
    made.memory = memories_.at(path + plain(cell["parameters"]["MEMID"].get<std::string>()));
  const std::size_t kind = kind_of(module, name, made.op, cell);
  add_to(kind, std::move(made));
}

void Elaboration::add_instance(const std::string& module, const std::string& name, const Json& cell,
                               const std::string& path, Nets& nets) {
  const std::string type = cell["type"];
  const Json& child = modules_.at(type);
  std::map<std::string, std::vector<int>> ports;
  for (const auto& [port, bits] : cell["connections"].items()) {
    const std::vector<int> outside = nets_of(bits, nets);
    std::vector<int>& inside = ports[port];
    for (std::size_t i = 0; i < outside.size(); ++i) inside.push_back(netlist_.nets_++);
    const bool input = child["ports"][port]["direction"] == "input";
    Cell buffer;
    buffer.in[kA] = input ? outside : inside;
    buffer.y = input ? inside : outside;
    const std::size_t kind = kind_of(module, fmt::format("{}.{}", name, port), Op::buffer, cell);
    netlist_.kinds_[kind].port = port;
    netlist_.kinds_[kind].child = module_name(type, child);
    check_width(buffer);
    add_to(kind, std::move(buffer));
  }
  add(type, path + name + ".", &ports);
}

void Elaboration::add(const std::string& name, const std::string& path,
                      const std::map<std::string, std::vector<int>>* ports) {
  const Json& module = modules_.at(name);
  const int outer = std::exchange(instance_, instances_++);
  Nets nets;
  for (const auto& [port, description] : module["ports"].items()) {
    if (ports == nullptr || !ports->contains(port)) continue;
    const Json& bits = description["bits"];
    const std::vector<int>& given = ports->at(port);
    const bool input = description["direction"] == "input";
    for (std::size_t i = 0; i < bits.size() && i < given.size(); ++i) {
      if (input) {
        nets[bits[i].get<int>()] = given[i];
        continue;
      }
      // A net may stand at several output ports, or be an input or a constant.
      const std::vector<int> inside = nets_of(Json::array({bits[i]}), nets);
      Cell alias;
      alias.in[kA] = inside;
      alias.y = {given[i]};
      alias.kind = kAlias;
      netlist_.cells_.push_back(std::move(alias));
    }
  }
  if (module.contains("memories")) {
    for (const auto& [memory, description] : module["memories"].items()) {
      memories_[path + memory] = static_cast<int>(netlist_.memories_.size());
      netlist_.memories_.push_back({path + memory, description["width"], description["size"]});
    }
  }
  for (const auto& [cell, description] : module["cells"].items()) {
    const auto& type = description["type"].get_ref<const std::string&>();
    const bool instance = modules_.contains(type);
    if (instance)
      add_instance(name, cell, description, path, nets);
    else
      add_cell(name, cell, description, path, nets);
  }
  for (const auto& [net, description] : module["netnames"].items()) {
    if (description.value("hide_name", 0) != 0) continue;
    netlist_.instance_signals_.resize(static_cast<std::size_t>(instances_));
    netlist_.signals_[path + net] = nets_of(description["bits"], nets);
    netlist_.instance_signals_[static_cast<std::size_t>(instance_)][net] = netlist_.signals_[path + net];
  }
  name_kinds(name, module);
  instance_ = outer;
}

/// The name in the source of what a cell drives: "x" also of "$0\x[3:0]", which a process makes for x.
void Elaboration::name_kinds(const std::string& name, const Json& module) {
  if (!named_.insert(name).second) return;
  std::map<int, std::string> names;
  for (const bool hidden : {true, false}) {
    for (const auto& [net, description] : module["netnames"].items()) {
      if ((description.value("hide_name", 0) != 0) != hidden) continue;
      const std::size_t slash = net.find('\\');
      if (hidden && slash == std::string::npos) continue;
      const std::string plain_name = hidden ? net.substr(slash + 1, net.rfind('[') - slash - 1) : net;
      if (plain_name.find('$') != std::string::npos) continue;
      for (const Json& bit : description["bits"]) {
        if (bit.is_number()) names[bit.get<int>()] = plain_name;
      }
    }
  }
  for (const auto& [cell, description] : module["cells"].items()) {
    const auto kind = kinds_.find(fmt::format("{}/{}", name, cell));
    if (kind == kinds_.end()) continue;
    for (const char* const port : {"Y", "Q", "DATA"}) {
      const Json& connections = description["connections"];
      if (!connections.contains(port)) continue;
      for (const Json& bit : connections[port]) {
        if (!bit.is_number()) continue;
        const auto found = names.find(bit.get<int>());
        if (found != names.end()) netlist_.kinds_[kind->second].net = found->second;
      }
    }
    if (netlist_.kinds_[kind->second].op == Op::mem_write)
      netlist_.kinds_[kind->second].net = plain(description["parameters"]["MEMID"].get<std::string>());
  }
}

/// A net that stands at an output port of a module is that of the instance's port: aliases go.
void WordNetlist::merge_aliases() {
  std::vector<int> same(static_cast<std::size_t>(nets_));
  std::iota(same.begin(), same.end(), 0);
  for (const Cell& cell : cells_) {
    if (cell.kind == kAlias) same[static_cast<std::size_t>(cell.y[0])] = cell.in[kA][0];
  }
  std::erase_if(cells_, [](const Cell& cell) { return cell.kind == kAlias; });
  const auto merge = [&same](std::vector<int>& nets) {
    for (int& net : nets) {
      while (same[static_cast<std::size_t>(net)] != net) net = same[static_cast<std::size_t>(net)];
    }
  };
  for (Cell& cell : cells_) {
    for (auto& port : cell.in) merge(port);
    merge(cell.y);
  }
  for (auto& [path, nets] : signals_) merge(nets);
  for (auto& signals : instance_signals_) {
    for (auto& [name, nets] : signals) merge(nets);
  }
}

/// Depth first, without recursion; what takes effect at an edge comes last.
void WordNetlist::sort() {
  enum class Mark : std::uint8_t { none, open, done };
  const auto at_edge = [](const Cell& cell) { return cell.op == Op::reg || cell.op == Op::mem_write; };
  std::vector<std::size_t> order;
  std::vector<Mark> marks(cells_.size(), Mark::none);
  struct Visit {
    std::size_t cell = 0;
    std::vector<int> inputs;
  };
  std::vector<Visit> stack;
  const auto visit = [&](std::size_t cell) {
    marks[cell] = Mark::open;
    Visit& top = stack.emplace_back(Visit{cell, {}});
    for (const auto& port : cells_[cell].in) top.inputs.insert(top.inputs.end(), port.begin(), port.end());
  };
  for (std::size_t start = 0; start < cells_.size(); ++start) {
    if (marks[start] == Mark::none && !at_edge(cells_[start])) visit(start);
    while (!stack.empty()) {
      if (stack.back().inputs.empty()) {
        order.push_back(stack.back().cell);
        marks[stack.back().cell] = Mark::done;
        stack.pop_back();
        continue;
      }
      const int from = driver_[static_cast<std::size_t>(stack.back().inputs.back())];
      stack.back().inputs.pop_back();
      if (from < 0 || at_edge(cells_[static_cast<std::size_t>(from)])) continue;
      const auto next = static_cast<std::size_t>(from);
      if (marks[next] == Mark::open) ordered_ = false;
      if (marks[next] == Mark::none) visit(next);
    }
  }
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    if (at_edge(cells_[i])) order.push_back(i);
  }
  std::vector<Cell> sorted;
  sorted.reserve(cells_.size());
  for (const std::size_t i : order) sorted.push_back(std::move(cells_[i]));
  cells_ = std::move(sorted);
}

void WordNetlist::index_nets() {
  driver_.assign(static_cast<std::size_t>(nets_), -1);
  readers_.assign(static_cast<std::size_t>(nets_), {});
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    const int number = static_cast<int>(i);
    for (const int net : cells_[i].y) driver_[static_cast<std::size_t>(net)] = number;
    for (const auto& port : cells_[i].in) {
      for (const int net : port) {
        auto& readers = readers_[static_cast<std::size_t>(net)];
        if (readers.empty() || readers.back() != number) readers.push_back(number);
      }
    }
  }
  for (const int constant : {kZero, kOne}) {
    readers_[static_cast<std::size_t>(constant)].clear();
    driver_[static_cast<std::size_t>(constant)] = -1;
  }
}

const std::vector<int>* WordNetlist::find(const std::string& path) const {
  const auto at = signals_.find(path);
  return at == signals_.end() ? nullptr : &at->second;
}

int WordNetlist::cell_of(std::size_t kind, int instance) const {
  for (const std::size_t cell : kinds_[kind].cells) {
    if (cells_[cell].instance == instance) return static_cast<int>(cell);
  }
  return -1;
}

int WordNetlist::origin(int net) const {
  for (;;) {
    const int from = driver(net);
    if (from < 0) return net;
    const Cell& cell = cells_[static_cast<std::size_t>(from)];
    if (cell.op != Op::buffer) return net;
    const auto bit = std::ranges::find(cell.y, net) - cell.y.begin();
    if (static_cast<std::size_t>(bit) >= cell.in[kA].size()) return net;
    net = cell.in[kA][static_cast<std::size_t>(bit)];
  }
}

std::optional<WordNetlist> WordNetlist::read(const RtlDesign& design) {
  const base::TemporaryFolder folder;
  std::string script = "read_verilog -sv";
  for (const auto& source : design.sources) script += fmt::format(" \"{}\"", source.string());
  script += "\nchparam";
  for (const std::string& parameter : design.parameters) {
    const std::size_t equals = parameter.find('=');
    script += fmt::format(" -set {} {}", parameter.substr(0, equals), parameter.substr(equals + 1));
  }
  script += fmt::format(" {0}\nhierarchy -check -top {0}\nproc\nopt_reduce\nopt_clean\n{1}\nwrite_json {2}\n",
                        design.top, design.commands, (folder / "design.json").string());
  base::write_file_at_once(folder / "script.ys", script);
  if (!base::run_process({"yosys", "-q", "-s", (folder / "script.ys").string()}).succeeded) return std::nullopt;
  return read_json(folder / "design.json", design.top);
}

std::optional<WordNetlist> WordNetlist::read_json(const std::filesystem::path& file, const std::string& top) {
  std::ifstream in(file);
  const Json json = Json::parse(in, nullptr, false);
  if (json.is_discarded()) return std::nullopt;
  WordNetlist netlist;
  try {
    Elaboration(json["modules"], netlist).add(top, "", nullptr);
  } catch (const UnknownCell&) {
    return std::nullopt;
  } catch (const Json::exception&) {  // another format than Yosys writes today
    return std::nullopt;
  }
  netlist.merge_aliases();
  netlist.index_nets();
  netlist.sort();
  netlist.index_nets();
  for (std::size_t i = 0; i < netlist.cells_.size(); ++i) netlist.kinds_[netlist.cells_[i].kind].cells.push_back(i);
  return netlist;
}

}  // namespace systole::debug
