// SPDX-License-Identifier: Apache-2.0
#include "cli/scaffold/guess.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <span>
#include <string_view>
#include <utility>

namespace systole::scaffold {
namespace {

/// A port's readable name in lower case, without a mark of its direction ("_i", "i_").
std::string plain(const std::string& port) {
  std::string name = readable(port);
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const std::string_view mark : {"_in", "_out", "_i", "_o"}) {
    if (name.size() > mark.size() && name.ends_with(mark)) return name.substr(0, name.size() - mark.size());
  }
  for (const std::string_view mark : {"i_", "o_"}) {
    if (name.starts_with(mark)) return name.substr(mark.size());
  }
  return name;
}

bool one_of(const std::string& name, const std::vector<std::string_view>& names) {
  return std::ranges::any_of(names, [&](std::string_view candidate) {
    return name == candidate || (name.size() > candidate.size() && name.ends_with(candidate) &&
                                 name[name.size() - candidate.size() - 1] == '_');
  });
}

/// Ports that are still to be explained.
class Open {
 public:
  explicit Open(std::vector<Port> ports) : ports_(std::move(ports)) {}

  [[nodiscard]] const std::vector<Port>& ports() const { return ports_; }
  [[nodiscard]] std::optional<Port> find(const std::string& plain_name, bool input) const {
    for (const Port& port : ports_) {
      if (port.input == input && plain(port.name) == plain_name) return port;
    }
    return std::nullopt;
  }
  void take(const Port& port) {
    std::erase_if(ports_, [&](const Port& other) { return other.name == port.name; });
  }
  void take(const std::optional<Port>& port) {
    if (port) take(*port);
  }

