// SPDX-License-Identifier: Apache-2.0
// Dumps of a small layer, read back: golden beside the design, and a view whose signals all exist.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "accel/bus/golden_monitor.h"
#include "accel/dut/geometry.h"
#include "accel/dut/view.h"
#include "base/input_error.h"
#include "sim/dut/registry.h"
#include "sim/trace/golden_scope.h"
#include "sim/trace/view.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiled_layer.h"

namespace {

using namespace systole;

using test::TemporaryFolder;

class Sink final : public kernel::TraceSink {
 public:
  Sink(dut::Dut& design, trace::GoldenScope& golden) : design_(design), golden_(golden) {}
  bool active(std::uint64_t /*cycle*/) override { return true; }
  void dump(std::uint64_t time) override {
    golden_.update(time / kernel::kTimePerCycle, 0);
    design_.dump(time);
  }

 private:
  dut::Dut& design_;
  trace::GoldenScope& golden_;
};

/// Runs a small layer and dumps all of it; returns its cycles.
std::uint64_t dump_layer(dut::Dut& dut, const std::filesystem::path& file, check::CheckLevel level) {
  dut::Dut* const design = &dut;
  const op::Layer layer = test::conv_layer("traced", 5, 9, 8, 2);
  const test::TiledLayer tiled = test::tile_image(layer, {test::random_input(layer)}, accel::geometry_of(*design));
  const accel::Job job = tiled.job(0);
  bus::ClockedDut clocked(*design, {}, 3);
  bus::GoldenMonitor monitor(*design, level);
  monitor.expect(job);
  trace::GoldenScope golden(monitor.watch(), *design);
  Sink sink(*design, golden);
  clocked.observe(&monitor);
  clocked.trace(&sink);
  design->open_trace(file, golden.signals());
  for (std::size_t i = 0; i < job.command->cfg.size(); ++i) clocked.cfg.push(job.command->cfg[i]);
  for (std::size_t i = 0; i < job.command->wgt.size(); ++i) clocked.wgt.push(job.command->wgt[i]);
  for (std::size_t i = 0; i < job.command->act_beats(); ++i) {
    clocked.act.push(accel::act_beat(*job.command, *job.stimulus, i));
  }
  while (!clocked.at_rest()) clocked.cycle();
  design->close_trace();
  CHECK(monitor.mismatches().empty());
  CHECK(clocked.out.size() == job.command->out_beats());
  return clocked.cycles();
}

std::uint64_t dump_layer(const std::filesystem::path& file) {
  return dump_layer(*dut::make_dut("8x8", dut::TraceFormat::vcd), file, check::CheckLevel::pe);
}

/// A VCD read back: full signal name with its range ("TOP.state_o[2:0]") to its identifier, and the changes.
struct Vcd {
  std::map<std::string, std::string> identifiers;
  std::vector<std::map<std::string, std::string>> states;  ///< identifier to value, one map for each time
};

Vcd read_vcd(const std::filesystem::path& file) {
  std::ifstream in(file);
  Vcd vcd;
  std::vector<std::string> scopes;
  std::map<std::string, std::string> now;
  bool any_time = false;
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string first, kind, bits, identifier, name, range;
    words >> first;
    if (first == "$scope") {
      words >> kind >> name;
      scopes.push_back(name);
    } else if (first == "$upscope") {
      scopes.pop_back();
    } else if (first == "$var") {
      words >> kind >> bits >> identifier >> name >> range;
      std::string full;
      for (const std::string& scope : scopes) full += scope + '.';
      vcd.identifiers[full + name + (range == "$end" ? "" : range)] = identifier;
    } else if (first.starts_with('#')) {
      if (any_time) vcd.states.push_back(now);
      any_time = true;
    } else if (first.starts_with('b')) {
      words >> identifier;
      now[identifier] = first.substr(1);
    } else if (first.starts_with('0') || first.starts_with('1')) {
      now[first.substr(1)] = first.substr(0, 1);
    }
  }
  vcd.states.push_back(now);
  return vcd;
}

/// Times at which two signals differ, of all; both must exist.
std::size_t differences(const Vcd& vcd, const std::string& a, const std::string& b) {
  CAPTURE(a);
  CAPTURE(b);
  REQUIRE(vcd.identifiers.contains(a));
  REQUIRE(vcd.identifiers.contains(b));
  std::size_t count = 0;
  for (const auto& state : vcd.states) {
    count += state.at(vcd.identifiers.at(a)) == state.at(vcd.identifiers.at(b)) ? 0 : 1;
  }
  return count;
}

