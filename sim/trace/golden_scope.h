// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the golden expects, as signals of the dump: scope `golden` stands beside the design's own scopes in the viewer.
#include <cstdint>
#include <span>
#include <vector>

#include "accel/cycle/model.h"
#include "sim/dut/dut.h"

namespace systole::trace {

/// Scope `golden`: every output pin under its name without `_o` (out_data lane by lane), the coordinate of the beat on
/// the out stream (oc oh ow), `pin_mismatch`; with `cells` one scope pe[r][c] with weight, act, psum for each c_unit.
/// Scope `rtl`: the packed streams of the design element by element (act_data out_data).
class GoldenScope {
 public:
  /// Both must outlive this object; `cells` needs a model that follows them.
  GoldenScope(const cycle::Model& model, const dut::Dut& design, bool cells);
  GoldenScope(const GoldenScope&) = delete;
  GoldenScope& operator=(const GoldenScope&) = delete;
  GoldenScope(GoldenScope&&) = delete;
  GoldenScope& operator=(GoldenScope&&) = delete;
  ~GoldenScope() = default;

  /// To be handed to Dut::open_trace.
  [[nodiscard]] std::span<const dut::TraceSignal> signals() const { return signals_; }

  /// Takes the values of the cycle that the model and the design are in; before each Dut::dump.
  void update();

 private:
  void add(std::string scope, std::string name, int bits);
  void declare_pins();
  void declare_streams();
  void declare_cells();
  void update_pins();
  void update_streams();
  void update_cells();
  void put(std::uint32_t value) { values_[next_++] = value; }
  void put_lanes(const void* packed, int count, int width);
  [[nodiscard]] bool pins_agree() const;

  const cycle::Model& model_;
  const dut::Dut& design_;
  accel::Geometry geometry_;
  bool cells_;
  std::vector<std::uint32_t> values_;  ///< in the order of signals_
  std::vector<dut::TraceSignal> signals_;
  std::size_t next_ = 0;
};

}  // namespace systole::trace
