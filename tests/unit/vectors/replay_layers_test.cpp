// SPDX-License-Identifier: Apache-2.0
// Sets of layers read back as layers: what memory images, npy files and ClipQ files say is what was written, and what
// was changed in them is noticed.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "accel/lower/encoding.h"
#include "accel/lower/tiler.h"
#include "golden/fast/op.h"
#include "tests/support/random_layer.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/model/bad_input.h"
#include "vectors/clipq/clipq_fit.h"
#include "vectors/npy/tensor_layer.h"
#include "vectors/readmemh/memory_layers.h"

namespace systole {
namespace {

namespace fs = std::filesystem;
using op::Kind;
using test::Draw;
using test::TemporaryFolder;

constexpr accel::Geometry kGeometry{.rows = 8, .cols = 8};

std::vector<const op::Tensor*> pointers(const std::vector<op::Tensor>& tensors) {
  std::vector<const op::Tensor*> result;
  result.reserve(tensors.size());
  for (const op::Tensor& tensor : tensors) result.push_back(&tensor);
  return result;
}

/// A random layer with its inputs and what the golden answers.
struct Case {
  op::Layer layer;
  std::vector<op::Tensor> inputs;
  op::Tensor output;
};

Case random_case(Kind kind, std::uint64_t seed) {
  Draw draw(seed, "replay_layers", "layer");
  Case result{.layer = test::random_layer(kind, draw, true), .inputs = {}, .output = {}};
  result.inputs = test::random_inputs(result.layer, draw);
  result.output = fast::run_layer(result.layer, pointers(result.inputs));
  return result;
}

/// Nothing where the layer does not fit the array.
std::optional<vectors::MemorySet> memory_set(const Case& c) {
  try {
    return vectors::make_memory_set(c.layer, kGeometry, pointers(c.inputs), c.output);
  } catch (const base::InputError&) {
    return std::nullopt;
  }
}

/// The first random convolution that fits the array.
Case fitting_convolution() {
  for (std::uint64_t seed = 0;; ++seed) {
    Case c = random_case(Kind::conv2d, seed);
    if (memory_set(c)) return c;
  }
}

void append(base::Beats& to, const std::uint32_t* beat) {
  to.resize(to.size() + 1);
  std::copy_n(beat, to.words_per_beat(), to[to.size() - 1]);
}

/// What the commands send and expect, beat by beat.
vectors::MemorySet streams_of(const std::vector<vectors::MemoryCommand>& commands, const vectors::MemorySet& like) {
  vectors::MemorySet set{.geometry = like.geometry,
                         .quiet_cycles = like.quiet_cycles,
                         .cfg = base::Beats(like.cfg.bits()),
                         .wgt = base::Beats(like.wgt.bits()),
                         .act = base::Beats(like.act.bits()),
                         .out = base::Beats(like.out.bits())};
  for (const auto& [command, stimulus, expected, output] : commands) {
    for (std::size_t i = 0; i < command.cfg.size(); ++i) append(set.cfg, command.cfg[i]);
    for (std::size_t i = 0; i < command.wgt.size(); ++i) append(set.wgt, command.wgt[i]);
    for (std::size_t i = 0; i < command.act_beats(); ++i) append(set.act, accel::act_beat(command, stimulus, i));
    const int cols = command.geometry.cols;
    for (std::size_t i = 0; i < command.out_beats(); ++i) {
      std::vector<std::uint32_t> beat(set.out.words_per_beat());
      for (int col = 0; col < cols; ++col) {
        const auto place = command.place(i, col);
        REQUIRE(place);
        const std::int32_t value = output.at(place->oh, place->ow, place->oc);
        base::set_field(beat.data(), col * command.geometry.psum_width, command.geometry.psum_width, value);
      }
      base::set_field(beat.data(), lower::out_bits(command.geometry), 1, i + 1 == command.out_beats() ? 1 : 0);
      append(set.out, beat.data());
    }
  }
  return set;
}

TEST_CASE("vectors.memory_layers.round_trip.random") {
  int made = 0;
  for (const Kind kind : {Kind::conv2d, Kind::depthwise, Kind::fully_connected, Kind::max_pool, Kind::avg_pool,
                          Kind::add, Kind::concat}) {
    int of_kind = 0;
    for (std::uint64_t seed = 0; seed < 40 && of_kind < 5; ++seed) {
      const Case c = random_case(kind, seed);
      const auto set = memory_set(c);
      if (!set) continue;
      CAPTURE(static_cast<int>(kind));
      CAPTURE(seed);
      ++of_kind;
      const std::vector<vectors::MemoryLayer> layers = vectors::layers_of("set", *set);
      std::vector<op::Tensor> golden;
      for (const vectors::MemoryLayer& layer : layers) {
        golden.push_back(fast::run_layer(layer.layer, pointers(layer.inputs)));
        CHECK(golden.back() == layer.expected);
      }
      CHECK(streams_of(vectors::commands_of(layers, golden, kGeometry), *set) == *set);
    }
    CHECK_MESSAGE(of_kind > 0, static_cast<int>(kind));
    made += of_kind;
  }
  CHECK(made >= 14);
}

/// What reading a damaged set comes to: a refusal, or "differs" where the golden gives other outputs.
std::string verdict(const vectors::MemorySet& set) {
  bool differs = false;
  std::string refused = test::refusal([&] {
    for (const vectors::MemoryLayer& layer : vectors::layers_of("set", set)) {
      differs = differs || !(fast::run_layer(layer.layer, pointers(layer.inputs)) == layer.expected);
    }
  });
  if (!refused.empty()) return refused;
  return differs ? "differs" : "";
}

TEST_CASE("vectors.memory_layers.damage") {
  const Case c = fitting_convolution();
  const auto made = memory_set(c);
  REQUIRE(made);
  REQUIRE(verdict(*made).empty());
  Draw draw(1, "replay_layers", "damage");
  const auto longer = [](base::Beats& beats, int by) { beats.resize(beats.size() + static_cast<std::size_t>(by)); };
  SUBCASE("every bit of an expected word") {
    for (int i = 0; i < 40; ++i) {
      vectors::MemorySet set = *made;
      const auto word = static_cast<std::size_t>(draw.between(0, static_cast<int>(set.out.size()) - 1));
      const int bit = draw.between(0, set.out.bits() - 1);
      set.out[word][bit / 32] ^= std::uint32_t{1} << (bit % 32);
      CHECK(!verdict(set).empty());
    }
  }
  SUBCASE("a word less or more") {
    for (const int by : {-1, 1}) {
      vectors::MemorySet set = *made;
      longer(set.cfg, by);
      CHECK(test::mentions(verdict(set), "set/cfg.hex: line "));
      set = *made;
      longer(set.wgt, by);
      CHECK(test::mentions(verdict(set), "set/wgt.hex: line "));
      set = *made;
      longer(set.act, by);
      CHECK(test::mentions(verdict(set), "set/act.hex: line "));
      set = *made;
      longer(set.out, by);
      CHECK(test::mentions(verdict(set), "set/out.hex: line "));
    }
  }
}

TEST_CASE("vectors.tensor_layer.round_trip.random") {
  for (const Kind kind : {Kind::conv2d, Kind::depthwise, Kind::fully_connected, Kind::max_pool, Kind::avg_pool,
                          Kind::add, Kind::concat}) {
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
      const Case c = random_case(kind, seed);
      CAPTURE(static_cast<int>(kind));
      CAPTURE(seed);
      const TemporaryFolder folder;
      const vectors::TensorSet written = vectors::make_tensor_set(c.layer, pointers(c.inputs), c.output);
      vectors::write_tensor_set(written, c.layer, {}, folder / "set");
      vectors::Manifest manifest = vectors::read_manifest(folder / "set", vectors::kTensorFormat);
      const vectors::TensorLayer read =
          vectors::layer_of(folder / "set", manifest, vectors::read_tensor_set(folder / "set"));
      CHECK(read.inputs == c.inputs);
      CHECK(read.output == c.output);
      CHECK(fast::run_layer(read.layer, pointers(read.inputs)) == c.output);
    }
  }
}

/// A ClipQ layer with random codes; every level and both signs of sums occur.
Case clipq_case(const vectors::ClipqStage& stage, std::uint64_t seed) {
  Draw draw(seed, "replay_layers", "clipq");
  vectors::ClipqSet set;
  set.kernel = draw.one_in(2) ? 3 : 1;
  set.input = op::Tensor(6, 6, draw.between(1, 12));
  for (std::int32_t& value : set.input.data.reshaped()) value = draw.between(-128, 127);
  const int out_channels = draw.between(2, 9);
  set.output = op::Tensor(6, 6, out_channels);
  set.codebook = {-70, -36, 0, 73};
  set.codes.resize(out_channels, Eigen::Index{set.kernel} * set.kernel * set.input.channels());
  for (std::int32_t& code : set.codes.reshaped()) code = draw.between(0, 3);
  set.bias.resize(out_channels);
  // Sums that are exact negative multiples of 32 tell the rules apart: a channel of zero weights has its bias alone.
  for (std::int32_t& bias : set.bias.reshaped()) bias = draw.between(-2000, 2000);
  set.codes.row(0).setConstant(2);
  set.bias(0) = -64;
  Case result{.layer = vectors::clipq_layer(set, stage), .inputs = {set.input}, .output = {}};
  result.output = fast::run_layer(result.layer, pointers(result.inputs));
  return result;
}

fs::path write_clipq(const TemporaryFolder& folder, const Case& c, vectors::ClipqPacking packing) {
  fs::path set = folder / "set";
  vectors::write_clipq_set(vectors::make_clipq_set(c.layer, c.inputs[0], c.output), packing, c.layer, {}, set);
  return set;
}

TEST_CASE("vectors.clipq_fit.finds_packing_and_stage") {
  std::uint64_t seed = 0;
  for (const auto packing : {vectors::ClipqPacking::plain, vectors::ClipqPacking::packed}) {
    for (const auto rule : {fixed::Rounding::clipq, fixed::Rounding::trunc}) {
      for (const std::int32_t low : {0, -128}) {
        const vectors::ClipqStage stage{.rule = rule, .low = low};
        const TemporaryFolder folder;
        const fs::path set = write_clipq(folder, clipq_case(stage, seed++), packing);
        fs::remove(set / "manifest.json");
        CAPTURE(to_string(stage));
        CHECK(vectors::has_clipq_files(set));
        REQUIRE(vectors::clipq_packing(set) == packing);
        const auto fits = vectors::fit_stages(set, vectors::read_clipq_set(set, packing), packing, std::nullopt);
        CHECK(fits.front().comparison.differ == 0);
        // After ReLU the two rules agree wherever the sum is negative.
        CHECK((fits.front().stage == stage || (low == 0 && fits.front().stage.low == 0)));
        CHECK(fits.back().comparison.differ > 0);
      }
    }
  }
}

TEST_CASE("vectors.clipq_fit.first_difference_names_the_line") {
  for (const auto packing : {vectors::ClipqPacking::plain, vectors::ClipqPacking::packed}) {
    const TemporaryFolder folder;
    const fs::path folder_of_set = write_clipq(folder, clipq_case({}, 5), packing);
    vectors::ClipqSet set = vectors::read_clipq_set(folder_of_set, packing);
    const op::Tensor golden = set.output;
    set.output.at(1, 2, 1) ^= 1;
    const vectors::Comparison found = vectors::compare_outputs(folder_of_set, set, packing, golden, "golden");
    CHECK(found.differ == 1);
    const int word = packing == vectors::ClipqPacking::plain ? 36 + 8 : 8 * ((set.out_channels() + 3) / 4);
    CHECK(test::mentions(found.first, "output oc 1 oh 1 ow 2: file "));
    CHECK(test::mentions(found.first, "(Out8.hex line " + std::to_string(word + 1) + ")"));
  }
}

/// Every file of a set with a manifest: one bit changed is reported, whatever it means, another number of words too,
/// and a file that is not there is refused.
void check_every_file_is_watched(const fs::path& folder, const std::string& format) {
  const vectors::Manifest manifest = vectors::read_manifest(folder, format);
  CHECK(vectors::changed_files(folder, manifest).empty());
  Draw draw(9, "replay_layers", "watch");
  for (const vectors::SetFile& file : manifest.files) {
    const std::string text = test::read_text(folder / file.name);
    std::string changed = text;
    const auto at = static_cast<std::size_t>(draw.between(0, static_cast<int>(text.size()) - 1));
    changed[at] = static_cast<char>(changed[at] ^ (1 << draw.between(0, 7)));
    test::write_text(folder / file.name, changed);
    const std::vector<std::string> found = vectors::changed_files(folder, manifest);
    REQUIRE(found.size() == 1);
    CHECK(test::mentions(found[0], file.name + ": expected SHA-256 " + file.sha256));
    fs::remove(folder / file.name);
    CHECK(test::mentions(test::refusal([&] { (void)vectors::changed_files(folder, manifest); }),
                         file.name + ": listed by manifest.json, not there"));
    test::write_text(folder / file.name, text);
    if (file.name.ends_with(".npy")) continue;  // their reader counts elements
    vectors::Manifest another = manifest;
    ++std::ranges::find(another.files, file.name, &vectors::SetFile::name)->words;
    const std::vector<std::string> counted = vectors::changed_files(folder, another);
    REQUIRE(counted.size() == 1);
    CHECK(test::mentions(counted[0], file.name + ": expected words: " + std::to_string(file.words + 1)));
  }
}

TEST_CASE("vectors.vector_set.every_file_is_watched") {
  const TemporaryFolder folder;
  check_every_file_is_watched(write_clipq(folder, clipq_case({}, 2), vectors::ClipqPacking::plain), "clipq");
  const Case c = fitting_convolution();
  vectors::write_tensor_set(vectors::make_tensor_set(c.layer, pointers(c.inputs), c.output), c.layer, {},
                            folder / "npy");
  check_every_file_is_watched(folder / "npy", "npy");
  vectors::write_memory_set(*memory_set(c), {}, folder / "memory");
  check_every_file_is_watched(folder / "memory", "readmemh");
}

}  // namespace
}  // namespace systole
