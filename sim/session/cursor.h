// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where a run stands: the next out beat of a command of a planned layer.
#include <cstddef>

#include "sim/session/plan.h"

namespace systole::session {

class Cursor {
 public:
  explicit Cursor(const Plan& plan) : plan_(&plan) {}

  [[nodiscard]] bool done() const { return layer_ == plan_->layers.size(); }
  [[nodiscard]] std::size_t layer() const { return layer_; }
  [[nodiscard]] std::size_t command() const { return command_; }
  [[nodiscard]] std::size_t beat() const { return beat_; }
  [[nodiscard]] const LoweredLayer& lowered() const { return *plan_->layers[layer_].lowered; }
  [[nodiscard]] const CommandFacts& facts() const { return lowered().commands()[command_]; }
  [[nodiscard]] bool last_of_layer() const { return command_ + 1 == lowered().commands().size(); }
  [[nodiscard]] bool last_beat_taken() const { return beat_ == facts().out_beats; }

  void next_beat() { ++beat_; }
  /// Goes to the first beat of the next command, of the next layer behind a layer's last one.
  void next_command() {
    beat_ = 0;
    const bool last = last_of_layer();
    command_ = last ? 0 : command_ + 1;
    layer_ += last ? 1 : 0;
  }
  void restart() { layer_ = command_ = beat_ = 0; }

 private:
  const Plan* plan_;
  std::size_t layer_ = 0, command_ = 0, beat_ = 0;
};

}  // namespace systole::session
