// SPDX-License-Identifier: Apache-2.0
// Random layers of every kind on the RTL, every pin and cell compared, for each built size and each stall policy.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <stdexcept>
#include <string>

#include "accel/dut/geometry.h"
#include "base/input_error.h"
#include "golden/format/network_file.h"
#include "golden/model/one_layer.h"
#include "sim/dut/dut.h"
#include "sim/dut/registry.h"
#include "sim/session/session.h"
#include "tests/support/rounds.h"
#include "tests/support/tiled_layer.h"

namespace systole {
namespace {

constexpr std::uint64_t kSeed = 20;

/// The first random layer that the built size can run: narrow ones refuse most element types.
op::Layer fitting_layer(const accel::Geometry& geometry, op::Kind kind, test::Draw& draw, bool saturating) {
  for (;;) {
    test::Draw trial = draw;
    try {
      const op::Layer layer = test::random_layer_for(geometry, kind, draw, saturating, {.equal_inputs = true});
      return test::tile_random_image(layer, geometry, trial).layer;
    } catch (const base::InputError&) {
      continue;  // does not fit
    } catch (const std::invalid_argument&) {
      continue;  // an add takes the built psum width, which its random psum_bits may exceed
    } catch (const fixed::OverflowError&) {
      continue;  // leaves its declared width
    }
  }
}

/// Runs `images` random images through a random layer; everything about it follows from `name`.
void run_random_layer(const std::string& configuration, op::Kind kind, kernel::Stall stall, bool saturating,
                      int index) {
  const std::string name =
      fmt::format("{}.{}.stall_{}.{}", configuration, model::to_string(kind), to_string(stall), index);
  CAPTURE(name);
  const accel::Geometry geometry = accel::geometry_of(*dut::make_dut(configuration, dut::TraceFormat::none));
  test::Draw draw(kSeed, name, "layer");
  op::Layer layer = fitting_layer(geometry, kind, draw, saturating);
  layer.name = name;
  const model::Network network = model::one_layer_network(std::move(layer));
  const session::ImageSource source = [&](std::int64_t i) {
    test::Draw pixels(kSeed, name, fmt::format("image {}", i));
    return session::InputImage{.index = i, .label = -1, .input = test::random_input(network.nodes[0].layer, pixels)};
  };
  session::RunOptions options;
  options.test = "system";
  options.configuration = configuration;
  options.stall = stall;
  options.seed = kSeed;
  const session::RunReport report = session::run_network(network, options, source, 2);
  for (const std::string& failure : report.failures) MESSAGE(failure);
  CHECK_MESSAGE(report.outcome == kernel::Outcome::passed, to_string(report.outcome), ": ", report.detail);
  CHECK(report.compared == report.expected_compared);
  CHECK(report.images == 2);
}

void run_all_kinds(const std::string& configuration, kernel::Stall stall, int layers) {
  for (const op::Kind kind : test::kEveryKind) {
    for (int i = 0; i < test::rounds(layers); ++i) run_random_layer(configuration, kind, stall, i % 3 == 2, i);
  }
}

TEST_CASE("system.layers.8x8.stall_none") { run_all_kinds("8x8", kernel::Stall::none, 6); }
TEST_CASE("system.layers.8x8.stall_in") { run_all_kinds("8x8", kernel::Stall::in, 3); }
TEST_CASE("system.layers.8x8.stall_out") { run_all_kinds("8x8", kernel::Stall::out, 3); }
TEST_CASE("system.layers.8x8.stall_both") { run_all_kinds("8x8", kernel::Stall::both, 6); }
TEST_CASE("system.layers.8x8.stall_bursts") { run_all_kinds("8x8", kernel::Stall::bursts, 3); }
TEST_CASE("system.layers.8x8-w4a4.stall_both") { run_all_kinds("8x8-w4a4", kernel::Stall::both, 3); }
TEST_CASE("system.layers.8x8-w4a4.stall_none") { run_all_kinds("8x8-w4a4", kernel::Stall::none, 3); }
TEST_CASE("system.layers.4x4.stall_both") { run_all_kinds("4x4", kernel::Stall::both, 3); }
TEST_CASE("system.layers.4x4.stall_none") { run_all_kinds("4x4", kernel::Stall::none, 3); }
TEST_CASE("system.layers.16x16.stall_both") { run_all_kinds("16x16", kernel::Stall::both, 3); }
TEST_CASE("system.layers.16x16.stall_none") { run_all_kinds("16x16", kernel::Stall::none, 3); }

}  // namespace
}  // namespace systole
