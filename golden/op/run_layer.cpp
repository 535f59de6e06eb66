// SPDX-License-Identifier: Apache-2.0
#include "golden/op/run_layer.h"

#include "golden/op/operators.h"
#include "golden/op/validate.h"

namespace systole::op {
namespace {

std::int64_t accumulator(const Layer& layer, std::span<const Tensor* const> inputs, const Place& at, PsumOrder order,
                         Psum& psum) {
  switch (layer.kind) {
    case Kind::conv2d:
      return conv2d(layer, *inputs[0], at, order, psum);
    case Kind::depthwise:
      return depthwise(layer, *inputs[0], at, psum);
    case Kind::fully_connected:
      return fully_connected(layer, *inputs[0], at, order, psum);
    case Kind::max_pool:
      return max_pool(layer, *inputs[0], at, psum);
    case Kind::avg_pool:
      return avg_pool(layer, *inputs[0], at, psum);
    case Kind::add:
      return add(layer, *inputs[0], *inputs[1], at, psum);
    case Kind::concat:
      break;
  }
  return concat(layer, inputs, at, psum);
}

}  // namespace

Tensor run_layer(const Layer& layer, std::span<const Tensor* const> inputs, PsumOrder order, PsumLog* log) {
  validate(layer);
  check_order(layer, order);
  check_inputs(layer, inputs);
  PsumLog unread;
  PsumLog& noted = log != nullptr ? *log : unread;
  noted.overflow.resize(static_cast<std::size_t>(layer.out_c), 0);
  Tensor out(layer.out_h, layer.out_w, layer.out_c);
  for (int oh = 0; oh < layer.out_h; ++oh) {
    for (int ow = 0; ow < layer.out_w; ++ow) {
      for (int oc = 0; oc < layer.out_c; ++oc) {
        const Place at{oh, ow, oc};
        Psum psum(layer, oc, noted);
        out.at(oh, ow, oc) = output_stage(layer, accumulator(layer, inputs, at, order, psum), at, psum);
      }
    }
  }
  for (int oc = 0; oc < layer.out_c && !layer.saturate; ++oc) {
    if (noted.overflow[static_cast<std::size_t>(oc)] != 0) report_overflow(layer, oc);
  }
  return out;
}

}  // namespace systole::op