 private:
  std::vector<Port> ports_;
};

/// The name before one of the endings, the longest ending first: ("s_axis_tvalid", {"tvalid", "valid"}) -> "s_axis_".
std::optional<std::pair<std::string, std::string>> split(const std::string& name,
                                                         const std::vector<std::string>& endings) {
  for (const std::string& ending : endings) {
    if (name.ends_with(ending)) return std::pair{name.substr(0, name.size() - ending.size()), ending};
  }
  return std::nullopt;
}

/// "s_axis_a_" -> "a", "s_axis_" -> "s_axis"
std::string member_name(std::string prefix, const char* otherwise) {
  while (prefix.ends_with('_')) prefix.pop_back();
  for (const std::string_view side : {"s_axis_", "m_axis_"}) {
    if (prefix.starts_with(side)) return prefix.substr(side.size());
  }
  return prefix.empty() ? otherwise : prefix;
}

void find_clock_and_reset(Open& open, Guess& result) {
  for (const Port& port : open.ports()) {
    if (!port.input || port.bits != 1) continue;
    const std::string name = plain(port.name);
    if (!result.clock && one_of(name, {"clk", "clock", "aclk"})) result.clock = port;
  }
  for (const Port& port : open.ports()) {
    if (!port.input || port.bits != 1 || result.reset) continue;
    const std::string name = plain(port.name);
    const bool high = one_of(name, {"rst", "reset", "arst", "srst", "areset"});
    const bool low =
        one_of(name, {"rst_n", "rstn", "reset_n", "resetn", "aresetn", "arst_n", "rst_b", "nreset", "nrst"}) ||
        port.name.ends_with("_ni");
    if (!high && !low) continue;
    result.reset = port;
    result.reset_active_high = high && !low;
  }
  open.take(result.clock);
  open.take(result.reset);
}

/// A pin of an AXI interface, without the interface's name.
struct AxiPin {
  const char* name;
  bool input;
};

constexpr std::array kLitePins{
    AxiPin{"awvalid", true}, AxiPin{"awready", false}, AxiPin{"awaddr", true},   AxiPin{"wvalid", true},
    AxiPin{"wready", false}, AxiPin{"wdata", true},    AxiPin{"bvalid", false},  AxiPin{"bready", true},
    AxiPin{"bresp", false},  AxiPin{"arvalid", true},  AxiPin{"arready", false}, AxiPin{"araddr", true},
    AxiPin{"rvalid", false}, AxiPin{"rready", true},   AxiPin{"rdata", false},   AxiPin{"rresp", false}};
constexpr std::array kMasterPins{
    AxiPin{"arvalid", false}, AxiPin{"arready", true},  AxiPin{"araddr", false}, AxiPin{"arlen", false},
    AxiPin{"arsize", false},  AxiPin{"arburst", false}, AxiPin{"rvalid", true},  AxiPin{"rready", false},
    AxiPin{"rdata", true},    AxiPin{"rresp", true},    AxiPin{"rlast", true},   AxiPin{"awvalid", false},
    AxiPin{"awready", true},  AxiPin{"awaddr", false},  AxiPin{"awlen", false},  AxiPin{"awsize", false},
    AxiPin{"awburst", false}, AxiPin{"wvalid", false},  AxiPin{"wready", true},  AxiPin{"wdata", false},
    AxiPin{"wstrb", false},   AxiPin{"wlast", false},   AxiPin{"bvalid", true},  AxiPin{"bready", false},
    AxiPin{"bresp", true}};
constexpr std::array kIdPins{AxiPin{"arid", false}, AxiPin{"rid", true}, AxiPin{"awid", false}, AxiPin{"bid", true}};

/// All of `pins`, or none.
std::vector<Port> find_all(const Open& open, const std::string& prefix, std::span<const AxiPin> pins) {
  std::vector<Port> ports;
  for (const auto& [name, input] : pins) {
    const std::optional<Port> port = open.find(prefix + name, input);
    if (!port) return {};
    ports.push_back(*port);
  }
  return ports;
}

void take_axi(Open& open, const std::string& prefix, const std::vector<Port>& ports, bool master) {
  for (const Port& port : ports) open.take(port);
  for (const char* extra : {"awprot", "arprot", "wstrb", "awcache", "arcache", "awlock", "arlock", "awqos", "arqos",
                            "awregion", "arregion", "awuser", "aruser", "wuser", "wid"}) {
    open.take(open.find(prefix + extra, !master));
  }
  for (const char* extra : {"ruser", "buser"}) open.take(open.find(prefix + extra, master));
}

void find_axi(Open& open, Guess& result) {
  for (const Port& first : std::vector<Port>(open.ports())) {
    const auto parts = split(plain(first.name), {"awvalid"});
    if (!parts) continue;
    const std::string& prefix = parts->first;
    if (std::vector<Port> lite = find_all(open, prefix, kLitePins);
        !lite.empty() && !open.find(prefix + "awlen", true)) {
      take_axi(open, prefix, lite, false);
      result.registers.push_back({member_name(prefix, "registers"), std::move(lite)});
    }
    if (std::vector<Port> master = find_all(open, prefix, kMasterPins); !master.empty()) {
      for (Port& id : find_all(open, prefix, kIdPins)) master.push_back(std::move(id));
      take_axi(open, prefix, master, true);
      result.masters.push_back({member_name(prefix, "memory"), std::move(master)});
    }
  }
}

void find_streams(Open& open, Guess& result) {
  for (const Port& valid : std::vector<Port>(open.ports())) {
    const auto parts = split(plain(valid.name), {"tvalid", "valid", "vld", "_en"});
    if (!parts || valid.bits != 1) continue;
    const std::string letter = parts->second == "tvalid" ? "t" : "";
    std::optional<Port> data;
    for (const char* name : {"data", "dat", "payload", "bits"}) {
      if (!data) data = open.find(parts->first + letter + name, valid.input);
    }
    if (!data && parts->first.ends_with('_'))
      data = open.find(parts->first.substr(0, parts->first.size() - 1), valid.input);
    std::optional<Port> ready;
    for (const char* name : {"ready", "rdy"}) {
      if (!ready) ready = open.find(parts->first + letter + name, !valid.input);
    }
    if (!data || (parts->second == "_en" && !ready)) continue;
    Stream stream{member_name(parts->first, valid.input ? "in" : "out"),
                  valid.input,
                  valid,
                  *data,
                  ready,
                  open.find(parts->first + letter + "last", valid.input),
                  open.find(parts->first + letter + "keep", valid.input)};
    for (const std::optional<Port>& port : {std::optional(valid), data, ready, stream.last, stream.keep}) {
      open.take(port);
    }
    result.streams.push_back(std::move(stream));
  }
}

/// Enables of equal parts of `data`, of at most 32 bits each as sequence::Lanes has them.
bool are_lanes(const Port& enables, const Port& data) {
  return enables.bits > 1 && data.bits % enables.bits == 0 && data.bits / enables.bits <= 32;
}

void find_memories(Open& open, Guess& result) {
  for (const Port& address : std::vector<Port>(open.ports())) {
    const auto parts = split(plain(address.name), {"addr", "address", "adr"});
    if (!parts || address.input) continue;
    const std::string& prefix = parts->first;
    const auto any = [&](const std::vector<const char*>& names, bool input) {
      for (const char* name : names) {
        if (std::optional<Port> port = open.find(prefix + name, input)) return port;
      }
      return std::optional<Port>();
    };
    Memory memory{member_name(prefix, "memory"), address, {}, {}};
    // "read" beside "read_addr" is an enable.
    const std::optional<Port> bare =
        prefix.size() > 1 ? open.find(prefix.substr(0, prefix.size() - 1), false) : std::nullopt;
    if (const auto data = any({"rdata", "data", "q", "dout", "rd_data", "din"}, true)) {
      memory.read = {*data, any({"re", "ren", "rd", "en", "rd_en", "ce", "req"}, false), {}};
      if (!memory.read->enable) memory.read->enable = bare;
    }
    if (const auto data = any({"wdata", "data", "d", "din", "dout", "wr_data"}, false)) {
      memory.write = {*data, any({"we", "wen", "wr", "wr_en", "en", "req"}, false),
                      any({"be", "ben", "wstrb", "strb", "wmask", "byte_en"}, false)};
      std::optional<Port>&enable = memory.write->enable, &lanes = memory.write->lanes;
      if (!enable) enable = bare;
      if (lanes && !are_lanes(*lanes, *data)) lanes.reset();
      if (enable && !lanes && are_lanes(*enable, *data)) std::swap(enable, lanes);  // one write enable a lane
      if (enable && enable->bits > 1) enable.reset();
      if (!enable && !lanes) memory.write.reset();
    }
    if (!memory.read && !memory.write) continue;
    open.take(address);
    for (const std::optional<Memory::Access>& access : {memory.read, memory.write}) {
      if (!access) continue;
      for (const std::optional<Port>& port : {std::optional(access->data), access->enable, access->lanes}) {
        open.take(port);
      }
    }
    result.memories.push_back(std::move(memory));
  }
}

/// Words of an instruction, start, done and the like.
void find_pins(Open& open, Guess& result) {
  for (const Port& port : std::vector<Port>(open.ports())) {
    const std::string name = plain(port.name);
    const bool word = port.input && port.bits > 1 && one_of(name, {"inst", "instr", "instruction", "opcode"});
    const bool control =
        port.bits == 1 && one_of(name, {"start", "go", "done", "finish", "finished", "busy", "idle", "ready", "valid",
                                        "enable", "en", "irq", "interrupt", "pulse"});
    if (!word && !control) continue;
    (word ? result.instructions : result.controls).push_back(port);
    open.take(port);
  }
}

}  // namespace

Guess guess(const std::vector<Port>& ports) {
  Guess result;
  Open open(ports);
  find_clock_and_reset(open, result);
  find_axi(open, result);
  find_streams(open, result);
  find_memories(open, result);
  find_pins(open, result);
  result.left = open.ports();
  return result;
}

}  // namespace systole::scaffold
