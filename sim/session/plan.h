// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a run does: the network's layers lowered once, and for each image its beats and golden values.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "golden/model/execute.h"
#include "golden/model/network.h"
#include "sim/kernel/beat_queue.h"
#include "sim/session/design.h"

namespace systole::session {

struct PlannedLayer {
  std::size_t node = 0;
  std::unique_ptr<LoweredLayer> lowered;
};

/// The layers that run, in order.
struct Plan {
  const model::Network* network = nullptr;
  double macs_per_cycle = 0;
  std::vector<PlannedLayer> layers;

  [[nodiscard]] const op::Layer& layer(std::size_t i) const { return network->nodes[layers[i].node].layer; }
};

/// Lowers every layer, or only the one named `layer`. `network` must outlive the plan. Throws base::InputError where
/// the network has no such layer or the design cannot run one.
Plan make_plan(const model::Network& network, const Lowering& lowering, const std::string& layer = {});

/// One image: golden outputs of all nodes and the work of every planned layer.
struct ImageWork {
  std::int64_t index = 0;
  int label = -1;
  std::vector<op::Tensor> outputs;                 ///< of every node
  std::vector<fast::RunStats> stats;               ///< of every node, this image
  std::vector<std::unique_ptr<LayerWork>> layers;  ///< planned ones
};

/// What one image exercises of the design, stalls left out: the tiling of every layer, and the golden's arithmetic.
cover::Cover exercised_by(const Plan& plan, const ImageWork& work);

/// Makes ImageWork; buffers of `work` are reused.
class ImageMaker {
 public:
  explicit ImageMaker(const Plan& plan) : plan_(plan), executor_(*plan.network) {}
  void make(const op::Tensor& input, ImageWork& work);

 private:
  const Plan& plan_;
  model::Executor executor_;
};

/// Driver of the run loop: the input streams of one image's commands, one after another without a gap.
class StreamDriver {
 public:
  /// `streams`: input streams of the design.
  explicit StreamDriver(std::size_t streams) : queues_(streams) {}
  void load(const Plan& plan, const ImageWork& work);
  [[nodiscard]] const std::uint32_t* front(std::size_t stream) const { return queues_[stream].front(); }
  void pop(std::size_t stream) { queues_[stream].pop(); }
  [[nodiscard]] const kernel::BeatQueue& queue(std::size_t stream) const { return queues_[stream]; }

 private:
  std::vector<kernel::BeatQueue> queues_;
};

}  // namespace systole::session
