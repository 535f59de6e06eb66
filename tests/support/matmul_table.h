// SPDX-License-Identifier: Apache-2.0
#pragma once
// The published 4 x 4 uint8 matrix product with M0 = 1249445032 and n = 6, as a layer and its input.
#include <array>
#include <cmath>

#include "golden/op/layer.h"

namespace systole::test {

inline constexpr double kScaleA = 0.0333333333, kScaleB = 0.0176470588;
inline constexpr int kZeroA = 135, kZeroB = 0, kZeroOut = 201, kSize = 4;

// clang-format off
inline constexpr std::array<double, 16> kA{0, -.5, 1, -1.5,  2, -2.5, 3, -3.5,  4, -4.5, 0, -.5,  1, -1.5, 2, -2.5};
inline constexpr std::array<double, 16> kB{0,  .5, 1,  1.5,  2,  2.5, 3,  3.5,  4,  4.5, 0,  .5,  1,  1.5, 2,  2.5};
inline constexpr std::array<int, 16> kPublished{224, 216, 131, 123,  255, 246, 8, 0,  54, 45, 39, 31,  239, 231, 69, 61};
// clang-format on

inline int quantized(double real, double scale, int zero) { return zero + static_cast<int>(std::lround(real / scale)); }

/// a * b as a 1 x 1 convolution: a pixel is a row of a, an output channel a column of b.
inline op::Layer matmul_layer(fixed::Rounding rule) {
  op::Layer layer;
  layer.name = "matmul";
  layer.in_h = layer.out_h = kSize;
  layer.in_c = layer.out_c = kSize;
  layer.act_signed = layer.wgt_signed = false;
  layer.zero_in = kZeroA;
  layer.zero_wgt = kZeroB;
  layer.weights.resize(kSize, kSize);
  for (std::size_t i = 0; i < kB.size(); ++i) {
    layer.weights(static_cast<int>(i) % kSize, static_cast<int>(i) / kSize) = quantized(kB.at(i), kScaleB, kZeroB);
  }
  layer.out.rule = rule;
  layer.out.m0 = {1249445032};
  layer.out.lshift = {0};
  layer.out.n = {6};
  layer.out.zero_out = kZeroOut;
  layer.out.act_min = 0;
  layer.out.act_max = 255;
  return layer;
}

inline op::Tensor matmul_input() {
  op::Tensor a(kSize, 1, kSize);
  for (std::size_t i = 0; i < kA.size(); ++i) a.data.data()[i] = quantized(kA.at(i), kScaleA, kZeroA);
  return a;
}

/// Entries of a product that are not the published table's.
inline int entries_that_differ(const op::Tensor& out) {
  int differing = 0;
  for (std::size_t i = 0; i < kPublished.size(); ++i) differing += out.data.data()[i] != kPublished.at(i) ? 1 : 0;
  return differing;
}

}  // namespace systole::test
