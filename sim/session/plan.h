// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a run does: the network cut into commands once, and for each image the streams and golden values of all layers.
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "accel/lower/tiler.h"
#include "golden/model/execute.h"
#include "golden/model/network.h"
#include "sim/kernel/beat_queue.h"
#include "sim/kernel/stall.h"

namespace systole::session {

/// A layer's commands on one geometry.
struct LayerPlan {
  std::size_t node = 0;
  std::vector<lower::Command> commands;
  std::int64_t macs = 0, roofline_cycles = 0;
};

/// The layers that run, in order.
struct Plan {
  const model::Network* network = nullptr;
  accel::Geometry geometry;
  std::vector<LayerPlan> layers;
};

/// Tiles every layer, or only the one named `layer`. `network` must outlive the plan. Throws base::InputError where
/// the network has no such layer or a layer does not fit the geometry.
Plan make_plan(const model::Network& network, const accel::Geometry& geometry, const std::string& layer = {});

/// One image: golden outputs of all nodes and, per planned layer and command, its streams.
struct ImageWork {
  std::int64_t index = 0;
  int label = -1;
  std::vector<op::Tensor> outputs;                    ///< of every node
  std::vector<fast::RunStats> stats;                  ///< of every node, this image
  std::vector<std::vector<lower::Stimulus>> stimuli;  ///< [planned layer][command]
};

/// Makes ImageWork; buffers of `work` are reused.
class ImageMaker {
 public:
  explicit ImageMaker(const Plan& plan) : plan_(plan), executor_(*plan.network) {}
  void make(const op::Tensor& input, ImageWork& work);

 private:
  const Plan& plan_;
  model::Executor executor_;
};

/// Driver of the run loop: the three input streams of one image's commands, one after another without a gap.
class StreamDriver {
 public:
  void load(const Plan& plan, const ImageWork& work);
  [[nodiscard]] const std::uint32_t* front(kernel::Stream stream) const { return queue(stream).front(); }
  void pop(kernel::Stream stream) { queues_[static_cast<std::size_t>(stream)].pop(); }
  [[nodiscard]] const kernel::BeatQueue& queue(kernel::Stream stream) const {
    return queues_[static_cast<std::size_t>(stream)];
  }

 private:
  void load(const lower::Command& command, const lower::Stimulus& stimulus);
  std::array<kernel::BeatQueue, 3> queues_;
};

}  // namespace systole::session
