// SPDX-License-Identifier: Apache-2.0
#include "accel/cycle/reference.h"

#include <fmt/format.h>

namespace systole::cycle {

std::string Reference::register_coordinate(std::size_t /*bank*/, std::size_t cell) const {
  const auto cols = static_cast<std::size_t>(model_.geometry().cols);
  const BeatOrigin origin = model_.origin_cell(static_cast<int>(cell / cols), static_cast<int>(cell % cols));
  if (!origin.valid) return "no beat";
  return fmt::format("oc {} oh {} ow {} ic {} kh {} kw {}{}", origin.oc, origin.oh, origin.ow, origin.ic, origin.kh,
                     origin.kw, origin.padding ? " padding" : "");
}

std::optional<check::OutPlace> Reference::out_place() const {
  const BeatOrigin origin = model_.origin_out();
  if (!origin.valid) return std::nullopt;
  return check::OutPlace{origin.oc, origin.oh, origin.ow};
}

}  // namespace systole::cycle
