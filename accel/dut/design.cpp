// SPDX-License-Identifier: Apache-2.0
// accel behind the interfaces of the session; the program's one design.
#include "sim/session/design.h"

#include <fmt/format.h>

#include <memory>

#include "accel/contract/pins.h"
#include "accel/cycle/reference.h"
#include "accel/dut/geometry.h"
#include "accel/dut/pin_names.h"
#include "accel/dut/view.h"
#include "accel/lower/layer_commands.h"
#include "base/input_error.h"
#include "golden/model/one_layer.h"
#include "golden/op/random_fill.h"

namespace systole::accel {
namespace {

/// A convolution of twice rows channels to cols channels on a 4 x 4 map: every cell has a product in every beat, and
/// the psum bank is written, read and handed on.
op::Layer canary_layer(const Geometry& g, std::uint64_t seed) {
  constexpr int kSide = 4;
  op::Layer layer;
  layer.name = "canary";
  layer.in_h = layer.in_w = layer.out_h = layer.out_w = kSide;
  layer.in_c = 2 * g.rows;
  layer.out_c = g.cols;
  layer.act_bits = g.act_width;
  layer.wgt_bits = g.wgt_width;
  layer.psum_width = g.psum_width;
  layer.psum_bits = g.psum_width - 1;
  layer.saturate = g.psum_width < 32;
  layer.tile_channels = g.rows;
  layer.out.act_min = -(1 << (g.act_width - 1));
  layer.out.act_max = -layer.out.act_min - 1;
  layer.out.n = {g.act_width - 2};
  layer.weights.resize(g.cols, layer.in_c);
  layer.bias = op::Vector::Zero(g.cols);
  const std::int32_t high = (1 << (g.wgt_width - 1)) - 1;
  op::random_fill(layer.weights, {seed, "canary", "weights"}, -high - 1, high);
  return layer;
}

class Accel final : public session::Design {
 public:
  [[nodiscard]] std::unique_ptr<session::Lowering> lowering(const dut::Dut& dut) const override {
    return std::make_unique<lower::Tiler>(geometry_of(dut));
  }
  [[nodiscard]] std::unique_ptr<check::Watch> watch(const dut::Dut& dut, check::CheckLevel level) const override {
    if (level >= check::CheckLevel::pe && dut.pins().registers.empty()) {
      throw base::InputError("--check", to_string(level),
                             "expected none, outputs or pins: this model's cells are gates");
    }
    return std::make_unique<check::WatchOf<cycle::Reference>>(
        dut.pins(), level, std::make_unique<cycle::Reference>(geometry_of(dut), level, has_wires(dut.pins())));
  }
  [[nodiscard]] model::Network canary_network(const dut::Dut& dut, std::uint64_t seed) const override {
    return model::one_layer_network(canary_layer(geometry_of(dut), seed));
  }
  [[nodiscard]] std::string status(const dut::Dut& dut) const override {
    return fmt::format("state {}", state_name(state_of(dut.pins())));
  }
  [[nodiscard]] trace::DesignView view(const dut::Dut& dut) const override { return view_of(geometry_of(dut)); }
};

}  // namespace
}  // namespace systole::accel

namespace systole::session {

const Design& design() {
  static const accel::Accel accel;
  return accel;
}

}  // namespace systole::session
