// SPDX-License-Identifier: Apache-2.0
#include "sim/kernel/watchdog.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace systole::kernel {

std::uint64_t cycle_bound(const accel::Header& header, const accel::Geometry& geometry) {
  const auto product = [](int a, int b) { return static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b); };
  const auto rows = static_cast<std::uint64_t>(geometry.rows), cols = static_cast<std::uint64_t>(geometry.cols);
  const std::uint64_t fill = product(header.in_h, header.in_w);
  const std::uint64_t pass = std::max(product(header.out_h, header.out_w), rows);
  const std::uint64_t group = std::max(product(header.kernel_h, header.kernel_w) * pass, fill);
  const std::uint64_t groups = product(header.ic_tiles, header.oc_tiles);
  const std::uint64_t beats_of_cfg = 3 + cols, beats_of_first_tile = rows + 1;
  return 13 + beats_of_cfg + beats_of_first_tile + fill + groups * group + rows + cols + 6;
}

std::string_view state_name(unsigned code) {
  static constexpr std::array<std::string_view, 8> kNames{"S_IDLE",       "S_READ_PARAM", "S_READ_W8",  "S_READ_W2",
                                                          "S_READ_INPUT", "S_EMPTY",      "S_INPUT_CH", "S_FINISH"};
  return code < kNames.size() ? kNames[code] : "?";
}

namespace {

std::string input_wait(std::string_view stream, bool valid, bool ready) {
  if (valid && !ready) return fmt::format("{}: bench waits for {}_ready_o", stream, stream);
  if (!valid && ready) return fmt::format("{}: design waits for {}_valid_i", stream, stream);
  return fmt::format("{}: {}", stream, valid ? "moving" : "idle");
}

}  // namespace

std::string who_waits(const dut::Ports& p) {
  const bool out_valid = *p.out_valid != 0, out_ready = *p.out_ready != 0;
  const char* out = out_valid ? (out_ready ? "moving" : "design waits for out_ready_i") : "bench waits for out_valid_o";
  return fmt::format("state {}; {}; {}; {}; out: {}", state_name(*p.state),
                     input_wait("cfg", *p.cfg_valid != 0, *p.cfg_ready != 0),
                     input_wait("wgt", *p.wgt_valid != 0, *p.wgt_ready != 0),
                     input_wait("act", *p.act_valid != 0, *p.act_ready != 0), out);
}

}  // namespace systole::kernel
