// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/view.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "base/input_error.h"
#include "base/output_file.h"

namespace systole::trace {
namespace {

// Trace flags of a save file (hexadecimal there): right justified, and how the value is written.
constexpr unsigned kRight = 0x20, kDecimal = kRight | 0x4, kBinary = kRight | 0x8;
constexpr unsigned kHex = kRight | 0x2, kSigned = kRight | 0x400, kFilteredHex = kHex | 0x2000;
constexpr unsigned kOpenGroup = 0x80'0200, kClosedGroup = 0xC0'0200;
constexpr unsigned kGroupEnd = 0x100'0200, kClosedGroupEnd = 0x140'1200;
constexpr std::uint64_t kMarkerLead = 100;  ///< time shown before the marker

unsigned flags_of(Radix radix) {
  switch (radix) {
    case Radix::decimal:
      return kDecimal;
    case Radix::signed_decimal:
      return kSigned;
    case Radix::hexadecimal:
      return kHex;
    case Radix::binary:
      break;
  }
  return kBinary;
}

/// Appends traces and groups.
class Writer {
 public:
  explicit Writer(const ViewSettings& settings) : settings_(settings) {}

  void header();
  void open(std::string_view name) { group(kOpenGroup, name); }
  void close(std::string_view name) { group(kGroupEnd, name); }
  void open_closed(std::string_view name) { group(kClosedGroup, name); }
  void close_closed(std::string_view name) { group(kClosedGroupEnd, name); }
  void signal(const ViewSignal& signal);
  /// Codes by name, from a filter file.
  void named(std::string_view name, int bits, const std::filesystem::path& filter);
  /// The design's value and golden's below it, called `what`.
  void pair(std::string_view what, const std::string& rtl, const std::string& golden, int bits, Radix radix);
  void add(const ViewGroup& group);
  [[nodiscard]] std::string text() const { return text_; }

