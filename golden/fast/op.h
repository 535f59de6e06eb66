// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <span>

#include "golden/fast/ordered_sum.h"
#include "golden/fast/output_stage.h"
#include "golden/fast/run_stats.h"
#include "golden/fast/workspace.h"
#include "golden/op/layer.h"

namespace systole::fast {

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
  void run(std::span<const op::Tensor* const> inputs, op::Tensor& out, Workspace& workspace,
           RunStats* stats = nullptr) const;

  [[nodiscard]] const op::Layer& layer() const { return layer_; }

 protected:
  explicit Op(const op::Layer& layer) : layer_(layer), output_stage_(layer) {}

  /// The accumulator before the bias: out_h * out_w rows of out_c values.
  virtual void accumulate(std::span<const op::Tensor* const> inputs, std::int32_t* acc, Workspace& workspace,
                          RunStats* stats) const = 0;
  /// Accumulator to output values.
  virtual void finish(const std::int32_t* acc, op::Tensor& out, Workspace& workspace, RunStats* stats) const;

 private:
  void report_overflow(const Workspace& workspace, RunStats* stats) const;

  const op::Layer& layer_;
  OutputStage output_stage_;
};

/// The operator of a layer. Throws std::invalid_argument where the layer is not valid (see validate()).
[[nodiscard]] std::unique_ptr<Op> make_op(const op::Layer& layer, op::PsumOrder order = op::PsumOrder::array);
std::unique_ptr<Op> make_op(op::Layer&& layer, op::PsumOrder order = op::PsumOrder::array) = delete;

/// make_op and run in one step, for a layer that is needed once.
[[nodiscard]] op::Tensor run_layer(const op::Layer& layer, std::span<const op::Tensor* const> inputs,
                                   RunStats* stats = nullptr, op::PsumOrder order = op::PsumOrder::array);

}  // namespace systole::fast
