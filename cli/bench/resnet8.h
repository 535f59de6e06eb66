// SPDX-License-Identifier: Apache-2.0
#pragma once
// End to end: images per second of a whole network on the checked RTL.
#include <cstdint>

#include "golden/fixed/counter_random.h"
#include "golden/model/network.h"

namespace systole::bench {

/// Uniform values in -128 .. 127.
op::Matrix random_bytes(Eigen::Index rows, Eigen::Index cols, const fixed::CounterRandom& random);

/// ResNet-8 for 32x32x3 as MLPerf Tiny publishes its shape (nine convolutions, three residual adds, average pool, fully
/// connected; 12.5 M multiplications), int8, with weights from `seed`: something to time, nothing to classify with.
model::Network resnet8_network(std::uint64_t seed);

struct EndToEnd {
  double images_per_second = 0;
  std::uint64_t cycles_per_image = 0;
};

/// Runs `images` random inputs through resnet8_network on the 8x8 array, every pin and cell checked, the golden of the
/// next image on the second core. Throws std::runtime_error where the run does not pass, base::Interrupted on SIGINT.
EndToEnd measure_resnet8(std::int64_t images, std::uint64_t seed);

}  // namespace systole::bench
