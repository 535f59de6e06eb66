// SPDX-License-Identifier: Apache-2.0
#pragma once
// The quantized matrix product and its patches as plain functions on uint8 arrays, for code that has no layers. What
// they compute is a 1 x 1 convolution of docs/numerics.md, section 4, with rule round_shift_floor.
#include <cstdint>
#include <span>

namespace systole::op {

/// out = [u x v] * [v x w], all row major, real = S (q - zero):
///   out[i][j] = saturate(round_shift_floor(sum over k of (a[i][k] - zero_a) * (b[k][j] - zero_b) * m0, 31 + n)
///                        + zero_out, 0, 255)
/// with m0 = round(2^n M 2^31), M = S_a S_b / S_out, 0.5 <= 2^n M < 1 (quantize_multiplier). `out` may not overlap `a`
/// or `b`. Throws std::invalid_argument unless u, v, w >= 1, the arrays hold u v, v w and u w values, 0 <= n <= 31, m0
/// is not negative, and v <= 33025: beyond, a sum may leave 32 bits.
void matmul(std::span<std::uint8_t> out, std::int32_t m0, int n, std::span<const std::uint8_t> a,
            std::span<const std::uint8_t> b, std::uint8_t zero_a, std::uint8_t zero_b, std::uint8_t zero_out, int u,
            int v, int w);

/// The patches of a CHW image in the layout of torch.nn.Unfold, stride 1: row (c * kernel + kh) * kernel + kw, column
/// oh * out_w + ow, out_h = height + 2 padding - kernel + 1 and out_w likewise. Padding reads `zero`, the image's zero
/// point, so that it adds nothing to a matmul. matmul(weights [out_c x channels kernel^2], patches) is the convolution
/// in CHW. Throws std::invalid_argument unless the extents are 1 .. 65535, padding 0 .. 15, the kernel 1 .. 15 and no
/// longer than the padded image, and the arrays have channels height width and channels kernel^2 out_h out_w values.
void im2col_unfold(std::span<std::uint8_t> out, std::span<const std::uint8_t> image, int channels, int height,
                   int width, int kernel, int padding, std::uint8_t zero);

}  // namespace systole::op
