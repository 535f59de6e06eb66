// SPDX-License-Identifier: Apache-2.0
#pragma once
// The address map of AccelTarget: one register block and one window for each stream. docs/tlm.md explains it.
#include <cstdint>

namespace systole::bus {

/// Every address inside a stream's window is the stream: an incrementing burst pushes or pops beat after beat.
inline constexpr std::uint64_t kWindowBytes = 0x10'0000;
inline constexpr std::uint64_t kRegisterBase = 0x00'0000;
inline constexpr std::uint64_t kCfgBase = 0x10'0000;  ///< write only
inline constexpr std::uint64_t kWgtBase = 0x20'0000;  ///< write only
inline constexpr std::uint64_t kActBase = 0x30'0000;  ///< write only
inline constexpr std::uint64_t kOutBase = 0x40'0000;  ///< read only
inline constexpr std::uint64_t kMapBytes = 0x50'0000;

/// Byte offsets of the 32-bit read-only registers.
enum class Register : std::uint32_t {
  id = 0x00,           ///< kId
  geometry = 0x04,     ///< [7:0] rows, [15:8] cols, [19:16] act_width, [23:20] wgt_width, [31:24] psum_width
  status = 0x08,       ///< [2:0] state_o, [4] busy: not in S_IDLE or input beats waiting
  overflow = 0x0C,     ///< overflow_o
  busy = 0x10,         ///< cnt_busy_o; the five below likewise
  stall_in = 0x14,     ///< cnt_stall_in_o
  stall_out = 0x18,    ///< cnt_stall_out_o
  weight_load = 0x1C,  ///< cnt_weight_load_o
  compute = 0x20,      ///< cnt_compute_o
  drain = 0x24,        ///< cnt_drain_o
  cycles_low = 0x28,   ///< clock cycles since reset, low word
  cycles_high = 0x2C,  ///< high word
  cfg_level = 0x30,    ///< beats that wait in the target for the design; the two below likewise
  wgt_level = 0x34,
  act_level = 0x38,
  out_level = 0x3C  ///< beats that wait for the initiator
};
inline constexpr std::uint64_t kRegisterBytes = 0x40;
inline constexpr std::uint32_t kId = 0x5359'5301;  ///< "SYS", map version 1

}  // namespace systole::bus