 private:
  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    text_ += fmt::format(format, std::forward<Args>(args)...) + '\n';
  }
  void group(unsigned flags, std::string_view name) {
    line("@{:x}", flags);
    line("-{}", name);
  }
  const ViewSettings& settings_;
  std::string text_;
  int filters_ = 0;
};

void Writer::header() {
  constexpr int kNamedMarkers = 26;
  if (!settings_.dump.empty()) line("[dumpfile] \"{}\"", settings_.dump.string());
  line("[timestart] {}", settings_.first);
  line("[size] 1600 900");
  line("[pos] -1 -1");
  const auto time = [](const std::optional<std::uint64_t>& at) { return at ? std::to_string(*at) : "-1"; };
  std::string markers = fmt::format("*{:.6f} {} {}", settings_.zoom, time(settings_.marker), time(settings_.detection));
  for (int i = 1; i < kNamedMarkers; ++i) markers += " -1";
  line("{}", markers);
  line("[treeopen] TOP.");
  line("[sst_width] 180");
  line("[signals_width] 290");
  line("[sst_expanded] 0");
  line("[sst_vpaned_height] 300");
}

void Writer::signal(const ViewSignal& s) {
  line("@{:x}", flags_of(s.radix));
  line("[color] {}", static_cast<int>(s.color));
  const std::string prefix = s.alias.empty() ? "" : fmt::format("+{{{}}} ", s.alias);
  const std::string range = s.bits == 1 ? "" : fmt::format("[{}:0]", s.bits - 1);
  line("{}{}{}", prefix, s.name, range);
}

void Writer::named(std::string_view name, int bits, const std::filesystem::path& filter) {
  line("@{:x}", kFilteredHex);
  line("^{} {}", ++filters_, filter.string());
  line("[color] {}", static_cast<int>(Color::yellow));
  line("{}[{}:0]", name, bits - 1);
}

void Writer::pair(std::string_view what, const std::string& rtl, const std::string& golden, int bits, Radix radix) {
  // Whose it is comes last: GTKWave shows of a path what is behind its last dot.
  signal({rtl, bits, radix, Color::green, fmt::format("{} rtl", what)});
  signal({golden, bits, radix, Color::orange, fmt::format("{} golden", what)});
}

void Writer::add(const ViewGroup& group) {
  group.closed ? open_closed(group.name) : open(group.name);
  for (const ViewSignal& s : group.signals) signal(s);
  group.closed ? close_closed(group.name) : close(group.name);
}

std::string pin_signal(const std::string& pin) { return "TOP." + pin; }

ViewGroup streams(const port::PinMap& map) {
  ViewGroup group{.name = "streams", .signals = {}};
  for (const port::InStream& in : map.inputs) {
    group.signals.push_back({pin_signal(in.valid_pin), 1, Radix::binary, Color::blue, {}});
    group.signals.push_back({pin_signal(in.ready_pin), 1, Radix::binary, Color::green, {}});
    if (in.lanes == 0) continue;
    group.signals.push_back({fmt::format("rtl.{}_data_0", in.name), in.lane_bits, Radix::signed_decimal, Color::blue,
                             in.data_pin + ", element 0"});
  }
  const port::OutStream& out = map.output;
  group.signals.push_back({pin_signal(out.ready_pin), 1, Radix::binary, Color::blue, {}});
  group.signals.push_back({pin_signal(out.valid_pin), 1, Radix::binary, Color::green, {}});
  group.signals.push_back({pin_signal(out.last_pin), 1, Radix::binary, Color::green, {}});
  return group;
}

void add_state(Writer& w, const ViewSettings& s) {
  for (const port::OutPin& pin : s.pins->watched) {
    if (pin.name == s.design.state_pin) w.named(pin_signal(pin.name), pin.bits, s.state_filter);
  }
}

/// Where a difference shows in the dump: the design's signal, the golden's and their width.
struct Pair {
  std::string rtl, golden;
  int bits = 0;
};

std::optional<Pair> pair_of_pin(const check::Mismatch& m, const port::PinMap& map) {
  const std::size_t watched = map.watched.size();
  if (m.index < watched) return Pair{pin_signal(m.signal), "golden." + m.signal, map.watched[m.index].bits};
  const std::size_t lane = m.index - watched;
  return Pair{fmt::format("rtl.{}_data_{}", map.output.name, lane),
              fmt::format("golden.{}_{}", map.output.data_pin, lane), map.output.lane_bits};
}

std::optional<Pair> pair_of(const check::Mismatch& m, const ViewSettings& s) {
  if (m.checker == check::Checker::pins) return pair_of_pin(m, *s.pins);
  if (m.checker != check::Checker::registers || s.check < check::CheckLevel::pe) return std::nullopt;
  // Of a wide register a part differs, "tail_q[63:32]"; a dump has it whole.
  const std::string path =
      m.signal.substr(0, m.signal.find(':') == std::string::npos ? std::string::npos : m.signal.rfind('['));
  for (const port::RegisterBank& bank : s.pins->registers) {
    if (std::ranges::find(bank.path, path) == bank.path.end()) continue;
    return Pair{fmt::format("TOP.{}.{}", s.design.top, path), "golden." + path, bank.bits};
  }
  return std::nullopt;
}

/// The values that differ first, the nearest to the cause on top.
void add_wrong(Writer& w, const ViewSettings& s) {
  constexpr std::string_view kName = "first differences";
  if (s.wrong.empty()) return;
  w.open(kName);
  w.signal({"golden.cycle", 32, Radix::decimal, Color::normal, {}});
  constexpr int kWidestNumber = 64;
  std::set<std::string> shown;
  for (const check::Mismatch& m : s.wrong) {
    const std::optional<Pair> pair = pair_of(m, s);
    if (!pair || !shown.insert(pair->rtl).second) continue;
    const bool whole = pair->bits <= kWidestNumber;
    w.pair(whole ? m.signal : m.signal.substr(0, m.signal.rfind('[')), pair->rtl, pair->golden, pair->bits,
           whole ? Radix::signed_decimal : Radix::hexadecimal);
  }
  w.close(kName);
}

void add_comparison(Writer& w, const ViewSettings& s) {
  constexpr std::string_view kName = "rtl against golden";
  const port::OutStream& out = s.pins->output;
  w.open(kName);
  w.signal({"golden.pin_mismatch", 1, Radix::binary, Color::red, {}});
  const bool registers = s.check >= check::CheckLevel::pe;
  if (registers) w.signal({"golden.register_mismatch", 1, Radix::binary, Color::red, {}});
  w.pair(out.valid_pin, pin_signal(out.valid_pin), "golden." + out.valid_pin, 1, Radix::binary);
  w.pair(out.data_pin + "[0]", fmt::format("rtl.{}_data_0", out.name), fmt::format("golden.{}_0", out.data_pin),
         out.lane_bits, Radix::signed_decimal);
  for (const port::RegisterBank& bank : s.pins->registers) {
    if (!registers || bank.deep) continue;
    const std::string& path = bank.path[s.cell];
    w.pair(fmt::format("{} ({})", path, bank.name), fmt::format("TOP.{}.{}", s.design.top, path), "golden." + path,
           bank.bits, Radix::signed_decimal);
  }
  w.close(kName);
}

ViewGroup outputs(const port::PinMap& map) {
  ViewGroup group{.name = "outputs", .closed = true, .signals = {}};
  for (const char* name : {"golden.oc", "golden.oh", "golden.ow"}) {
    group.signals.push_back({name, 16, Radix::decimal, Color::yellow, {}});
  }
  for (int lane = 0; lane < map.output.lanes; ++lane) {
    group.signals.push_back({fmt::format("rtl.{}_data_{}", map.output.name, lane), map.output.lane_bits,
                             Radix::signed_decimal, Color::green, fmt::format("{}[{}]", map.output.data_pin, lane)});
  }
  return group;
}

ViewGroup counters(const port::PinMap& map) {
  ViewGroup group{.name = "counters", .closed = true, .signals = {}};
  for (const port::Counter& counter : map.counters) {
    group.signals.push_back({pin_signal(counter.pin), 32, Radix::decimal, Color::normal, {}});
  }
  return group;
}

/// The groups of a design whose pins nobody knows.
std::string text_without_pins(const ViewSettings& settings) {
  Writer w(settings);
  w.header();
  w.signal({"golden.cycle", 32, Radix::decimal, Color::normal, {}});
  if (!settings.layer_names.empty()) w.named("golden.layer", 16, settings.layer_filter);
  for (const ViewGroup& group : settings.design.groups) w.add(group);
  return w.text();
}

}  // namespace

