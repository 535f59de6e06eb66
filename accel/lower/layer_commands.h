// SPDX-License-Identifier: Apache-2.0
#pragma once
// Layers as the session plans them: commands of accel behind the interfaces of sim/session/design.h.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "accel/lower/tiler.h"
#include "sim/session/design.h"

namespace systole::lower {

/// One layer's commands.
class LayerCommands final : public session::LoweredLayer {
 public:
  /// Cuts `layer`, which must outlive the object; throws as tile().
  LayerCommands(const op::Layer& layer, const accel::Geometry& geometry);
  /// Commands that are there already, as those of a vector set; such a layer is never filled.
  explicit LayerCommands(std::vector<accel::Command> commands);

  [[nodiscard]] const std::vector<accel::Command>& list() const { return list_; }
  /// Other commands in their place; what they send, and how much must come back, is theirs from now on.
  void replace(std::vector<accel::Command> commands);

  [[nodiscard]] std::optional<check::OutPlace> place(std::size_t command, std::size_t beat, int lane) const override {
    return list_[command].place(beat, lane);
  }
  [[nodiscard]] std::unique_ptr<session::LayerWork> make_work() const override;
  void fill(std::span<const op::Tensor* const> inputs, const op::Tensor& golden_output,
            session::LayerWork& work) const override;

 private:
  void state_facts();
  void state_tiling();

  const op::Layer* layer_ = nullptr;
  std::vector<accel::Command> list_;
};

/// What one image adds to them.
class LayerBeats final : public session::LayerWork {
 public:
  /// What each command sends and what must come back. `commands` must outlive the object and holds as many commands as
  /// there are `stimuli` and `expected`.
  LayerBeats(const LayerCommands& commands, std::vector<accel::Stimulus> stimuli,
             std::vector<std::vector<std::int32_t>> expected)
      : commands_(commands), stimuli_(std::move(stimuli)), expected_(std::move(expected)) {}

  [[nodiscard]] std::size_t size() const { return stimuli_.size(); }
  [[nodiscard]] accel::Job job(std::size_t command) const {
    return {&commands_.list()[command], &stimuli_[command], expected_[command].data()};
  }
  [[nodiscard]] std::vector<accel::Stimulus>& stimuli() { return stimuli_; }
  [[nodiscard]] std::vector<std::vector<std::int32_t>>& expectations() { return expected_; }

  void send(std::size_t command, std::span<kernel::BeatQueue> queues) const override;
  [[nodiscard]] std::span<const std::int32_t> expected(std::size_t command) const override {
    return expected_[command];
  }
  void announce(std::size_t command, check::Watch& watch) const override;

 private:
  const LayerCommands& commands_;
  std::vector<accel::Stimulus> stimuli_;
  std::vector<std::vector<std::int32_t>> expected_;  ///< of Job
};

/// The tiler for one built size.
class Tiler final : public session::Lowering {
 public:
  explicit Tiler(const accel::Geometry& geometry) : geometry_(geometry) {}
  [[nodiscard]] std::unique_ptr<session::LoweredLayer> lower(const op::Layer& layer) const override {
    return std::make_unique<LayerCommands>(layer, geometry_);
  }
  [[nodiscard]] double macs_per_cycle() const override { return static_cast<double>(geometry_.rows) * geometry_.cols; }

 private:
  accel::Geometry geometry_;
};

/// The commands of a layer that a Tiler has lowered, and the beats of one image.
[[nodiscard]] const LayerCommands& commands_of(const session::LoweredLayer& layer);
[[nodiscard]] LayerCommands& commands_of(session::LoweredLayer& layer);
[[nodiscard]] const LayerBeats& beats_of(const session::LayerWork& work);
[[nodiscard]] LayerBeats& beats_of(session::LayerWork& work);

}  // namespace systole::lower
