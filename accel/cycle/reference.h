// SPDX-License-Identifier: Apache-2.0
#pragma once
// The cycle model as the reference of a watch (sim/check/watch.h).
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "accel/cycle/model.h"
#include "sim/check/watch.h"

namespace systole::cycle {

class Reference {
 public:
  static constexpr std::size_t kBytePins = accel::kBytePins, kWordPins = accel::kWordPins;

  /// `wires`: the model under test has those between its modules.
  Reference(const accel::Geometry& geometry, check::CheckLevel level, bool wires)
      : model_(geometry, follow(level, wires)),
        cells_{{{model_.cell_weight()}, {model_.cell_shadow()}, {model_.cell_act()}, {model_.cell_psum()}}} {}

  /// Commands that are under way or to come; the model holds them.
  [[nodiscard]] Model& model() { return model_; }

  void reset() { model_.reset(); }
  void tick(const port::Handshakes& in) {
    model_.tick({.cfg_valid = (in.valid & 1U) != 0,
                 .wgt_valid = (in.valid & 2U) != 0,
                 .act_valid = (in.valid & 4U) != 0,
                 .out_ready = in.ready});
  }
  [[nodiscard]] check::ExpectedPins pins() const { return {model_.pins().value.data(), model_.pins().out_data}; }
  [[nodiscard]] check::ExpectedBank registers(std::size_t bank) const {
    if (bank >= accel::kWeight && bank <= accel::kPsum) return cells_[bank - accel::kWeight];
    return model_.stages().values(static_cast<accel::Register>(bank));
  }
  [[nodiscard]] const std::int32_t* always(std::size_t bank) const {
    const auto which = static_cast<accel::Register>(bank);
    return Stages::always_known(which) ? model_.stages().values(which).values : nullptr;
  }
  [[nodiscard]] std::string register_coordinate(std::size_t bank, std::size_t cell) const;
  [[nodiscard]] std::optional<check::OutPlace> out_place() const;

 private:
  [[nodiscard]] std::string cell_coordinate(std::size_t cell) const;
  static Follow follow(check::CheckLevel level, bool wires) {
    if (level < check::CheckLevel::pe) return Follow::pins;
    if (level == check::CheckLevel::pe) return Follow::cells;
    return wires ? Follow::wires : Follow::all;
  }

  Model model_;
  std::array<check::ExpectedBank, 4> cells_;
};

}  // namespace systole::cycle
