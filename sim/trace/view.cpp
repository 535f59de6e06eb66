// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/view.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "accel/cycle/model.h"
#include "base/input_error.h"

namespace systole::trace {
namespace {

// Trace flags of a save file (hexadecimal there): right justified, and how the value is written.
constexpr unsigned kRight = 0x20, kDecimal = kRight | 0x4, kBinary = kRight | 0x8;
constexpr unsigned kSigned = kRight | 0x400, kFilteredHex = kRight | 0x2 | 0x2000;
constexpr unsigned kOpenGroup = 0x80'0200, kClosedGroup = 0xC0'0200;
constexpr unsigned kGroupEnd = 0x100'0200, kClosedGroupEnd = 0x140'1200;
constexpr std::uint64_t kMarkerLead = 44;  ///< half cycles shown before the marker

enum class Color { normal = 0, red, orange, yellow, green, blue, indigo, violet };

/// Appends traces and groups.
class Writer {
 public:
  explicit Writer(const ViewSettings& settings) : settings_(settings) {}

  void header();
  void open(std::string_view name) { group(kOpenGroup, name); }
  void close(std::string_view name) { group(kGroupEnd, name); }
  void open_closed(std::string_view name) { group(kClosedGroup, name); }
  void close_closed(std::string_view name) { group(kClosedGroupEnd, name); }
  /// `alias`, where given, is what the viewer writes instead of the signal's own name.
  void signal(std::string_view name, int bits, unsigned radix, Color color, std::string_view alias = {});
  void state(std::string_view name);
  /// The design's value and golden's below it, called `what`.
  void pair(std::string_view what, std::string_view rtl, std::string_view golden, int bits, unsigned radix);
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
};

void Writer::header() {
  constexpr int kNamedMarkers = 26;
  if (!settings_.dump.empty()) line("[dumpfile] \"{}\"", settings_.dump.string());
  line("[timestart] {}", settings_.first);
  line("[size] 1600 900");
  line("[pos] -1 -1");
  std::string markers =
      fmt::format("*{:.6f} {}", settings_.zoom, settings_.marker ? static_cast<std::int64_t>(*settings_.marker) : -1);
  for (int i = 0; i < kNamedMarkers; ++i) markers += " -1";
  line("{}", markers);
  line("[treeopen] TOP.");
  line("[sst_width] 180");
  line("[signals_width] 290");
  line("[sst_expanded] 0");
  line("[sst_vpaned_height] 300");
}

void Writer::signal(std::string_view name, int bits, unsigned radix, Color color, std::string_view alias) {
  line("@{:x}", radix);
  line("[color] {}", static_cast<int>(color));
  const std::string prefix = alias.empty() ? "" : fmt::format("+{{{}}} ", alias);
  const std::string range = bits == 1 ? "" : fmt::format("[{}:0]", bits - 1);
  line("{}{}{}", prefix, name, range);
}

void Writer::state(std::string_view name) {
  line("@{:x}", kFilteredHex);
  line("^1 {}", settings_.state_filter.string());
  line("[color] {}", static_cast<int>(Color::yellow));
  line("{}[2:0]", name);
}

void Writer::pair(std::string_view what, std::string_view rtl, std::string_view golden, int bits, unsigned radix) {
  signal(rtl, bits, radix, Color::green, fmt::format("rtl {}", what));
  signal(golden, bits, radix, Color::orange, fmt::format("golden {}", what));
}

std::string cell(int row, int col, std::string_view name) {
  return fmt::format("TOP.accel.u_array.g_row[{}].g_col[{}].u_c.{}", row, col, name);
}

void add_streams(Writer& w, const accel::Geometry& g) {
  w.open("streams");
  for (const char* stream : {"cfg", "wgt", "act"}) {
    w.signal(fmt::format("TOP.{}_valid_i", stream), 1, kBinary, Color::blue);
    w.signal(fmt::format("TOP.{}_ready_o", stream), 1, kBinary, Color::green);
  }
  w.signal("rtl.act_data_0", g.act_width, kSigned, Color::blue, "act_data_i, row 0");
  w.signal("TOP.out_ready_i", 1, kBinary, Color::blue);
  w.signal("TOP.out_valid_o", 1, kBinary, Color::green);
  w.signal("TOP.out_last_o", 1, kBinary, Color::green);
  w.close("streams");
}

void add_control(Writer& w) {
  w.open("ctrl");
  w.state("TOP.state_o");
  for (const char* name : {"step", "pass_start", "issue", "padding"}) {
    w.signal(fmt::format("TOP.accel.{}", name), 1, kBinary, Color::green);
  }
  w.close("ctrl");
}

void add_comparison(Writer& w, const ViewSettings& s) {
  constexpr std::string_view kName = "rtl against golden";
  const accel::Geometry& g = s.geometry;
  w.open(kName);
  w.signal("golden.pin_mismatch", 1, kBinary, Color::red);
  w.pair("out_valid", "TOP.out_valid_o", "golden.out_valid", 1, kBinary);
  w.pair("out_data, channel 0", "rtl.out_data_0", "golden.out_data_0", g.psum_width, kSigned);
  if (s.cells) {
    const std::string golden = fmt::format("golden.pe_{}_0.", s.row), where = fmt::format("PE[{}][0] ", s.row);
    w.pair(where + "weight", cell(s.row, 0, "w_q"), golden + "weight", g.wgt_width + 1, kSigned);
    w.pair(where + "act", cell(s.row, 0, "d_q"), golden + "act", g.act_width + 1, kSigned);
    w.pair(where + "psum", cell(s.row, 0, "out_reg"), golden + "psum", g.psum_width, kSigned);
  }
  w.close(kName);
}

void add_row(Writer& w, const ViewSettings& s) {
  const std::string name = fmt::format("PE row {}", s.row);
  w.open(name);
  for (int c = 0; c < s.geometry.cols; ++c) {
    w.signal(cell(s.row, c, "out_reg"), s.geometry.psum_width, kSigned, Color::green,
             fmt::format("PE[{}][{}] psum", s.row, c));
  }
  w.close(name);
}

void add_array_edge(Writer& w, const accel::Geometry& g) {
  constexpr std::string_view kName = "array edge";
  w.open_closed(kName);
  for (int r = 0; r < g.rows; ++r) {
    w.signal(cell(r, 0, "d_in"), g.act_width + 1, kSigned, Color::blue, fmt::format("act into row {}", r));
  }
  for (int c = 0; c < g.cols; ++c) {
    w.signal(cell(0, c, "w_in"), g.wgt_width + 1, kSigned, Color::violet, fmt::format("weight into column {}", c));
  }
  w.close_closed(kName);
}

void add_output_stage(Writer& w, const accel::Geometry& g) {
  constexpr std::string_view kName = "output stage";
  w.open_closed(kName);
  for (const char* name : {"golden.oc", "golden.oh", "golden.ow"}) w.signal(name, 16, kDecimal, Color::yellow);
  for (int c = 0; c < g.cols; ++c) {
    w.signal(fmt::format("rtl.out_data_{}", c), g.psum_width, kSigned, Color::green, fmt::format("out channel {}", c));
  }
  w.pair("overflow", "TOP.overflow_o", "golden.overflow", g.cols, kBinary);
  w.close_closed(kName);
}

void add_counters(Writer& w) {
  w.open_closed("counters");
  for (const char* name : {"busy", "stall_in", "stall_out", "weight_load", "compute", "drain"}) {
    w.signal(fmt::format("TOP.cnt_{}_o", name), 32, kDecimal, Color::normal);
  }
  w.close_closed("counters");
}

void write_file(const std::filesystem::path& file, const std::string& text) {
  std::ofstream out(file, std::ios::binary);
  out << text;
  out.close();
  if (!out) throw base::InputError(file.string(), "", "cannot write");
}

}  // namespace

std::string view_text(const ViewSettings& settings) {
  if (settings.row < 0 || settings.row >= settings.geometry.rows) {
    throw std::invalid_argument(fmt::format("ViewSettings: row {} of {}", settings.row, settings.geometry.rows));
  }
  Writer w(settings);
  w.header();
  w.signal("TOP.clk_i", 1, kBinary, Color::normal);
  add_streams(w, settings.geometry);
  add_control(w);
  add_comparison(w, settings);
  add_row(w, settings);
  add_array_edge(w, settings.geometry);
  add_output_stage(w, settings.geometry);
  add_counters(w);
  return w.text();
}

std::string state_filter_text() {
  std::string text;
  for (std::size_t code = 0; code < cycle::kStateNames.size(); ++code) {
    text += fmt::format("{} {}\n", code, cycle::kStateNames[code]);
  }
  return text;
}

std::filesystem::path view_path(const std::filesystem::path& dump) { return dump.string() + ".gtkw"; }

std::filesystem::path write_view(ViewSettings settings) {
  settings.dump = std::filesystem::absolute(settings.dump);
  settings.state_filter = settings.dump.string() + ".state.filter";
  if (settings.marker) settings.first = *settings.marker - std::min(*settings.marker, kMarkerLead);
  write_file(settings.state_filter, state_filter_text());
  std::filesystem::path view = view_path(settings.dump);
  write_file(view, view_text(settings));
  return view;
}

}  // namespace systole::trace
