// SPDX-License-Identifier: Apache-2.0
#include "models/dataset/accuracy.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <stdexcept>

namespace {

using namespace systole;

/// Images of one pixel and two channels; the larger channel is the class, but every fourth label is wrong.
class Pairs : public dataset::Dataset {
 public:
  [[nodiscard]] std::int64_t size() const override { return 100; }

 private:
  [[nodiscard]] dataset::Image image(std::int64_t index) const override {
    const int winner = static_cast<int>(index % 2);
    dataset::Image image{op::Tensor(1, 1, 2), index % 4 == 3 ? 1 - winner : winner};
    image.pixels.at(0, 0, winner) = 200;
    return image;
  }
};

op::Matrix identity() { return op::Matrix::Identity(2, 2); }

model::Network integer_identity() {
  model::Network network{"identity", {1, 1, 2, true, 8, -128}, {}, {}, {}};
  op::Layer layer;
  layer.name = "fc";
  layer.kind = op::Kind::fully_connected;
  layer.in_c = layer.out_c = 2;
  layer.weights = identity();
  network.nodes.push_back({layer, {0}});
  return network;
}

model::FloatNetwork float_identity() {
  model::FloatNetwork network{"identity", {1, 1, 2, 0, 1.0F}, {}, {}};
  model::FloatLayer layer;
  layer.name = "fc";
  layer.kind = op::Kind::fully_connected;
  layer.in_c = layer.out_c = 2;
  layer.weights = identity().cast<float>();
  network.nodes.push_back({layer, {0}});
  return network;
}

TEST_CASE("dataset.accuracy.counts_right_answers") {
  CHECK(dataset::accuracy(integer_identity(), Pairs(), 0, 100) == 0.75);
  CHECK(dataset::accuracy(float_identity(), Pairs(), 0, 100) == 0.75);
  CHECK(dataset::accuracy(integer_identity(), Pairs(), 3, 1) == 0.0);
  CHECK(dataset::accuracy(float_identity(), Pairs(), 4, 3) == 1.0);
}

TEST_CASE("dataset.accuracy.refuses_empty_and_beyond") {
  CHECK_THROWS_AS((void)dataset::accuracy(integer_identity(), Pairs(), 0, 0), std::invalid_argument);
  CHECK_THROWS_AS((void)dataset::accuracy(float_identity(), Pairs(), 50, 51), std::out_of_range);
}

}  // namespace
