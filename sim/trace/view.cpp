#include "sim/trace/view.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "golden/cycle/model.h"
#include "golden/model/input_error.h"

namespace systole::trace {
namespace {

// Trace flags of a save file (hexadecimal there): right justified, and how the value is written.
constexpr unsigned kRight = 0x20, kHex = kRight | 0x2, kDecimal = kRight | 0x4, kBinary = kRight | 0x8;
constexpr unsigned kSigned = kRight | 0x400, kFilteredHex = kHex | 0x2000;
constexpr unsigned kComment = 0x200, kOpenGroup = 0x80'0200, kClosedGroup = 0xC0'0200;
constexpr unsigned kGroupEnd = 0x100'0200, kClosedGroupEnd = 0x140'0200;
constexpr std::uint64_t kMarkerLead = 40;  ///< half cycles shown before the marker

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
  void signal(std::string_view name, int bits, unsigned radix, Color color);
  void state(std::string_view name);
  /// The design's value and golden's below it.
  void pair(std::string_view rtl, std::string_view golden, int bits, unsigned radix);
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

void Writer::signal(std::string_view name, int bits, unsigned radix, Color color) {
  line("@{:x}", radix);
  line("[color] {}", static_cast<int>(color));
  if (bits == 1) {
    line("{}", name);
  } else {
    line("{}[{}:0]", name, bits - 1);
  }
}

void Writer::state(std::string_view name) {
  line("@{:x}", kFilteredHex);
  line("^1 {}", settings_.state_filter.string());
  line("[color] {}", static_cast<int>(Color::yellow));
  line("{}[2:0]", name);
}

void Writer::pair(std::string_view rtl, std::string_view golden, int bits, unsigned radix) {
  signal(rtl, bits, radix, Color::green);
  signal(golden, bits, radix, Color::orange);
}

std::string cell(int row, int col, std::string_view name) {
  return fmt::format("TOP.accel.u_array.g_row[{}].g_col[{}].u_c.{}", row, col, name);
}

void add_streams(Writer& w, const cycle::Geometry& g) {
  w.open("streams");
  const auto handshake = [&w](std::string_view stream, std::string_view valid, std::string_view ready) {
    w.signal(fmt::format("TOP.{}_{}", stream, valid), 1, kBinary, Color::blue);
    w.signal(fmt::format("TOP.{}_{}", stream, ready), 1, kBinary, Color::green);
  };
  handshake("cfg", "valid_i", "ready_o");
  handshake("wgt", "valid_i", "ready_o");
  w.signal("TOP.wgt_data_i", g.cols * g.wgt_width + 5, kHex, Color::blue);
  handshake("act", "valid_i", "ready_o");
  w.signal("rtl.act_data_0", g.act_width, kSigned, Color::blue);
  handshake("out", "ready_i", "valid_o");
  w.signal("TOP.out_last_o", 1, kBinary, Color::green);
  w.close("streams");
}

void add_control(Writer& w) {
  w.open("ctrl");
  w.state("TOP.state_o");
  for (const char* name : {"step", "pass_start", "issue", "padding"}) {
    w.signal(fmt::format("TOP.accel.{}", name), 1, kBinary, Color::green);
  }
  w.signal("TOP.cnt_busy_o", 32, kDecimal, Color::normal);
  w.signal("TOP.cnt_compute_o", 32, kDecimal, Color::normal);
  w.close("ctrl");
}

void add_array(Writer& w, const ViewSettings& s) {
  const cycle::Geometry& g = s.geometry;
  w.open_closed("array edge: activations in");
  for (int r = 0; r < g.rows; ++r) w.signal(cell(r, 0, "d_in"), g.act_width + 1, kSigned, Color::blue);
  w.close_closed("array edge: activations in");
  const std::string row = fmt::format("PE row {}: psum of each column", s.row);
  w.open(row);
  w.signal(cell(s.row, 0, "w_q"), g.wgt_width + 1, kSigned, Color::violet);
  w.signal(cell(s.row, 0, "d_q"), g.act_width + 1, kSigned, Color::blue);
  for (int c = 0; c < g.cols; ++c) w.signal(cell(s.row, c, "out_reg"), g.psum_width, kSigned, Color::green);
  w.close(row);
}

void add_output_stage(Writer& w, const cycle::Geometry& g) {
  w.open("out: beat and value of each channel");
  for (const char* name : {"golden.oc", "golden.oh", "golden.ow"}) w.signal(name, 16, kDecimal, Color::yellow);
  for (int c = 0; c < g.cols; ++c) w.signal(fmt::format("rtl.out_data_{}", c), g.psum_width, kSigned, Color::green);
  w.close("out: beat and value of each channel");
}

void add_comparison(Writer& w, const ViewSettings& s) {
  const cycle::Geometry& g = s.geometry;
  w.open("rtl (green) against golden (orange)");
  w.signal("golden.pin_mismatch", 1, kBinary, Color::red);
  w.pair("TOP.out_valid_o", "golden.out_valid", 1, kBinary);
  w.pair("rtl.out_data_0", "golden.out_data_0", g.psum_width, kSigned);
  w.pair("TOP.overflow_o", "golden.overflow", g.cols, kBinary);
  if (s.cells) {
    const std::string golden = fmt::format("golden.pe_{}_0.", s.row);
    w.pair(cell(s.row, 0, "w_q"), golden + "weight", g.wgt_width + 1, kSigned);
    w.pair(cell(s.row, 0, "d_q"), golden + "act", g.act_width + 1, kSigned);
    w.pair(cell(s.row, 0, "out_reg"), golden + "psum", g.psum_width, kSigned);
  }
  w.close("rtl (green) against golden (orange)");
}

void write_file(const std::filesystem::path& file, const std::string& text) {
  std::ofstream out(file, std::ios::binary);
  out << text;
  out.close();
  if (!out) throw model::InputError(file.string(), "", "cannot write");
}

}  // namespace

std::string view_text(const ViewSettings& settings) {
  if (settings.row < 0 || settings.row >= settings.geometry.rows) {
    throw std::invalid_argument(fmt::format("ViewSettings: row {} of {}", settings.row, settings.geometry.rows));
  }
  Writer w(settings);
  w.header();
  w.signal("TOP.clk_i", 1, kBinary, Color::normal);
  w.signal("TOP.rst_ni", 1, kBinary, Color::normal);
  add_streams(w, settings.geometry);
  add_control(w);
  add_comparison(w, settings);
  add_array(w, settings);
  add_output_stage(w, settings.geometry);
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
  const std::filesystem::path view = view_path(settings.dump);
  write_file(view, view_text(settings));
  return view;
}

}  // namespace systole::trace
