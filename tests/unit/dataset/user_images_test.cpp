// SPDX-License-Identifier: Apache-2.0
// Images of any size in one array or in a folder.
#include "models/dataset/user_images.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/npy.h"
#include "models/dataset/accuracy.h"
#include "models/dataset/dataset.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/model/bad_input.h"

namespace {

using namespace systole;
using dataset::open_dataset;
using test::TemporaryFolder;
using test::write_text;
namespace fs = std::filesystem;

constexpr model::Shape kGrey28{.height = 28, .width = 28, .channels = 1};

fs::path write_images(const fs::path& file, const std::vector<std::size_t>& shape) {
  std::vector<std::uint8_t> values(base::element_count(shape));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::uint8_t>(i % 251);
  base::write_npy(file, {shape, values});
  return file;
}

std::string refusal_of(const std::string& description, const model::Shape& wanted = kGrey28) {
  return test::refusal([&] { (void)open_dataset(description, wanted); });
}

model::Shape shape_of(const dataset::Dataset& images) {
  const op::Tensor pixels = images.at(0).pixels;
  return {pixels.height, pixels.width, pixels.channels()};
}

TEST_CASE("dataset.npy_images.shapes") {
  const TemporaryFolder folder;
  const auto open = [&](const std::vector<std::size_t>& shape, const model::Shape& wanted) {
    return open_dataset("npy:" + write_images(folder.path() / "a.npy", shape).string(), wanted);
  };
  const auto grey = open({3, 28, 28}, kGrey28);
  CHECK(grey->size() == 3);
  CHECK(shape_of(*grey) == kGrey28);
  CHECK(grey->at(1).pixels.at(2, 3, 0) == (28 * 28 + 2 * 28 + 3) % 251);
  CHECK(grey->at(0).label == -1);
  CHECK(shape_of(*open({2, 28, 28, 1}, kGrey28)) == kGrey28);
  const model::Shape colour{.height = 64, .width = 64, .channels = 3}, line{.height = 1, .width = 100, .channels = 1},
      series{.height = 1, .width = 50, .channels = 6};
  const auto big = open({2, 64, 64, 3}, colour);
  CHECK(shape_of(*big) == colour);
  CHECK(big->at(1).pixels.at(0, 1, 2) == (64 * 64 * 3 + 5) % 251);
  CHECK(shape_of(*open({5, 100}, line)) == line);
  CHECK(shape_of(*open({5, 1, 100, 1}, line)) == line);
  CHECK(shape_of(*open({4, 50, 6}, series)) == series);
  CHECK(shape_of(*open({4, 10, 12}, kGrey28)) == model::Shape{10, 12, 1});  // the network refuses it by its size
}

TEST_CASE("dataset.npy_images.labels") {
  const TemporaryFolder folder;
  const std::string images = "npy:" + write_images(folder.path() / "a.npy", {3, 4, 4}).string();
  base::write_npy(folder.path() / "l.npy", {{3}, std::vector<std::int32_t>{7, 0, 300}});
  const auto arrays = open_dataset(images + "," + (folder.path() / "l.npy").string(), kGrey28);
  CHECK(arrays->at(0).label == 7);
  CHECK(arrays->at(2).label == 300);
  write_text(folder.path() / "l.txt", "1\r\n2\n 3\n");
  CHECK(open_dataset(images + "," + (folder.path() / "l.txt").string(), kGrey28)->at(2).label == 3);
}

TEST_CASE("dataset.npy_images.bad_input") {
  const TemporaryFolder folder;
  const auto path = [&](const char* name) { return (folder.path() / name).string(); };
  const std::string images = "npy:" + write_images(folder.path() / "a.npy", {3, 4, 4}).string();
  CHECK(test::mentions(refusal_of("npy:none.npy"), "none.npy"));
  base::write_npy(folder.path() / "real.npy", {{1, 4, 4}, std::vector<float>(16)});
  CHECK(test::mentions(refusal_of("npy:" + path("real.npy")), "expected pixels as uint8"));
  CHECK(test::mentions(refusal_of("npy:" + write_images(folder.path() / "b.npy", {7}).string()), "found [7]"));
  CHECK(test::mentions(refusal_of("npy:" + write_images(folder.path() / "b.npy", {0, 4, 4}).string()), "found [0, 4"));
  base::write_npy(folder.path() / "l.npy", {{2}, std::vector<std::uint8_t>{1, 2}});
  CHECK(test::mentions(refusal_of(images + "," + path("l.npy")), "expected 3 labels, one per image, found 2"));
  base::write_npy(folder.path() / "l.npy", {{3}, std::vector<std::int8_t>{1, -1, 2}});
  CHECK(test::mentions(refusal_of(images + "," + path("l.npy")), "line 2: expected a label of 0 .. 65535, found '-1'"));
  base::write_npy(folder.path() / "l.npy", {{3}, std::vector<float>(3)});
  CHECK(test::mentions(refusal_of(images + "," + path("l.npy")), "expected integers"));
  write_text(folder.path() / "l.txt", "1\ncat\n3\n");
  CHECK(test::mentions(refusal_of(images + "," + path("l.txt")), "line 2: expected a label"));
}

TEST_CASE("dataset.image_folder.classes") {
  const TemporaryFolder folder;
  const auto add = [&](const char* name) {
    fs::create_directories((folder.path() / name).parent_path());
    write_images(folder.path() / name, {4, 5, 1});
  };
  add("cat/b.npy");
  add("cat/a.npy");
  add("ant/z.npy");
  write_text(folder.path() / "cat/notes.txt", "no image");
  const auto named = open_dataset("folder:" + folder.path().string(), kGrey28);
  REQUIRE(named->size() == 3);
  CHECK(named->at(0).label == 0);  // ant
  CHECK(named->at(1).label == 1);
  CHECK(shape_of(*named) == model::Shape{4, 5, 1});
  const TemporaryFolder numbered;
  for (const char* name : {"10", "2"}) {
    fs::create_directories(numbered.path() / name);
    write_images(numbered.path() / name / "a.npy", {4, 4, 1});
  }
  const auto numbers = open_dataset("folder:" + numbered.path().string(), kGrey28);
  CHECK(numbers->at(0).label == 2);
  CHECK(numbers->at(1).label == 10);
}

TEST_CASE("dataset.image_folder.labels_file_and_none") {
  const TemporaryFolder folder;
  const std::string description = "folder:" + folder.path().string();
  CHECK(test::mentions(refusal_of(description), "expected images"));
  write_images(folder.path() / "a.npy", {4, 4, 1});
  write_images(folder.path() / "b.npy", {4, 4, 1});
  const auto bare = open_dataset(description, kGrey28);
  CHECK(bare->size() == 2);
  CHECK(bare->at(0).label == -1);
  write_text(folder.path() / "labels.csv", "file,class\nb.npy,5\n\na.npy,6\n");
  const auto labelled = open_dataset(description, kGrey28);
  REQUIRE(labelled->size() == 2);
  CHECK(labelled->at(0).label == 5);
  CHECK(labelled->at(1).label == 6);
  write_text(folder.path() / "labels.csv", "b.npy,5\na.npy,dog\n");
  CHECK(test::mentions(refusal_of(description), "line 2: expected a label"));
  write_text(folder.path() / "labels.csv", "c.npy,5\n");
  CHECK(test::mentions(refusal_of(description), "there is no file 'c.npy'"));
  CHECK(test::mentions(refusal_of("folder:nowhere"), "nowhere"));
}

TEST_CASE("dataset.glyphs.of_another_size") {
  CHECK(test::mentions(refusal_of("glyphs"), "the network reads " + model::to_string(kGrey28)));
  CHECK(test::mentions(refusal_of("glyphs:calibration"), "npy:IMAGES[,LABELS]"));
}

}  // namespace
