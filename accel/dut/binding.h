// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where a Verilated class of `accel` keeps what timing.md names. Included by the generated adapter sources only.
#include <array>
#include <bit>
#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>

#include "accel/contract/pins.h"
#include "accel/dut/geometry.h"
#include "accel/dut/pin_names.h"
#include "sim/dut/dut.h"
#include "sim/dut/verilated_state.h"

namespace systole::accel {

static_assert(std::endian::native == std::endian::little, "wide ports are copied as little-endian words");

/// Of a class made from RTL: `Root`, its design class, holds the parameters that dut.vlt makes public, and every cell
/// its registers.
template <class Root>
struct FromRtl {
  static constexpr bool kHasCells = true;
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
};

/// `Model` is the Verilated class; `Source` says what it was made from: its parameters, and whether the registers of
/// the cells are there. Without them its pins are checked, and no `pe`.
template <class Model, class Source>
struct Binding {
  static std::span<const dut::Parameter> parameters() { return Source::parameters(); }

  static port::PinMap pins(Model& m, VerilatedContext& context) {
    port::PinMap map = pin_names(geometry_of(parameters()));
    if (!Source::kHasCells) map.registers.clear();
    map.clock = &m.clk_i;
    map.reset_n = &m.rst_ni;
    connect(map.inputs[0], m.cfg_valid_i, m.cfg_ready_o, m.cfg_data_i);
    connect(map.inputs[1], m.wgt_valid_i, m.wgt_ready_o, m.wgt_data_i);
    connect(map.inputs[2], m.act_valid_i, m.act_ready_o, m.act_data_i);
    map.output.valid = &m.out_valid_o;
    map.output.ready = &m.out_ready_i;
    map.output.last = &m.out_last_o;
    map.output.data = beat(map.output.data_pin, m.out_data_o, map.output.data.bits);
    const auto watched = std::tie(m.cfg_ready_o, m.wgt_ready_o, m.act_ready_o, m.out_valid_o, m.out_last_o, m.state_o,
                                  m.cnt_busy_o, m.cnt_stall_in_o, m.cnt_stall_out_o, m.cnt_weight_load_o,
                                  m.cnt_compute_o, m.cnt_drain_o, m.overflow_o);
    static_assert(std::tuple_size_v<decltype(watched)> == kOutPins);
    std::size_t pin = 0;
    std::apply([&](auto&... port) { (connect(map.watched[pin++], port), ...); }, watched);
    for (std::size_t i = 0; i < kCounters; ++i) {
      map.counters[i].value = static_cast<const std::uint32_t*>(map.watched[kCnt + i].data);
    }
    for (port::RegisterBank& bank : map.registers) connect(bank, context);
    return map;
  }

 private:
  template <class Port>
  static void connect(port::InStream& stream, std::uint8_t& valid, const std::uint8_t& ready, Port& data) {
    stream.valid = &valid;
    stream.ready = &ready;
    stream.data = beat(stream.data_pin, data, stream.data.bits);
  }

  template <class Port>
  static void connect(port::OutPin& pin, Port& port) {
    const port::Storage storage = beat(pin.name, port, pin.bits);
    pin.data = storage.data;
    pin.bytes = storage.bytes;
  }

  static void connect(port::RegisterBank& bank, VerilatedContext& context) {
    for (const std::string& path : bank.path) {
      const std::size_t dot = path.rfind('.');
      const std::string scope = dot == std::string::npos ? "TOP.accel" : "TOP.accel." + path.substr(0, dot);
      const std::string name = path.substr(dot + 1);
      if (bank.optional && !dut::has_variable(context, scope, name)) continue;
      const port::Storage storage = dut::find_variable(context, scope, name);
      if (storage.bits != bank.bits) {
        throw std::logic_error(path + ": " + std::to_string(storage.bits) + " bits, expected " +
                               std::to_string(bank.bits));
      }
      bank.at.push_back(storage.data);
      bank.bytes = storage.bytes;
    }
  }

  /// Storage of a port of `bits` bits; throws std::logic_error where the port was built for another width.
  template <class Port>
  static port::Storage beat(const std::string& name, Port& storage, int bits) {
    constexpr std::size_t kBytes = sizeof(std::remove_reference_t<Port>);
    const std::size_t words = static_cast<std::size_t>((bits + 31) / 32) * 4;
    const std::size_t expected = bits <= 8 ? 1 : bits <= 16 ? 2 : words;
    if (kBytes != expected) {
      throw std::logic_error("accel." + name + ": port of " + std::to_string(kBytes) + " bytes, expected " +
                             std::to_string(expected));
    }
    return {&storage, kBytes, bits};
  }
};

}  // namespace systole::accel
