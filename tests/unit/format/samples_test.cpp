// SPDX-License-Identifier: Apache-2.0
#include "golden/format/samples.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/npy.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/model/bad_input.h"
#include "tests/unit/model/networks.h"

namespace {

using namespace systole;

model::Sample sample(int input, int expected) {
  model::Sample result{op::Tensor(4, 6, 3), op::Tensor(1, 1, 3)};
  result.input.data.setConstant(input);
  result.input.at(0, 0, 0) = -128;
  result.expected.data << expected, -1, 0;
  return result;
}

std::string refusal(const std::filesystem::path& folder) {
  return test::refusal([&] { (void)model::load_samples(test::every_kind(), folder); });
}

TEST_CASE("format.samples.round_trip") {
  const test::TemporaryFolder folder;
  const std::vector<model::Sample> saved{sample(127, 5), sample(-7, 70000)};
  model::save_samples(saved, folder.path());
  const auto read = model::load_samples(test::every_kind(), folder.path());
  REQUIRE(read.size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(read[i].input == saved[i].input);
    CHECK(read[i].expected == saved[i].expected);
  }
}

TEST_CASE("format.samples.empty") {
  const test::TemporaryFolder folder;
  CHECK(model::load_samples(test::every_kind(), folder.path()).empty());
}

TEST_CASE("format.samples.reads_flat_logits") {
  const test::TemporaryFolder folder;
  model::save_samples({sample(1, 2)}, folder.path());
  base::write_npy(folder / "samples/expected_0.npy", {{3}, std::vector<std::int32_t>{9, 8, 7}});
  CHECK(model::load_samples(test::every_kind(), folder.path())[0].expected.at(0, 0, 1) == 8);
}

TEST_CASE("format.samples.holds") {
  CHECK(model::holds({2, 3, 4}, {2, 3, 4}));
  CHECK(model::holds({1, 2, 3, 4}, {2, 3, 4}));
  CHECK(model::holds({2, 3}, {2, 3, 1}));
  CHECK(model::holds({1, 2, 3}, {2, 3, 1}));
  CHECK(model::holds({5}, {1, 1, 5}));
  CHECK(model::holds({1, 5}, {1, 1, 5}));
  for (const std::vector<std::size_t>& other :
       {std::vector<std::size_t>{4, 2, 3}, {24}, {2, 2, 3, 4}, {1, 1, 2, 3, 4}, {2, 12}, {}}) {
    CHECK(!model::holds(other, {2, 3, 4}));
  }
  CHECK(!model::holds({5, 1}, {1, 1, 5}));
}

TEST_CASE("format.samples.refuses_damage") {
  const test::TemporaryFolder folder;
  model::save_samples({sample(1, 2)}, folder.path());
  base::write_npy(folder / "samples/expected_0.npy", {{4}, std::vector<std::int32_t>{9, 8, 7, 6}});
  CHECK(test::mentions(refusal(folder.path()), "expected_0.npy: shape: expected [1, 1, 3], found [4]"));
  base::write_npy(folder / "samples/expected_0.npy", {{3}, std::vector<float>{9, 8, 7}});
  CHECK(test::mentions(refusal(folder.path()), "expected_0.npy: descr: expected integers"));
  std::filesystem::remove(folder / "samples/expected_0.npy");
  CHECK(test::mentions(refusal(folder.path()), "expected_0.npy: cannot be read"));
  model::save_samples({sample(128, 2)}, folder.path());
  CHECK(test::mentions(refusal(folder.path()), "input_0.npy: data: expected values in -128 .. 127, found -128 .. 128"));
  std::filesystem::remove(folder / "samples/input_0.npy");
  CHECK(test::mentions(refusal(folder.path()), "expected_0.npy: expected input_0.npy beside it"));
}

}  // namespace
