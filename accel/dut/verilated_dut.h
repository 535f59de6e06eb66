// SPDX-License-Identifier: Apache-2.0
#pragma once
// The adapter between a Verilated class of `accel` and Dut. Included by the generated adapter sources only.
#include <verilated.h>
#include <verilated_syms.h>

#include <bit>
#include <memory>
#include <string>
#include <type_traits>

#include "sim/dut/dut.h"
#include "sim/dut/verilated_state.h"
#include "sim/dut/verilated_trace.h"

namespace systole::dut {

static_assert(std::endian::native == std::endian::little, "wide ports are copied as little-endian words");

/// `Model` is the Verilated class, `Root` its design class, which holds the parameters that dut.vlt makes public;
/// `Trace` one of verilated_trace.h.
template <class Model, class Root, class Trace>
class VerilatedDut : public Dut {
 public:
  VerilatedDut() : context_(std::make_unique<VerilatedContext>()) {
    if constexpr (Trace::kFormat != TraceFormat::none) context_->traceEverOn(true);
    model_ = std::make_unique<Model>(context_.get(), "TOP");
    bind_ports();
    cells_ = find_cells(*context_, kGeometry.rows, kGeometry.cols);
    check_port_widths();
  }

  ~VerilatedDut() override {
    // Verilator's scopes leave the context that the thread used last, which may be another model's and gone.
    Verilated::threadContextp(context_.get());
    model_->final();
  }

  [[nodiscard]] accel::Geometry geometry() const override { return kGeometry; }
  [[nodiscard]] TraceFormat trace_format() const override { return Trace::kFormat; }
  void eval() override { model_->eval(); }
  void fill_unreset_state(std::uint64_t seed) override { fill_state(*context_, seed); }
  using Dut::open_trace;
  void open_trace(const std::filesystem::path& file, std::span<const TraceSignal> extra) override {
    trace_.open(*model_, file, extra);
  }
  void dump(std::uint64_t time) override { trace_.dump(time); }
  void close_trace() override { trace_.close(); }

 protected:
  [[nodiscard]] VerilatedContext& context() { return *context_; }

 private:
  static constexpr accel::Geometry kGeometry{.rows = static_cast<int>(Root::accel__DOT__Rows),
                                             .cols = static_cast<int>(Root::accel__DOT__Cols),
                                             .act_width = static_cast<int>(Root::accel__DOT__ActWidth),
                                             .wgt_width = static_cast<int>(Root::accel__DOT__WgtWidth),
                                             .psum_width = static_cast<int>(Root::accel__DOT__PsumWidth),
                                             .act_depth = static_cast<int>(Root::accel__DOT__ActDepth),
                                             .psum_depth = static_cast<int>(Root::accel__DOT__PsumDepth),
                                             .par_tiles = static_cast<int>(Root::accel__DOT__ParTiles)};

  template <class Port>
  static WidePort wide(Port& port) {
    return {&port, sizeof(std::remove_reference_t<Port>)};
  }

  void bind_ports() {
    Model& m = *model_;
    ports_ = {.clk = &m.clk_i,
              .rst_n = &m.rst_ni,
              .cfg_valid = &m.cfg_valid_i,
              .wgt_valid = &m.wgt_valid_i,
              .act_valid = &m.act_valid_i,
              .out_ready = &m.out_ready_i,
              .cfg_data = wide(m.cfg_data_i),
              .wgt_data = wide(m.wgt_data_i),
              .act_data = wide(m.act_data_i),
              .cfg_ready = &m.cfg_ready_o,
              .wgt_ready = &m.wgt_ready_o,
              .act_ready = &m.act_ready_o,
              .out_valid = &m.out_valid_o,
              .out_last = &m.out_last_o,
              .state = &m.state_o,
              .overflow = wide(m.overflow_o),
              .out_data = wide(m.out_data_o),
              .counters = {&m.cnt_busy_o, &m.cnt_stall_in_o, &m.cnt_stall_out_o, &m.cnt_weight_load_o, &m.cnt_compute_o,
                           &m.cnt_drain_o}};
  }

  /// Bytes of the storage Verilator gives a port of `bits` bits.
  static constexpr std::size_t storage(int bits) {
    if (bits <= 8) return 1;
    if (bits <= 16) return 2;
    return static_cast<std::size_t>((bits + 31) / 32) * 4;
  }

  /// The beats of docs/timing.md, section 1, fit the ports that were built for these parameters.
  void check_port_widths() const {
    constexpr int kCols = kGeometry.cols;
    require_port("cfg_data_i", ports_.cfg_data.bytes, storage(128));
    require_port("wgt_data_i", ports_.wgt_data.bytes, storage(kCols * kGeometry.wgt_width + 5));
    require_port("act_data_i", ports_.act_data.bytes, storage(kGeometry.rows * kGeometry.act_width));
    require_port("out_data_o", ports_.out_data.bytes, storage(kCols * kGeometry.psum_width));
    require_port("overflow_o", ports_.overflow.bytes, storage(kCols));
  }

  std::unique_ptr<VerilatedContext> context_;
  std::unique_ptr<Model> model_;
  Trace trace_;
};

}  // namespace systole::dut
