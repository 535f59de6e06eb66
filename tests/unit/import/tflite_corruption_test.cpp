// SPDX-License-Identifier: Apache-2.0
// Damaged files: each is refused in one line or imported, never anything else.
#include <doctest/doctest.h>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

#include "base/file_bytes.h"
#include "base/input_error.h"
#include "golden/fixed/counter_random.h"
#include "golden/import/tflite/graph.h"
#include "golden/import/tflite/import.h"
#include "tests/unit/import/data_folder.h"
#include "tests/unit/import/networks.h"

namespace systole {
namespace {

using Bytes = std::vector<std::byte>;

struct Verdicts {
  int imported = 0, refused = 0;
};

/// Imports the bytes; anything but success or a one-line refusal fails the test.
void judge(Bytes bytes, Verdicts& verdicts) {
  try {
    static_cast<void>(model::tflite::import_graph(model::tflite::parse_graph(std::move(bytes), "damaged.tflite")));
    ++verdicts.imported;
  } catch (const base::InputError& error) {
    const std::string line = error.what();
    CHECK_MESSAGE(line.starts_with("damaged.tflite: "), line);
    CHECK_MESSAGE(line.find('\n') == std::string::npos, line);
    ++verdicts.refused;
  } catch (const std::exception& error) {
    FAIL_CHECK("not an InputError: " << error.what());
  }
}

Verdicts truncate(const Bytes& whole, std::size_t step) {
  Verdicts verdicts;
  for (std::size_t length = 0; length < whole.size(); length += step) {
    judge(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)), verdicts);
  }
  return verdicts;
}

/// Flips 1 .. 8 bits per trial within the first `region` bytes.
Verdicts flip(const Bytes& whole, std::size_t region, int trials) {
  constexpr std::uint64_t kSeed = 31;
  const fixed::CounterRandom random(kSeed, "import.corruption", "flips");
  std::uint64_t draws = 0;
  Verdicts verdicts;
  for (int trial = 0; trial < trials; ++trial) {
    Bytes bytes = whole;
    for (int flips = 1 + trial % 8; flips > 0; --flips) {
      const std::uint64_t draw = random.bits64(draws++);
      bytes[static_cast<std::size_t>((draw >> 3) % region)] ^= static_cast<std::byte>(1U << (draw & 7U));
    }
    judge(std::move(bytes), verdicts);
  }
  return verdicts;
}

TEST_CASE("import.corruption.every_truncation") {
  const Bytes whole = test::every_operator().bytes();
  const Verdicts verdicts = truncate(whole, 1);
  CHECK(verdicts.refused > 0);
  CHECK(verdicts.imported + verdicts.refused == static_cast<int>(whole.size()));
}

TEST_CASE("import.corruption.random_flips") {
  const Bytes whole = test::every_operator().bytes();
  Verdicts untouched;
  judge(whole, untouched);
  REQUIRE(untouched.imported == 1);
  const Verdicts verdicts = flip(whole, whole.size(), 4000);
  CHECK(verdicts.imported > 0);
  CHECK(verdicts.refused > 0);
}

TEST_CASE("import.corruption.every_byte_extreme") {
  const Bytes whole = test::every_operator().bytes();
  Verdicts verdicts;
  for (const std::byte value : {std::byte{0x00}, std::byte{0x7F}, std::byte{0x80}, std::byte{0xFF}}) {
    for (std::size_t i = 0; i < whole.size(); ++i) {
      Bytes bytes = whole;
      bytes[i] = value;
      judge(std::move(bytes), verdicts);
    }
  }
  CHECK(verdicts.imported > 0);
  CHECK(verdicts.refused > 0);
}

TEST_CASE("import.corruption.mlperf_tiny") {
  const std::filesystem::path file = test::data_folder("mlperf_tiny") / "pretrainedResnet_quant.tflite";
  if (!std::filesystem::exists(file)) {
    MESSAGE("skipped: no file " << file.string() << " (set SYSTOLE_DATA)");
    return;
  }
  const Bytes whole = base::read_bytes(file);
  CHECK(truncate(whole, whole.size() / 97 + 1).refused > 0);
  CHECK(flip(whole, whole.size(), 100).imported > 0);
}

}  // namespace
}  // namespace systole
