// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <fmt/format.h>

#include <string>

#include "golden/op/layer.h"

namespace systole::session {

/// "14x14x6 -> 5x5 10x10x16": input, kernel where it is larger than a pixel, output; height, width, channels.
inline std::string shape_text(const op::Layer& l) {
  const std::string window =
      l.window.kernel_h * l.window.kernel_w > 1 ? fmt::format(" {}x{}", l.window.kernel_h, l.window.kernel_w) : "";
  return fmt::format("{}x{}x{} ->{} {}x{}x{}", l.in_h, l.in_w, l.in_c, window, l.out_h, l.out_w, l.out_c);
}

}  // namespace systole::session
