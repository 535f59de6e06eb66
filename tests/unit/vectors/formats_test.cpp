// SPDX-License-Identifier: Apache-2.0
// Every format written from random layers reads back equal, and says what the golden says.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <vector>

#include "accel/lower/encoding.h"
#include "golden/fast/op.h"
#include "golden/op/validate.h"
#include "tests/support/rounds.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiled_layer.h"
#include "tests/unit/model/bad_input.h"
#include "vectors/array/array_files.h"
#include "vectors/array/array_set.h"
#include "vectors/array/array_writer.h"
#include "vectors/clipq/clipq_fit.h"
#include "vectors/clipq/clipq_pool.h"
#include "vectors/clipq/clipq_set.h"
#include "vectors/npy/tensor_set.h"
#include "vectors/readmemh/memory_set.h"

namespace systole::vectors {
namespace {

namespace fs = std::filesystem;
using test::mentions;
using test::read_text;
using test::refusal;
using test::TemporaryFolder;
using test::write_text;

constexpr std::uint64_t kSeed = 31;

Origin origin_of(const op::Layer& layer) {
  return {.network = "random",
          .network_sha256 = std::string(64, '0'),
          .layer = layer.name,
          .input = "random",
          .configuration = "8x8",
          .rtl_sha256 = std::string(64, '0'),
          .seed = kSeed};
}

void replace_in(const fs::path& file, const std::string& from, const std::string& to) {
  std::string text = read_text(file);
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  write_text(file, text.replace(at, from.size(), to));
}

// ---- array

/// A convolution or fully connected layer whose sums are plain: no bias, alignment or saturation.
op::Layer plain_layer(op::Kind kind, test::Draw& draw) {
  op::Layer layer = test::random_layer(kind, draw, false);
  layer.align.clear();
  layer.bias.resize(0);
  return layer;
}

/// What the golden makes of the same layer without output stage.
op::Tensor golden_sums(op::Layer layer, const op::Tensor& input) {
  layer.out.raw = true;
  const op::Tensor* inputs[] = {&input};
  return fast::run_layer(layer, inputs);
}

void check_outputs(const ArraySet& set, const op::Tensor& sums) {
  for (int oc = 0; oc < sums.channels(); ++oc) {
    const op::Matrix& tile = set.output[static_cast<std::size_t>(oc / set.shape.cols)];
    for (int o = 0; o < sums.pixels(); ++o) {
      const std::int32_t sum = sums.data(o, oc);
      CHECK(tile(o, oc % set.shape.cols) == (set.shape.relu && sum < 0 ? 0 : sum));
    }
  }
}

TEST_CASE("vectors.array.outputs_are_the_golden_sums.random") {
  bool narrow = false, wide = false, relu = false, no_relu = false;
  for (int i = 0; i < test::rounds(60); ++i) {
    CAPTURE(i);
    test::Draw draw(kSeed, "array", fmt::format("{}", i));
    const op::Layer layer = plain_layer(i % 3 == 0 ? op::Kind::fully_connected : op::Kind::conv2d, draw);
    const op::Tensor input = test::random_input(layer, draw);
    const int size = i % 2 == 0 ? 8 : 16;
    const ArraySet set = make_array_set(layer, input, size, i % 5 == 0 ? 4 : size);
    check_outputs(set, golden_sums(layer, input));
    (set.shape.psum.bits == 16 ? narrow : wide) = true;
    (set.shape.relu ? relu : no_relu) = true;
  }
  CHECK(narrow);
  CHECK(wide);
  CHECK(no_relu);
}

TEST_CASE("vectors.array.round_trip.random") {
  const TemporaryFolder folder;
  for (int i = 0; i < test::rounds(6); ++i) {
    CAPTURE(i);
    test::Draw draw(kSeed, "array round trip", fmt::format("{}", i));
    const op::Layer layer = plain_layer(i % 3 == 0 ? op::Kind::fully_connected : op::Kind::conv2d, draw);
    const ArraySet set = make_array_set(layer, test::random_input(layer, draw), 8, 8);
    write_array_set(set, origin_of(layer), folder / "set");
    const ArrayShape shape = read_array_shape(folder / "set");
    REQUIRE(shape == set.shape);
    const ArrayFiles files = read_array_files(folder / "set", {.taps = shape.taps()});
    const std::vector<ArrayLayout> layouts = array_layouts(files, shape);
    REQUIRE(layouts.size() == 1);
    CHECK(decode(files, layouts[0]) == set);
  }
}

/// 1 x 2 map, 1 channel, kernel 1 x 2 with padding 1: 4-bit activations 5, 6 and weights -3, 2.
op::Layer worked_layer() {
  op::Layer layer;
  layer.name = "worked";
  layer.in_w = layer.out_w = 2;
  layer.window = {.kernel_h = 1, .kernel_w = 2, .pad_left = 1};
  layer.act_signed = false;
  layer.act_bits = layer.wgt_bits = 4;
  layer.weights.resize(1, 2);
  layer.weights << -3, 2;
  layer.out.act_min = 0;
  return layer;
}

/// The example of docs/vectors.md, worked by hand: padded map 0 5 6, psums of tap 0 are 0 -15 -18, of tap 1 0 10 12;
/// outputs 0 + 10 and max(0, -15 + 12).
TEST_CASE("vectors.array.worked_example") {
  const TemporaryFolder folder;
  op::Tensor input(1, 2, 1);
  input.data << 5, 6;
  const op::Layer layer = worked_layer();
  write_array_set(make_array_set(layer, input, 2, 2), origin_of(layer), folder / "set");
  const auto lines = [&](const std::string& file) {
    const std::string text = read_text(folder / "set" / file);
    return text.substr(text.find("#................#\n") + 19);
  };
  const auto path = [](const fs::path& file) { return file.string(); };
  CHECK(lines(path("activation_tile0.txt")) == "00000000\n00000101\n00000110\n");
  CHECK(lines("weight_itile0_otile0_kij0.txt") == "00001101\n00000000\n");
  CHECK(lines("weight_itile0_otile0_kij1.txt") == "00000010\n00000000\n");
  const std::string zero(16, '0');
  CHECK(lines("psum_itile0_otile0_kij0.txt") ==
        zero + zero + "\n" + zero + "1111111111110001\n" + zero + "1111111111101110\n");
  CHECK(lines("output_otile0.txt") == zero + "0000000000001010\n" + zero + zero + "\n");
  CHECK(read_manifest(folder / "set", "array").files.size() == 6);
  verify_files(folder / "set", read_manifest(folder / "set", "array"));
}

TEST_CASE("vectors.array.refused") {
  op::Tensor input(1, 2, 1);
  input.data << 5, 6;
  const auto message = [&](auto change) {
    op::Layer layer = worked_layer();
    op::Tensor tensor = input;
    change(layer, tensor);
    return refusal([&] { (void)make_array_set(layer, tensor, 8, 8); });
  };
  CHECK(mentions(message([](op::Layer& l, op::Tensor&) { l.kind = op::Kind::depthwise; }), "kind: expected conv2d"));
  CHECK(mentions(message([](op::Layer& l, op::Tensor&) { l.align = {1}; }), "align: expected no alignment"));
  CHECK(mentions(message([](op::Layer&, op::Tensor& t) { t.data(0, 0) = 16; }), "input: expected values in 0 .. 15"));
  CHECK(mentions(message([](op::Layer&, op::Tensor& t) { t = op::Tensor(2, 2, 1); }), "input: tensor of 2 x 2 x 1"));
  const auto clamped = [](op::Layer& l, op::Tensor&) {
    l.saturate = true;
    l.psum_bits = 3;
  };
  CHECK(mentions(message(clamped), "psum_bits: a sum of -18 .. 0 would be clamped at 3 bits"));
  const auto wide = [](op::Layer& l, op::Tensor&) {
    l.saturate = true;
    l.psum_bits = 5;
  };
  CHECK(message(wide).empty());
}

TEST_CASE("vectors.array.shape_refused") {
  const TemporaryFolder folder;
  op::Tensor input(1, 2, 1);
  input.data << 5, 6;
  const auto message = [&](const std::string& from, const std::string& to) {
    write_array_set(make_array_set(worked_layer(), input, 2, 2), origin_of(worked_layer()), folder / "set");
    replace_in(folder / "set/manifest.json", from, to);
    return refusal([&] { (void)read_array_shape(folder / "set"); });
  };
  CHECK(mentions(message("\"rows\": 2", "\"rows\": 0"), "shape.rows: expected an integer in 1 .. 256, found 0"));
  CHECK(mentions(message("\"relu\": true", "\"relu\": 1"), "shape.relu: expected true or false"));
  CHECK(mentions(message("\"bits\": 16", "\"bits\": 99"), "shape.psum.bits: expected an integer in 1 .. 32"));
  CHECK(mentions(message("\"padded\": [\n      1,\n      3", "\"padded\": [\n      1,\n      2"),
                 "shape.padded: expected a map that holds the taps of 1 x 2 outputs"));
}

// ---- ClipQ

op::Layer random_clipq_layer(test::Draw& draw) {
  op::Layer layer;
  layer.name = "clipq";
  layer.in_h = layer.in_w = layer.out_h = layer.out_w = draw.between(1, 6);
  layer.in_c = draw.between(1, 20);
  layer.out_c = draw.between(1, 10);
  if (draw.one_in(2)) layer.window = {.kernel_h = 3, .kernel_w = 3, .pad_top = 1, .pad_left = 1};
  layer.codebook = {draw.between(-128, -2), draw.between(-128, -1), 0, draw.between(1, 127)};
  layer.wgt_bits = 2;
  layer.weights.resize(layer.out_c, Eigen::Index{layer.window.kernel_h} * layer.window.kernel_w * layer.in_c);
  for (std::int32_t& code : layer.weights.reshaped()) code = draw.between(0, 3);
  if (!draw.one_in(3)) {
    layer.bias.resize(layer.out_c);
    for (std::int32_t& bias : layer.bias) bias = draw.between(INT32_MIN / 2, INT32_MAX / 2);
  }
  layer.out = {
      .rule = fixed::Rounding::clipq, .multiply = false, .lshift = {0}, .n = {5}, .act_min = draw.one_in(2) ? 0 : -128};
  return layer;
}

TEST_CASE("vectors.clipq.round_trip.random") {
  const TemporaryFolder folder;
  for (int i = 0; i < test::rounds(20); ++i) {
    test::Draw draw(kSeed, "clipq", fmt::format("{}", i));
    const op::Layer layer = random_clipq_layer(draw);
    const op::Tensor input = test::random_input(layer, draw);
    const op::Tensor* inputs[] = {&input};
    const ClipqSet set = make_clipq_set(layer, input, fast::run_layer(layer, inputs));
    for (const ClipqPacking packing : {ClipqPacking::plain, ClipqPacking::packed}) {
      CAPTURE(i);
      CAPTURE(to_string(packing));
      write_clipq_set(set, packing, layer, origin_of(layer), folder / std::string(to_string(packing)));
      CHECK(read_clipq_set(folder / std::string(to_string(packing)), packing) == set);
    }
  }
}

/// The example of docs/vectors.md: 2 x 2 map, 5 channels to 1, kernel 3.
struct WorkedClipq {
  op::Layer layer;
  op::Tensor input{2, 2, 5}, output{2, 2, 1};

