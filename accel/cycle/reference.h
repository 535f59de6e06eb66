// SPDX-License-Identifier: Apache-2.0
#pragma once
// The cycle model as the reference of a watch (sim/check/watch.h).
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

  Reference(const accel::Geometry& geometry, bool cells) : model_(geometry, cells) {}

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
  [[nodiscard]] const std::int32_t* registers(std::size_t bank) const {
    switch (static_cast<accel::CellRegister>(bank)) {
      case accel::kWeight:
        return model_.cell_weight();
      case accel::kShadow:
        return model_.cell_shadow();
      case accel::kAct:
        return model_.cell_act();
      default:
        return model_.cell_psum();
    }
  }
  [[nodiscard]] std::string register_coordinate(std::size_t bank, std::size_t cell) const;
  [[nodiscard]] std::optional<check::OutPlace> out_place() const;

 private:
  Model model_;
};

}  // namespace systole::cycle
