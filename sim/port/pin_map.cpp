// SPDX-License-Identifier: Apache-2.0
#include "sim/port/pin_map.h"

#include <cstring>

namespace systole::port {

void unpack_lanes(const void* packed, int lanes, int bits, std::int32_t* values) {
  const auto* bytes = static_cast<const unsigned char*>(packed);
  if (bits == 32) {
    std::memcpy(values, bytes, static_cast<std::size_t>(lanes) * 4);
    return;
  }
  if (bits == 16) {
    for (int lane = 0; lane < lanes; ++lane) {
      std::int16_t half = 0;
      std::memcpy(&half, bytes + std::ptrdiff_t{lane} * 2, 2);
      values[lane] = half;
    }
    return;
  }
  for (int lane = 0; lane < lanes; ++lane) {
    std::uint32_t value = 0;
    for (int bit = 0; bit < bits; ++bit) {
      const int place = lane * bits + bit;
      value |= std::uint32_t(bytes[place / 8] >> (place % 8) & 1) << bit;
    }
    const std::uint32_t sign = std::uint32_t{1} << (bits - 1);
    values[lane] = static_cast<std::int32_t>((value ^ sign) - sign);
  }
}

}  // namespace systole::port