  WorkedClipq() {
    layer.name = "worked";
    layer.in_h = layer.in_w = layer.out_h = layer.out_w = 2;
    layer.in_c = 5;
    layer.window = {.kernel_h = 3, .kernel_w = 3, .pad_top = 1, .pad_left = 1};
    layer.codebook = {-18, -7, 0, 8};
    layer.wgt_bits = 2;
    layer.weights = op::Matrix::Constant(1, 45, 2);
    layer.weights(0, 0) = 3;          // tap 0, input channel 0: pos
    layer.weights(0, 8 * 5 + 4) = 1;  // tap 8, input channel 4: neg1
    layer.weights(0, 3 * 5 + 4) = 0;  // tap 3, input channel 4: neg2
    layer.bias = op::Vector::Constant(1, -2);
    layer.out = {.rule = fixed::Rounding::clipq, .multiply = false, .lshift = {0}, .n = {5}};
    for (int pixel = 0; pixel < 4; ++pixel) {
      for (int channel = 0; channel < 5; ++channel) input.data(pixel, channel) = 16 * pixel + channel;
    }
    output.data << 1, 2, 3, -1;
  }
};

TEST_CASE("vectors.clipq.worked_example.plain") {
  const TemporaryFolder folder;
  const WorkedClipq worked;
  write_clipq_set(make_clipq_set(worked.layer, worked.input, worked.output), ClipqPacking::plain, worked.layer,
                  origin_of(worked.layer), folder / "set");
  CHECK(read_text(folder / "set/In8.hex") ==
        "00\n10\n20\n30\n01\n11\n21\n31\n02\n12\n22\n32\n03\n13\n23\n33\n04\n14\n24\n34\n");
  CHECK(read_text(folder / "set/Out8.hex") == "01\n02\n03\nFF\n");
  CHECK(read_text(folder / "set/Bias32.hex") == "FFFFFFFE\n");
  // Tap 0 pos: 3 at [1:0]. Tap 3 neg2: 1 at [7:6]; tap 8 neg1: 2 at [17:16].
  CHECK(read_text(folder / "set/W2.hex") == "00003\n00000\n00000\n00000\n20040\n");
  CHECK(read_text(folder / "set/W8.hex") == "08F9EE00\n");
  CHECK(read_text(folder / "set/param.hex") == "00000002\n00000005\n00000001\n00000003\n");
}

TEST_CASE("vectors.clipq.worked_example.packed") {
  const TemporaryFolder folder;
  const WorkedClipq worked;
  write_clipq_set(make_clipq_set(worked.layer, worked.input, worked.output), ClipqPacking::packed, worked.layer,
                  origin_of(worked.layer), folder / "set");
  CHECK(read_text(folder / "set/In8.hex") ==
        "00010203\n04000000\n10111213\n14000000\n20212223\n24000000\n30313233\n34000000\n");
  CHECK(read_text(folder / "set/Out8.hex") == "01000000\n02000000\n03000000\nFF000000\n");
  // Sixteen zero codes are AAAAAAAA; a first code of 3, 1 or 0 makes EAAAAAAA, 6AAAAAAA, 2AAAAAAA.
  const std::string zero = "AAAAAAAA\n";
  const std::string zeros5 = zero + zero + zero + zero + zero, zeros8 = zeros5 + zero + zero + zero;
  CHECK(read_text(folder / "set/W2.hex") ==
        "EAAAAAAA\n" + zeros8 + zero + zero + zero + "2AAAAAAA\n" + zero + zero + zero + zero + "6AAAAAAA\n");
}

/// Nine input channels a word, the second word for the tenth.
TEST_CASE("vectors.clipq.worked_example.plain_1x1") {
  const TemporaryFolder folder;
  op::Layer layer;
  layer.name = "worked";
  layer.in_c = 10;
  layer.codebook = {-2, -1, 0, 1};
  layer.wgt_bits = 2;
  layer.weights.resize(1, 10);
  layer.weights << 3, 2, 2, 2, 2, 2, 2, 2, 0, 1;
  layer.out = {.rule = fixed::Rounding::trunc, .multiply = false, .lshift = {0}, .n = {5}};
  write_clipq_set(make_clipq_set(layer, op::Tensor(1, 1, 10), op::Tensor(1, 1, 1)), ClipqPacking::plain, layer,
                  origin_of(layer), folder / "set");
  CHECK(read_text(folder / "set/W2.hex") == "10003\n00002\n");
}

TEST_CASE("vectors.clipq.layer_refused") {
  const auto message = [](auto change) {
    WorkedClipq worked;
    change(worked.layer);
    return refusal([&] { (void)make_clipq_set(worked.layer, worked.input, worked.output); });
  };
  CHECK(message([](op::Layer&) {}).empty());
  CHECK(mentions(message([](op::Layer& l) { l.codebook.clear(); }), "weights: a ClipQ set says a conv2d"));
  CHECK(mentions(message([](op::Layer& l) { l.codebook[2] = 1; }), "codebook: a ClipQ set says levels"));
  CHECK(mentions(message([](op::Layer& l) { l.window.kernel_w = 1; }), "window.kernel: a ClipQ set says 3x3"));
  CHECK(mentions(message([](op::Layer& l) { l.window.stride_w = 2; }), "window.stride: "));
  CHECK(mentions(message([](op::Layer& l) { l.window.pad_top = 0; }), "window.pad: "));
  CHECK(mentions(message([](op::Layer& l) { l.out_w = 1; }), "out_shape: "));
  CHECK(mentions(message([](op::Layer& l) { l.zero_in = 1; }), "activation: "));
  CHECK(mentions(message([](op::Layer& l) { l.out.multiply = true; }), "requantization: "));
  CHECK(mentions(message([](op::Layer& l) { l.out.act_max = 128; }), "requantization.act_min: "));
}

TEST_CASE("vectors.clipq.file_refused") {
  const TemporaryFolder folder;
  const WorkedClipq worked;
  const fs::path set = folder / "set";
  const auto message = [&](ClipqPacking packing, const char* file, const std::string& from, const std::string& to) {
    write_clipq_set(make_clipq_set(worked.layer, worked.input, worked.output), packing, worked.layer,
                    origin_of(worked.layer), set);
    replace_in(set / file, from, to);
    return refusal([&] { (void)read_clipq_set(set, packing); });
  };
  constexpr auto kPlain = ClipqPacking::plain, kPacked = ClipqPacking::packed;
  CHECK(mentions(message(kPlain, "param.hex", "00000003", "00000002"), "param.hex: line 4: expected kernel 3 or 1"));
  CHECK(mentions(message(kPlain, "param.hex", "00000005", "00000000"), "param.hex: line 2: expected a number in 1"));
  CHECK(mentions(message(kPlain, "param.hex", "00000005", "00010000"), "In8.hex: line 21: expected 262144 words"));
  CHECK(mentions(message(kPlain, "param.hex", "00000005", "0F000000"), "param.hex: line 2: expected a number in 1"));
  CHECK(mentions(message(kPlain, "param.hex", "00000002\n", "00001000\n"), "at most 67108864 elements"));
  CHECK(mentions(message(kPlain, "W8.hex", "EE00", "EE01"), "W8.hex: line 1: expected 00"));
  CHECK(mentions(message(kPlain, "Bias32.hex", "FFFFFFFE\n", ""), "Bias32.hex: line 1: expected 1 words"));
  CHECK(mentions(message(kPlain, "Out8.hex", "02\n", "02\n02\n"),
                 "Out8.hex: line 5: expected 4 words by param.hex, found more"));
  CHECK(mentions(message(kPlain, "Out8.hex", "02\n", "04\n"), "Out8.hex: expected SHA-256"));
  CHECK(mentions(message(kPlain, "Out8.hex", "FF\n", "ff\r\n"), "Out8.hex: expected SHA-256"));
  CHECK(mentions(message(kPacked, "In8.hex", "14000000", "14000001"), "In8.hex: line 4: expected 0 in the unused"));
  CHECK(mentions(message(kPacked, "W2.hex", "6AAAAAAA", "6AAAAAAB"), "W2.hex: expected SHA-256"));
}

// Codes of channels that are not there: no multiple of four, and plain 1x1 words of nine codes.
TEST_CASE("vectors.clipq.unused_codes_are_noted") {
  const TemporaryFolder folder;
  const WorkedClipq worked;
  const ClipqSet set = make_clipq_set(worked.layer, worked.input, worked.output);
  write_clipq_set(set, ClipqPacking::packed, worked.layer, origin_of(worked.layer), folder / "set");
  fs::remove(folder / "set/manifest.json");
  replace_in(folder / "set/W2.hex", "6AAAAAAA", "6AAAAAAB");
  const ClipqSet read = read_clipq_set(folder / "set", ClipqPacking::packed);
  CHECK(read.unused_codes == "W2.hex line 18");
  CHECK(read.codes == set.codes);
}

/// A pooling set of another team: `channels` maps of 6x6 and what `layer` makes of them.
void write_pool_set(const fs::path& folder, ClipqPacking packing, int channels, int kernel, int out, int pad,
                    const std::function<std::int32_t(const std::vector<std::int32_t>&)>& pool) {
  constexpr int kSize = 6, kStride = 2;
  test::Draw draw(1, "clipq", "pool");
  const auto index = [&](int size, int c, int y, int x) {
    return packing == ClipqPacking::plain ? (c * size + y) * size + x : (y * size + x) * channels + c;
  };
  const auto text = [&](const std::vector<std::int32_t>& values) {
    std::string hex;
    for (std::size_t i = 0; i < values.size(); ++i) {
      hex += fmt::format("{:02x}", values[i] & 0xff);
      if (packing == ClipqPacking::plain || i % 4 == 3) hex += "\n";
    }
    return hex + "\n";  // and a blank line
  };
  std::vector<std::int32_t> in(static_cast<std::size_t>(kSize * kSize * channels)),
      outputs(static_cast<std::size_t>(out * out * channels));
  for (std::int32_t& value : in) value = draw.between(-128, 127);
  for (int c = 0; c < channels; ++c) {
    for (int o = 0; o < out * out; ++o) {
      std::vector<std::int32_t> taps;
      for (int tap = 0; tap < kernel * kernel; ++tap) {
        const int y = o / out * kStride - pad + tap / kernel, x = o % out * kStride - pad + tap % kernel;
        if (y >= 0 && x >= 0 && y < kSize && x < kSize)
          taps.push_back(in[static_cast<std::size_t>(index(kSize, c, y, x))]);
      }
      outputs[static_cast<std::size_t>(index(out, c, o / out, o % out))] = pool(taps);
    }
  }
  test::write_text(folder / "In8.hex", text(in));
  test::write_text(folder / "Out8.hex", text(outputs));
  test::write_text(folder / "param.hex",
                   fmt::format("{:08x}\n{:08x}\n{:08x}\n{:08x}\n\n", kSize, channels, channels, 2));
}

TEST_CASE("vectors.clipq.pooling_sets") {
  const auto most = [](const std::vector<std::int32_t>& taps) { return *std::ranges::max_element(taps); };
  const auto average = [](const std::vector<std::int32_t>& taps) {
    return std::accumulate(taps.begin(), taps.end(), 0) / static_cast<std::int32_t>(taps.size());
  };
  const auto check = [](ClipqPacking packing, int channels, int kernel, int out, int pad, const auto& pool,
                        const char* found) {
    const TemporaryFolder folder;
    write_pool_set(folder.path(), packing, channels, kernel, out, pad, pool);
    REQUIRE(vectors::is_clipq_pool(folder.path()));
    CHECK(vectors::clipq_packing(folder.path()) == packing);
    const vectors::ClipqPoolSet set = vectors::read_clipq_pool_set(folder.path(), packing);
    const auto fits = vectors::fit_pools(folder.path(), set, packing);
    CHECK(vectors::pool_text(fits.front().layer) == found);
    CHECK(fits.front().comparison.differ == 0);
    CHECK(fits.front().comparison.compared == static_cast<std::uint64_t>(out * out * channels));
    for (std::size_t i = 1; i < fits.size(); ++i) CHECK(fits[i].comparison.differ > 0);
  };
  check(ClipqPacking::plain, 5, 2, 3, 0, most, "maximum of 2x2, stride 2, padding 0");
  check(ClipqPacking::packed, 4, 2, 3, 0, most, "maximum of 2x2, stride 2, padding 0");
  check(ClipqPacking::plain, 3, 3, 3, 1, most, "maximum of 3x3, stride 2, padding 1");
  check(ClipqPacking::plain, 3, 3, 3, 0, most, "maximum of 3x3, stride 2, padding 0");  // cut at the right and bottom
  check(ClipqPacking::packed, 8, 2, 3, 0, average, "average of 2x2, stride 2, padding 0, round_shift_trunc");
}

TEST_CASE("vectors.clipq.pooling_sets.refuse_what_is_none") {
  const TemporaryFolder folder;
  write_pool_set(folder.path(), ClipqPacking::plain, 3, 2, 3, 0, [](const auto& taps) { return taps.front(); });
  const auto refused = [&](const std::string& outputs) {
    test::write_text(folder / "Out8.hex", outputs);
    return refusal([&] {
      const auto set = vectors::read_clipq_pool_set(folder.path(), ClipqPacking::plain);
      (void)vectors::fit_pools(folder.path(), set, ClipqPacking::plain);
    });
  };
  CHECK(
      mentions(refused("01\n02\n03\n04\n"), "Out8.hex: line 4: 4 words end here, expected a square map of 3 channels"));
  std::string same;
  for (int i = 0; i < 6 * 6 * 3; ++i) same += "01\n";
  CHECK(mentions(refused(same), "makes 6x6 of 6x6; a convolution needs its W2.hex"));
}

/// A set of somebody else: no manifest, lower case, CRLF.
TEST_CASE("vectors.clipq.without_manifest") {
  const TemporaryFolder folder;
  const WorkedClipq worked;
  const ClipqSet set = make_clipq_set(worked.layer, worked.input, worked.output);
  write_clipq_set(set, ClipqPacking::plain, worked.layer, origin_of(worked.layer), folder / "set");
  fs::remove(folder / "set/manifest.json");
  replace_in(folder / "set/Out8.hex", "FF\n", "ff\r\n");
  CHECK(read_clipq_set(folder / "set", ClipqPacking::plain) == set);
}

// ---- readmemh

/// The first random layer of this kind that the geometry takes.
test::TiledLayer fitting_layer(const accel::Geometry& geometry, op::Kind kind, test::Draw& draw, bool saturating) {
  for (;;) {
    try {
      return test::tile_random_image(test::random_layer_for(geometry, kind, draw, saturating), geometry, draw);
    } catch (const std::exception&) {
      continue;  // does not fit, or leaves its declared width
    }
  }
}

TEST_CASE("vectors.readmemh.round_trip.random") {
  const TemporaryFolder folder;
  const accel::Geometry geometries[] = {{}, {.rows = 4, .cols = 4}, {.act_width = 4, .wgt_width = 4, .psum_width = 16}};
  for (const accel::Geometry& geometry : geometries) {
    for (const op::Kind kind : test::kEveryKind) {
      const std::string name = fmt::format("{}.{}.{}", geometry.rows, geometry.act_width, static_cast<int>(kind));
      CAPTURE(name);
      test::Draw draw(kSeed, "readmemh", name);
      const test::TiledLayer tiled = fitting_layer(geometry, kind, draw, false);
      const MemorySet set = make_memory_set(tiled.layer, geometry, tiled.input_pointers(), tiled.golden);
      write_memory_set(set, origin_of(tiled.layer), folder / "set");
      CHECK(read_memory_set(folder / "set") == set);
    }
  }
}

TEST_CASE("vectors.readmemh.beats_are_those_of_the_commands") {
  test::Draw draw(kSeed, "readmemh", "commands");
  const accel::Geometry geometry{.act_depth = 16};  // a layer of several commands
  test::TiledLayer tiled = fitting_layer(geometry, op::Kind::conv2d, draw, false);
  while (tiled.commands.size() == 1) tiled = fitting_layer(geometry, op::Kind::conv2d, draw, false);
  const MemorySet set = make_memory_set(tiled.layer, geometry, tiled.input_pointers(), tiled.golden);
  std::size_t cfg = 0, act = 0, out = 0;
  const auto equal = [](const std::uint32_t* a, const std::uint32_t* b, std::size_t words) {
    return std::equal(a, a + words, b);
  };
  for (std::size_t c = 0; c < tiled.commands.size(); ++c) {
    const accel::Command& command = tiled.commands[c];
    for (std::size_t i = 0; i < command.cfg.size(); ++i) CHECK(equal(set.cfg[cfg++], command.cfg[i], 4));
    for (std::size_t i = 0; i < command.act_beats(); ++i) {
      CHECK(equal(set.act[act++], accel::act_beat(command, tiled.stimuli[c], i), 2));
    }
    for (std::size_t i = 0; i < command.out_beats(); ++i, ++out) {
      for (std::size_t col = 0; col < 8; ++col) {
        CHECK(set.out[out][col] == static_cast<std::uint32_t>(tiled.expected[c][i * 8 + col]));
      }
      CHECK(set.out[out][8] == (i + 1 == command.out_beats() ? 1U : 0U));
    }
  }
  CHECK(cfg == set.cfg.size());
  CHECK(act == set.act.size());
  CHECK(out == set.out.size());
}

TEST_CASE("vectors.readmemh.refused") {
  const TemporaryFolder folder;
  test::Draw draw(kSeed, "readmemh", "refused");
  const test::TiledLayer tiled = fitting_layer({}, op::Kind::fully_connected, draw, false);
  const MemorySet set = make_memory_set(tiled.layer, {}, tiled.input_pointers(), tiled.golden);
  const auto message = [&](const char* file, const std::string& from, const std::string& to) {
    write_memory_set(set, origin_of(tiled.layer), folder / "set");
    replace_in(folder / "set" / file, from, to);
    return refusal([&] { (void)read_memory_set(folder / "set"); });
  };
  write_memory_set(set, origin_of(tiled.layer), folder / "set");
  const std::string act_lines = fmt::format("act.hex: line {}: expected {} words", set.act.size(), set.act.size());
  CHECK(mentions(message("act.hex", read_text(folder / "set/act.hex").substr(0, 17), ""), act_lines));
  const std::string first_digits = read_text(folder / "set/out.hex").substr(0, 17);
  CHECK(mentions(message("out.hex", first_digits, "f" + first_digits),
                 "out.hex: line 1: expected a word of 257 bits, found '"));
  CHECK(mentions(message("wgt.hex", "\n", "\n\n"), "wgt.hex: expected SHA-256"));
  CHECK(mentions(message("bench.v", "PASS", "FAIL"), "bench.v: expected SHA-256"));
  CHECK(mentions(message("manifest.json", "\"Cols\": 8", "\"Cols\": 2"), "parameters: geometry: rows >= 4"));
  CHECK(mentions(message("manifest.json", "\"Cols\": 8", "\"Cols\": 99"), "Cols: expected an integer in 1 .. 32"));
}

// ---- npy

bool same(const TensorSet& a, const TensorSet& b) {
  return std::ranges::equal(a.tensors, b.tensors, [](const auto& x, const auto& y) {
    return x.first == y.first && x.second.shape == y.second.shape && x.second.values == y.second.values;
  });
}

std::vector<std::int32_t> values_of(const TensorSet& set, const std::string& name) {
  std::vector<std::int32_t> result;
  for (const auto& [found, array] : set.tensors) {
    if (found != name) continue;
    std::visit(
        [&](const auto& values) {
          for (const auto value : values) result.push_back(static_cast<std::int32_t>(value));
        },
        array.values);
  }
  return result;
}

TEST_CASE("vectors.npy.round_trip.random") {
  const TemporaryFolder folder;
  for (const op::Kind kind : test::kEveryKind) {
    for (int i = 0; i < 4; ++i) {
      const std::string name = fmt::format("{}.{}", static_cast<int>(kind), i);
      CAPTURE(name);
      test::Draw draw(kSeed, "npy", name);
      const test::TiledLayer tiled = fitting_layer({}, kind, draw, i % 2 == 1);
      const TensorSet set = make_tensor_set(tiled.layer, tiled.input_pointers(), tiled.golden);
      write_tensor_set(set, tiled.layer, origin_of(tiled.layer), folder / "set");
      CHECK(same(read_tensor_set(folder / "set"), set));
    }
  }
}

/// psum and output are two ends of the output stage: a raw layer's are equal, and a plain layer's psums less its bias
/// are the sums of its array set.
TEST_CASE("vectors.npy.psum_agrees_with_the_array_set") {
  for (int i = 0; i < 10; ++i) {
    CAPTURE(i);
    test::Draw draw(kSeed, "npy", fmt::format("psum {}", i));
    op::Layer layer = plain_layer(op::Kind::conv2d, draw);
    layer.out.raw = true;
    const op::Tensor input = test::random_input(layer, draw);
    const op::Tensor* inputs[] = {&input};
    layer.bias = op::Vector::Constant(layer.out_c, 1000);
    const TensorSet set = make_tensor_set(layer, inputs, fast::run_layer(layer, inputs));
    const std::vector<std::int32_t> psum = values_of(set, "psum");
    CHECK(psum == values_of(set, "output"));
    op::Tensor sums(layer.out_h, layer.out_w, layer.out_c);
    std::ranges::transform(psum, sums.data.data(), [](std::int32_t value) { return value - 1000; });
    check_outputs(make_array_set(layer, input, 8, 8), sums);
  }
}

TEST_CASE("vectors.npy.refused") {
  const TemporaryFolder folder;
  test::Draw draw(kSeed, "npy", "refused");
  const test::TiledLayer tiled = fitting_layer({}, op::Kind::conv2d, draw, false);
  const TensorSet set = make_tensor_set(tiled.layer, tiled.input_pointers(), tiled.golden);
  const auto message = [&](auto change) {
    write_tensor_set(set, tiled.layer, origin_of(tiled.layer), folder / "set");
    change();
    return refusal([&] { (void)read_tensor_set(folder / "set"); });
  };
  const fs::path output = folder / "set/output.npy";
  CHECK(mentions(message([&] { fs::resize_file(output, fs::file_size(output) - 1); }), "output.npy: data: expected"));
  CHECK(mentions(message([&] { fs::remove(output); }), "output.npy: cannot be read"));
  CHECK(mentions(message([&] { base::write_npy(output, {{1}, std::vector<std::int8_t>{5}}); }), "output.npy: "));
  CHECK(
      mentions(message([&] { replace_in(folder / "set/manifest.json", "output.npy", "output.txt"); }), "an .npy file"));
}

}  // namespace
}  // namespace systole::vectors
