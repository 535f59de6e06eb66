// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the golden expects, as signals of the dump: scope `golden` stands beside the design's own scopes in the viewer.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/check/watch.h"
#include "sim/dut/dut.h"

namespace systole::trace {

/// The signals of a GoldenScope for a design of these pins, without addresses, beside a watch of that level. Of the
/// map, names, widths and numbers of lanes are read.
///
/// Scope `golden`: every watched pin under its own name (the output's data lane by lane, out_data_o_0), the coordinate
/// of the beat on the output stream (oc oh ow), `pin_mismatch`, `cycle`, `layer` (planned ones from 0); where the watch
/// follows registers, `register_mismatch` and each of them under its path below the top module
/// (golden.u_array.g_row[0].g_col[0].u_c.psum_q), but memories; of those of which nothing is known the last value.
/// Scope `rtl`: the packed streams of the design element by element (act_data_0, out_data_0).
std::vector<dut::TraceSignal> golden_signals(const port::PinMap& pins, check::CheckLevel level);

/// golden_signals() with the values of a run.
class GoldenScope {
 public:
  /// Both must outlive this object.
  GoldenScope(const check::Watch& watch, const dut::Dut& design);
  GoldenScope(const GoldenScope&) = delete;
  GoldenScope& operator=(const GoldenScope&) = delete;
  GoldenScope(GoldenScope&&) = delete;
  GoldenScope& operator=(GoldenScope&&) = delete;
  ~GoldenScope() = default;

  /// To be handed to Dut::open_trace.
  [[nodiscard]] std::span<const dut::TraceSignal> signals() const { return signals_; }

  /// Takes the values of the cycle that the watch and the design are in, and number it; before each Dut::dump.
  /// `layer`: planned layer under way.
  void update(std::uint64_t cycle, std::size_t layer);

 private:
  void put(std::uint32_t value) { values_[next_++] = value; }
  void put_pins(std::uint64_t cycle, std::size_t layer);
  void put_lanes(const void* packed, int lanes, int lane_bits);
  void put_registers();

  const check::Watch& watch_;
  const port::PinMap& pins_;
  check::PinValues pin_values_;
  std::optional<check::RegisterChecker> registers_;  ///< of those that are followed
  std::vector<std::uint32_t> values_;                ///< in the order of signals_, whole words of each
  std::vector<dut::TraceSignal> signals_;
  std::vector<std::int32_t> lanes_;
  std::size_t next_ = 0;
};

}  // namespace systole::trace
