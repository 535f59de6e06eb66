// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace systole::fast {

/// One convolution shape, medians over the repetitions.
struct ShapeThroughput {
  std::string shape;          ///< height x width x in_c -> out_c
  std::int64_t macs = 0;      ///< multiply-accumulates of one image
  double golden_seconds = 0;  ///< one image, from input tensor to requantized output tensor
  double float_seconds = 0;   ///< Eigen's float product of the same im2col shape, nothing else
};

/// Speed of the golden on one core, next to Eigen's own float product in the same run.
struct Throughput {
  double lenet_images_per_second = 0;   ///< all seven layers, 32x32x3 input
  std::vector<ShapeThroughput> shapes;  ///< the 13 convolutions of VGG16 for 32x32 images

  [[nodiscard]] double golden_macs_per_second() const;  ///< over all shapes
  [[nodiscard]] double float_macs_per_second() const;
};

/// Runs `repetitions` >= 1 rounds, golden and float product alternating shape by shape, on random int8 data. One round
/// takes some tens of milliseconds.
[[nodiscard]] Throughput measure_throughput(int repetitions);

}  // namespace systole::fast
