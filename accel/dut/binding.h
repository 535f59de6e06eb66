// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where a Verilated class of `accel` keeps what timing.md names. Included by the generated adapter sources only.
#include <array>
#include <bit>
#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>
#include <type_traits>

#include "accel/contract/pins.h"
#include "sim/dut/dut.h"
#include "sim/dut/verilated_state.h"

namespace systole::accel {

static_assert(std::endian::native == std::endian::little, "wide ports are copied as little-endian words");

/// `Model` is the Verilated class, `Root` its design class, which holds the parameters that dut.vlt makes public.
template <class Model, class Root>
struct Binding {
  static std::span<const dut::Parameter> parameters() {
    static constexpr std::array<dut::Parameter, 8> kParameters{{{"Rows", Root::accel__DOT__Rows},
                                                                {"Cols", Root::accel__DOT__Cols},
                                                                {"ActWidth", Root::accel__DOT__ActWidth},
                                                                {"WgtWidth", Root::accel__DOT__WgtWidth},
                                                                {"PsumWidth", Root::accel__DOT__PsumWidth},
                                                                {"ActDepth", Root::accel__DOT__ActDepth},
                                                                {"PsumDepth", Root::accel__DOT__PsumDepth},
                                                                {"ParTiles", Root::accel__DOT__ParTiles}}};
    return kParameters;
  }

  static port::PinMap pins(Model& m, VerilatedContext& context) {
    port::PinMap map;
    map.clock_pin = "clk_i";
    map.clock = &m.clk_i;
    map.reset_n = &m.rst_ni;
    map.inputs = {in(In::cfg, m.cfg_valid_i, m.cfg_ready_o, beat("cfg_data_i", m.cfg_data_i, kCfgDataBits)),
                  in(In::wgt, m.wgt_valid_i, m.wgt_ready_o, beat("wgt_data_i", m.wgt_data_i, kCols * kWgtWidth + 5)),
                  in(In::act, m.act_valid_i, m.act_ready_o, beat("act_data_i", m.act_data_i, kRows * kActWidth))};
    map.inputs.back().lanes = kRows;
    map.inputs.back().lane_bits = kActWidth;
    map.output = {.name = "out",
                  .valid_pin = "out_valid_o",
                  .ready_pin = "out_ready_i",
                  .last_pin = "out_last_o",
                  .data_pin = "out_data_o",
                  .valid = &m.out_valid_o,
                  .ready = &m.out_ready_i,
                  .last = &m.out_last_o,
                  .data = beat("out_data_o", m.out_data_o, kCols * kPsumWidth),
                  .lanes = kCols,
                  .lane_bits = kPsumWidth};
    const std::array<const std::uint32_t*, kCounters> counters{
        &m.cnt_busy_o, &m.cnt_stall_in_o, &m.cnt_stall_out_o, &m.cnt_weight_load_o, &m.cnt_compute_o, &m.cnt_drain_o};
    const port::Storage overflow = beat("overflow_o", m.overflow_o, kCols);
    map.watched = {pin(kCfgReady, m.cfg_ready_o), pin(kWgtReady, m.wgt_ready_o), pin(kActReady, m.act_ready_o),
                   pin(kOutValid, m.out_valid_o), pin(kOutLast, m.out_last_o),   pin(kState, m.state_o, 3)};
    for (std::size_t i = 0; i < counters.size(); ++i) {
      map.watched.push_back({std::string(kOutPinNames[kCnt + i]), counters[i], sizeof(std::uint32_t), 32});
      map.counters.push_back({std::string(kCounterNames[i]), map.watched.back().name, counters[i]});
    }
    map.watched.push_back({std::string(kOutPinNames[kOverflow]), overflow.data, overflow.bytes, overflow.bits});
    for (const CellRegisterName& cell : kCellRegisterNames) map.registers.push_back(bank(context, cell));
    return map;
  }

 private:
  static constexpr int kRows = Root::accel__DOT__Rows, kCols = Root::accel__DOT__Cols;
  static constexpr int kActWidth = Root::accel__DOT__ActWidth, kWgtWidth = Root::accel__DOT__WgtWidth;
  static constexpr int kPsumWidth = Root::accel__DOT__PsumWidth, kCfgDataBits = 128;

  static port::InStream in(In which, std::uint8_t& valid, const std::uint8_t& ready, const port::Storage& data) {
    const std::string name(kInNames[static_cast<std::size_t>(which)]);
    return {.name = name,
            .valid_pin = name + "_valid_i",
            .ready_pin = name + "_ready_o",
            .data_pin = name + "_data_i",
            .valid = &valid,
            .ready = &ready,
            .data = data};
  }

  template <class Port>
  static port::OutPin pin(OutPin which, Port& storage, int bits = 1) {
    return {std::string(kOutPinNames[which]), &storage, sizeof(std::remove_reference_t<Port>), bits};
  }

  /// Storage of a port that carries a beat of `bits` bits (docs/timing.md, section 1); throws std::logic_error where
  /// the port was built for another width.
  template <class Port>
  static port::Storage beat(const char* name, Port& storage, int bits) {
    constexpr std::size_t kBytes = sizeof(std::remove_reference_t<Port>);
    const std::size_t words = static_cast<std::size_t>((bits + 31) / 32) * 4;
    const std::size_t expected = bits <= 8 ? 1 : bits <= 16 ? 2 : words;
    if (kBytes != expected) {
      throw std::logic_error(std::string("accel.") + name + ": port of " + std::to_string(kBytes) +
                             " bytes, the beat has " + std::to_string(expected));
    }
    return {&storage, kBytes, bits};
  }

  static port::RegisterBank bank(VerilatedContext& context, const CellRegisterName& cell) {
    port::RegisterBank result{.name = std::string(cell.holds), .path = {}, .at = {}};
    const std::string variable(cell.variable);
    for (int row = 0; row < kRows; ++row) {
      for (int col = 0; col < kCols; ++col) {
        const std::string path = cell_path(row, col);
        const port::Storage storage = dut::find_variable(context, "TOP.accel." + path, variable);
        result.path.push_back(path + "." + variable);
        result.at.push_back(storage.data);
        result.bits = storage.bits;
        result.bytes = storage.bytes;
      }
    }
    return result;
  }
};

}  // namespace systole::accel
