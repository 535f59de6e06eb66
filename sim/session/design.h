// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the session asks of a design besides its model: how layers become transactions, and what it must show meanwhile.
// One design is linked into a program; accel is the first.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "golden/model/network.h"
#include "golden/op/tensor.h"
#include "sim/check/watch.h"
#include "sim/cover/cover.h"
#include "sim/dut/dut.h"
#include "sim/kernel/beat_queue.h"
#include "sim/trace/view.h"

namespace systole::session {

/// A part of a layer that the design runs at once; its last out beat carries `last`.
struct CommandFacts {
  std::size_t out_beats = 0;
  std::uint64_t cycle_bound = 0;   ///< cycles that it takes at most without stalls
  std::uint64_t beats_in_all = 0;  ///< of all streams, what a shared bus has to carry
  std::int64_t macs = 0;
};

/// What one image adds to a lowered layer: the beats to send and what must come back.
class LayerWork {
 public:
  LayerWork() = default;
  LayerWork(const LayerWork&) = delete;
  LayerWork& operator=(const LayerWork&) = delete;
  LayerWork(LayerWork&&) = delete;
  LayerWork& operator=(LayerWork&&) = delete;
  virtual ~LayerWork() = default;

  /// Appends the beats of a command: those of input stream i to queues[i]. They stay this object's.
  virtual void send(std::size_t command, std::span<kernel::BeatQueue> queues) const = 0;
  /// Expected values of a command's out beats, [beat][lane].
  [[nodiscard]] virtual std::span<const std::int32_t> expected(std::size_t command) const = 0;
  /// Tells the reference behind a watch of the same design that this command comes after those already announced. This
  /// object must outlive the command.
  virtual void announce(std::size_t command, check::Watch& watch) const = 0;
};

/// A layer as the design runs it, whatever the image.
class LoweredLayer {
 public:
  LoweredLayer() = default;
  LoweredLayer(const LoweredLayer&) = delete;
  LoweredLayer& operator=(const LoweredLayer&) = delete;
  LoweredLayer(LoweredLayer&&) = delete;
  LoweredLayer& operator=(LoweredLayer&&) = delete;
  virtual ~LoweredLayer() = default;

  [[nodiscard]] const std::vector<CommandFacts>& commands() const { return commands_; }
  [[nodiscard]] std::int64_t macs() const { return macs_; }
  /// Cycles below which the design's interface cannot come.
  [[nodiscard]] std::int64_t roofline_cycles() const { return roofline_cycles_; }

  /// How the layer lies on the array: the tiling items, for one image.
  [[nodiscard]] const cover::Cover& tiling() const { return tiling_; }

  /// The output element in a lane of a command's out beat; nothing for a lane without one.
  [[nodiscard]] virtual std::optional<check::OutPlace> place(std::size_t command, std::size_t beat, int lane) const = 0;
  /// Buffers for one image at a time.
  [[nodiscard]] virtual std::unique_ptr<LayerWork> make_work() const = 0;
  /// Fills `work`, which is of this layer's make_work(), from the layer's inputs and its golden output. Allocates
  /// nothing when the shapes repeat. Throws base::InputError where a tensor is not the layer's.
  virtual void fill(std::span<const op::Tensor* const> inputs, const op::Tensor& golden_output,
                    LayerWork& work) const = 0;

 protected:
  std::vector<CommandFacts> commands_;
  std::int64_t macs_ = 0, roofline_cycles_ = 0;
  cover::Cover tiling_;
};

/// Cuts layers into commands of one built design.
class Lowering {
 public:
  Lowering() = default;
  Lowering(const Lowering&) = delete;
  Lowering& operator=(const Lowering&) = delete;
  Lowering(Lowering&&) = delete;
  Lowering& operator=(Lowering&&) = delete;
  virtual ~Lowering() = default;

  /// Throws base::InputError, naming layer and field, where the design cannot run it.
  [[nodiscard]] virtual std::unique_ptr<LoweredLayer> lower(const op::Layer& layer) const = 0;
  /// Products that the design computes in a cycle at most.
  [[nodiscard]] virtual double macs_per_cycle() const = 0;
};

class Transport;

class Design {
 public:
  Design() = default;
  Design(const Design&) = delete;
  Design& operator=(const Design&) = delete;
  Design(Design&&) = delete;
  Design& operator=(Design&&) = delete;
  virtual ~Design() = default;

  [[nodiscard]] virtual std::unique_ptr<Lowering> lowering(const dut::Dut& dut) const = 0;
  /// The comparison of that level, CheckLevel::pins or above; null where the design has no reference, and then no such
  /// level. `dut` must outlive it.
  [[nodiscard]] virtual std::unique_ptr<check::Watch> watch(const dut::Dut& dut, check::CheckLevel level) const = 0;
  /// A small network in the design's ranges, of which every out beat carries every lane, with values from `seed`.
  [[nodiscard]] virtual model::Network canary_network(const dut::Dut& dut, std::uint64_t seed) const = 0;
  /// What the design says of its state, for a run that hangs: "state S_EMPTY", or empty.
  [[nodiscard]] virtual std::string status(const dut::Dut& dut) const = 0;
  [[nodiscard]] virtual trace::DesignView view(const dut::Dut& dut) const = 0;
};

/// The design of this program: defined beside its models, found when the program is linked.
const Design& design();

}  // namespace systole::session