/// Different values that a signal takes.
std::size_t values_of(const Vcd& vcd, const std::string& signal) {
  std::set<std::string> values;
  for (const auto& state : vcd.states) values.insert(state.at(vcd.identifiers.at(signal)));
  return values.size();
}

/// The signals that a view shows.
std::vector<std::string> signals_of(const std::string& view) {
  std::vector<std::string> names;
  std::istringstream in(view);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("+{")) line.erase(0, line.find('}') + 2);  // an alias in front
    if (line.starts_with("TOP.") || line.starts_with("golden.") || line.starts_with("rtl.")) names.push_back(line);
  }
  return names;
}

std::string read_text(const std::filesystem::path& file) {
  std::ifstream in(file);
  REQUIRE(in.good());
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("block.trace.golden_scope.equals_design") {
  const TemporaryFolder folder;
  const std::uint64_t cycles = dump_layer(folder / "layer.vcd");
  const Vcd vcd = read_vcd(folder / "layer.vcd");
  CHECK(vcd.states.size() == 2 * cycles);
  for (const char* pin : {"cfg_ready_o", "wgt_ready_o", "act_ready_o", "out_valid_o", "out_last_o"}) {
    CHECK(differences(vcd, fmt::format("golden.{}", pin), fmt::format("TOP.{}", pin)) == 0);
    CHECK(values_of(vcd, fmt::format("golden.{}", pin)) == 2);
  }
  CHECK(differences(vcd, "golden.state_o[2:0]", "TOP.state_o[2:0]") == 0);
  CHECK(values_of(vcd, "golden.state_o[2:0]") == 8);
  CHECK(differences(vcd, "golden.cnt_busy_o[31:0]", "TOP.cnt_busy_o[31:0]") == 0);
  CHECK(values_of(vcd, "golden.pin_mismatch") == 1);
  for (int lane = 0; lane < 8; ++lane) {
    CHECK(differences(vcd, fmt::format("golden.out_data_o_{}[31:0]", lane),
                      fmt::format("rtl.out_data_{}[31:0]", lane)) == 0);
    CHECK(values_of(vcd, fmt::format("golden.out_data_o_{}[31:0]", lane)) > 2);
    for (int row = 0; row < 8; ++row) {
      const std::string rtl = fmt::format("TOP.accel.u_array.g_row[{}].g_col[{}].u_c.", row, lane);
      const std::string golden = fmt::format("golden.u_array.g_row[{}].g_col[{}].u_c.", row, lane);
      for (const char* name : {"weight_q[8:0]", "shadow_q[8:0]", "act_q[8:0]", "psum_q[31:0]"}) {
        CHECK(differences(vcd, golden + name, rtl + name) == 0);
      }
    }
  }
  CHECK(values_of(vcd, "golden.u_array.g_row[7].g_col[7].u_c.psum_q[31:0]") > 4);
}

TEST_CASE("block.trace.golden_scope.shows_every_watched_register_at_all") {
  const TemporaryFolder folder;
  const auto design = dut::make_dut("8x8", dut::TraceFormat::vcd);
  dump_layer(*design, folder / "all.vcd", check::CheckLevel::all);
  const Vcd vcd = read_vcd(folder / "all.vcd");
  std::size_t moved = 0;
  for (const port::RegisterBank& bank : design->pins().registers) {
    for (std::size_t i = 0; bank.depth == 0 && i < bank.path.size(); ++i) {
      CAPTURE(bank.path[i]);
      const std::string range = bank.bits == 1 ? "" : fmt::format("[{}:0]", bank.bits - 1);
      REQUIRE(vcd.identifiers.contains("golden." + bank.path[i] + range));
      if (values_of(vcd, "golden." + bank.path[i] + range) > 2) ++moved;
      // Those of which golden knows nothing before their first use keep their last value; valid_q is [4:1] in RTL.
      if (!bank.deep || bank.name == "accumulated" || bank.name == "product" || bank.name == "weight FIFO head")
        CHECK(differences(vcd, "golden." + bank.path[i] + range, "TOP.accel." + bank.path[i] + range) == 0);
    }
  }
  CHECK(moved > 250);
}

TEST_CASE("block.trace.golden_scope.has_no_registers_below_pe") {
  const TemporaryFolder folder;
  const auto design = dut::make_dut("8x8", dut::TraceFormat::vcd);
  // The second dump of a model, behind one that had them.
  dump_layer(*design, folder / "pe.vcd", check::CheckLevel::pe);
  dump_layer(*design, folder / "pins.vcd", check::CheckLevel::pins);
  const auto cells = [](const Vcd& vcd) {
    return std::ranges::count_if(vcd.identifiers,
                                 [](const auto& signal) { return signal.first.starts_with("golden.u_array"); });
  };
  CHECK(cells(read_vcd(folder / "pe.vcd")) == 6 * 64);  // four registers of each cell, its enable and overflow flag
  const Vcd pins = read_vcd(folder / "pins.vcd");
  CHECK(cells(pins) == 0);
  CHECK(values_of(pins, "golden.state_o[2:0]") == 8);
  CHECK(values_of(pins, "TOP.accel.u_array.g_row[0].g_col[0].u_c.psum_q[31:0]") > 4);
}

TEST_CASE("block.trace.view.shows_existing_signals") {
  const TemporaryFolder folder;
  dump_layer(folder / "layer.vcd");
  const Vcd vcd = read_vcd(folder / "layer.vcd");
  const auto design = dut::make_dut("8x8", dut::TraceFormat::vcd);
  for (const std::size_t cell : {0U, 63U}) {
    const auto names = signals_of(trace::view_text({.pins = &design->pins(),
                                                    .design = accel::view_of(accel::geometry_of(*design)),
                                                    .dump = {},
                                                    .state_filter = "f",
                                                    .cell = cell,
                                                    .marker = {}}));
    CHECK(names.size() > 40);
    for (const std::string& name : names) {
      CAPTURE(name);
      CHECK(vcd.identifiers.contains(name));
    }
  }
}

/// Of a wide register a part differs; a dump has it whole.
TEST_CASE("block.trace.view.shows_a_wide_register_that_differs_once") {
  const TemporaryFolder folder;
  const auto design = dut::make_dut("8x8", dut::TraceFormat::vcd);
  dump_layer(*design, folder / "layer.vcd", check::CheckLevel::all);
  const Vcd vcd = read_vcd(folder / "layer.vcd");
  const std::string fifo = "u_output_stage.u_fifo.tail_q";
  std::vector<check::Mismatch> wrong(2);
  for (check::Mismatch& mismatch : wrong) mismatch.checker = check::Checker::registers;
  wrong[0].signal = fifo + "[63:32]";
  wrong[1].signal = fifo + "[95:64]";
  const std::string text = trace::view_text({.pins = &design->pins(),
                                             .design = accel::view_of(accel::geometry_of(*design)),
                                             .check = check::CheckLevel::all,
                                             .dump = {},
                                             .state_filter = "f",
                                             .wrong = wrong,
                                             .marker = {}});
  for (const std::string& name : {"TOP.accel." + fifo + "[256:0]", "golden." + fifo + "[256:0]"}) {
    CAPTURE(name);
    CHECK(vcd.identifiers.contains(name));
    const std::size_t at = text.find(" " + name + "\n");
    CHECK(at != std::string::npos);
    CHECK(text.find(" " + name + "\n", at + 1) == std::string::npos);
  }
}

TEST_CASE("block.trace.view.files_beside_the_dump") {
  const TemporaryFolder folder;
  const auto design = dut::make_dut("8x8", dut::TraceFormat::vcd);
  trace::ViewSettings settings{.pins = &design->pins(),
                               .design = accel::view_of(accel::geometry_of(*design)),
                               .dump = folder / "x.fst",
                               .state_filter = {},
                               .marker = 1000};
  const auto view = trace::write_view(settings);
  CHECK(view == folder / "x.fst.gtkw");
  const std::string text = read_text(view);
  CHECK(text.find(fmt::format("[dumpfile] \"{}\"", (folder / "x.fst").string())) != std::string::npos);
  CHECK(text.find(fmt::format("^1 {}\n", (folder / "x.fst.state.filter").string())) != std::string::npos);
  CHECK(text.find("[timestart] 900\n") != std::string::npos);
  CHECK(text.find(" 1000 -1 ") != std::string::npos);
  CHECK(read_text(folder / "x.fst.state.filter").starts_with("0 S_IDLE\n1 S_READ_PARAM\n"));
  settings.cell = 64;
  CHECK_THROWS_AS((void)trace::view_text(settings), std::invalid_argument);
  settings.cell = 0;
  settings.dump = folder / "no/such/x.fst";
  CHECK_THROWS_AS(trace::write_view(settings), base::InputError);
}

TEST_CASE("block.trace.view.stored_view_is_current") {
  const auto design = dut::make_dut("8x8", dut::TraceFormat::vcd);
  const trace::ViewSettings settings{.pins = &design->pins(),
                                     .design = accel::view_of(accel::geometry_of(*design)),
                                     .dump = {},
                                     .state_filter = "waveforms/ctrl_state.filter",
                                     .marker = {}};
  CHECK(read_text("waveforms/accel.gtkw") == trace::view_text(settings));
  CHECK(read_text("waveforms/ctrl_state.filter") == trace::state_filter_text(settings.design));
}
