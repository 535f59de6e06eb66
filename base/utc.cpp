// SPDX-License-Identifier: Apache-2.0
#include "base/utc.h"

#include <array>
#include <chrono>
#include <ctime>

namespace systole::base {

std::string utc_now(const char* format) {
  const std::time_t time = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm utc{};
  ::gmtime_r(&time, &utc);
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), format, &utc)};
}

}  // namespace systole::base
