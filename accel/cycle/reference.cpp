// SPDX-License-Identifier: Apache-2.0
#include "accel/cycle/reference.h"

#include <fmt/format.h>

namespace systole::cycle {

std::string Reference::register_coordinate(std::size_t bank, std::size_t cell) const {
  const auto which = static_cast<accel::Register>(bank);
  const accel::Lanes lanes = accel::kRegisterNames[which].lanes;
  if (lanes == accel::Lanes::cell) return cell_coordinate(cell);
  const int col = lanes == accel::Lanes::column ? static_cast<int>(cell) : 0;
  const BeatOrigin beat = model_.origin_beat(model_.stages().beat(which), 0, col);
  if (!beat.valid) return fmt::format("pass {} pixel {}", model_.next_beat().pass, model_.next_beat().pixel);
  if (lanes == accel::Lanes::column) {
    const int passes = model_.passes_per_oc_tile();
    return fmt::format("oc {} oh {} ow {} pass {} of {}", beat.oc, beat.oh, beat.ow, beat.pass % passes + 1, passes);
  }
  return fmt::format("oc_tile {} oh {} ow {} ic_tile {} kh {} kw {}{}", beat.oc_tile, beat.oh, beat.ow, beat.ic_tile,
                     beat.kh, beat.kw, beat.padding ? " padding" : "");
}

std::string Reference::cell_coordinate(std::size_t cell) const {
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
