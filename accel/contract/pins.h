// SPDX-License-Identifier: Apache-2.0
#pragma once
// The names that timing.md gives to what is seen of the accelerator: streams, output pins, states, counters.
// Everything that names one takes it from here.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace systole::accel {

/// Input streams, in the order of their beats in a command.
enum class In : std::uint8_t { cfg, wgt, act };
inline constexpr std::array<std::string_view, 3> kInNames{"cfg", "wgt", "act"};

/// Codes of `state_o`.
enum class State : std::uint8_t {
  S_IDLE,
  S_READ_PARAM,
  S_READ_W8,
  S_READ_W2,
  S_READ_INPUT,
  S_EMPTY,
  S_INPUT_CH,
  S_FINISH
};
inline constexpr std::array<std::string_view, 8> kStateNames{"S_IDLE",       "S_READ_PARAM", "S_READ_W8",  "S_READ_W2",
                                                             "S_READ_INPUT", "S_EMPTY",      "S_INPUT_CH", "S_FINISH"};
constexpr std::string_view state_name(std::size_t code) { return code < kStateNames.size() ? kStateNames[code] : "?"; }

/// Cycle counters; the pin of one is cnt_NAME_o.
enum Counter : std::uint8_t { kBusy, kStallIn, kStallOut, kWeightLoad, kCompute, kDrain, kCounters };
inline constexpr std::array<std::string_view, kCounters> kCounterNames{"busy",        "stall_in", "stall_out",
                                                                       "weight_load", "compute",  "drain"};

/// Output pins but out_data_o, in the order in which they are compared: first those of one byte of storage, then those
/// of four, then overflow_o, whose width is the array's.
enum OutPin : std::uint8_t {
  kCfgReady,
  kWgtReady,
  kActReady,
  kOutValid,
  kOutLast,
  kState,
  kCnt,  ///< the first of the counters
  kOverflow = kCnt + kCounters,
  kOutPins
};
inline constexpr std::size_t kBytePins = kCnt, kWordPins = kCounters;
inline constexpr std::array<std::string_view, kOutPins> kOutPinNames{
    "cfg_ready_o",    "wgt_ready_o",     "act_ready_o",       "out_valid_o",   "out_last_o",  "state_o",   "cnt_busy_o",
    "cnt_stall_in_o", "cnt_stall_out_o", "cnt_weight_load_o", "cnt_compute_o", "cnt_drain_o", "overflow_o"};

}  // namespace systole::accel