std::string view_text(const ViewSettings& settings) {
  if (settings.pins == nullptr) return text_without_pins(settings);
  for (const port::RegisterBank& bank : settings.pins->registers) {
    if (!bank.deep && settings.cell >= bank.at.size()) {
      throw std::invalid_argument(fmt::format("ViewSettings: cell {} of {}", settings.cell, bank.at.size()));
    }
  }
  Writer w(settings);
  w.header();
  w.signal({pin_signal(settings.pins->clock_pin), 1, Radix::binary, Color::normal, {}});
  add_wrong(w, settings);
  if (!settings.layer_names.empty()) w.named("golden.layer", 16, settings.layer_filter);
  w.add(streams(*settings.pins));
  add_state(w, settings);
  add_comparison(w, settings);
  for (const ViewGroup& group : settings.design.groups) w.add(group);
  w.add(outputs(*settings.pins));
  w.add(counters(*settings.pins));
  return w.text();
}

std::string state_filter_text(const DesignView& design) {
  std::string text;
  for (std::size_t code = 0; code < design.state_names.size(); ++code) {
    text += fmt::format("{} {}\n", code, design.state_names[code]);
  }
  return text;
}

std::filesystem::path view_path(const std::filesystem::path& dump) { return dump.string() + ".gtkw"; }

std::string layer_filter_text(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) text += fmt::format("{:04x} {}\n", i, names[i]);  // 16 bits
  return text;
}

std::filesystem::path write_view(ViewSettings settings) {
  settings.dump = std::filesystem::absolute(settings.dump);
  settings.state_filter = settings.dump.string() + ".state.filter";
  if (!settings.layer_names.empty()) {
    settings.layer_filter = settings.dump.string() + ".layer.filter";
    base::write_file(settings.layer_filter, layer_filter_text(settings.layer_names));
  }
  if (settings.marker) settings.first = *settings.marker - std::min(*settings.marker, kMarkerLead);
  if (!settings.design.state_pin.empty()) base::write_file(settings.state_filter, state_filter_text(settings.design));
  std::filesystem::path view = view_path(settings.dump);
  base::write_file(view, view_text(settings));
  return view;
}

}  // namespace systole::trace
