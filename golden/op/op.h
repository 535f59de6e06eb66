// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <span>

#include "golden/op/layer.h"
#include "golden/op/ordered_sum.h"
#include "golden/op/output_stage.h"
#include "golden/op/run_stats.h"
#include "golden/op/workspace.h"

namespace systole::op {

/// One layer made ready to run many images: parameters checked, weights arranged for the arithmetic that fits them.
/// Immutable, so that threads may share it, each with its own Workspace. Keeps a reference to the layer, which must
/// outlive it.
class Op {
 public:
  virtual ~Op() = default;
  Op(const Op&) = delete;
  Op& operator=(const Op&) = delete;

  /// Computes `out` (resized if needed) from one input, or two for an add. Throws std::invalid_argument where the
  /// inputs' number, shape or values are not the layer's, and fixed::OverflowError where a partial sum leaves
  /// psum_width and the layer does not declare `saturate`.
  void run(std::span<const Tensor* const> inputs, Tensor& out, Workspace& workspace, RunStats* stats = nullptr) const;

  [[nodiscard]] const Layer& layer() const { return layer_; }

 protected:
  explicit Op(const Layer& layer) : layer_(layer), output_stage_(layer) {}

  /// The accumulator before the bias: out_h * out_w rows of out_c values.
  virtual void accumulate(std::span<const Tensor* const> inputs, std::int32_t* acc, Workspace& workspace,
                          RunStats* stats) const = 0;
  /// Accumulator to output values.
  virtual void finish(const std::int32_t* acc, Tensor& out, Workspace& workspace, RunStats* stats) const;

 private:
  void check(std::span<const Tensor* const> inputs) const;
  void report_overflow(const Workspace& workspace, RunStats* stats) const;

  const Layer& layer_;
  OutputStage output_stage_;
};

/// The operator of a layer. Throws std::invalid_argument where the layer is not valid (see validate()).
[[nodiscard]] std::unique_ptr<Op> make_op(const Layer& layer, PsumOrder order = PsumOrder::array);
std::unique_ptr<Op> make_op(Layer&& layer, PsumOrder order = PsumOrder::array) = delete;

/// make_op and run in one step, for a layer that is needed once.
[[nodiscard]] Tensor run_layer(const Layer& layer, std::span<const Tensor* const> inputs, RunStats* stats = nullptr,
                               PsumOrder order = PsumOrder::array);

}  // namespace systole::op
