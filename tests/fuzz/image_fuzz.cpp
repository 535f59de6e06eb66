// SPDX-License-Identifier: Apache-2.0
// models/dataset: single images, data sets, and what a network reads of an array. The first byte says which reader.
#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <string>

#include "models/dataset/dataset.h"
#include "models/dataset/network_input.h"
#include "tests/fuzz/harness.h"

namespace {

using systole::fuzz::Bytes;

/// Images and labels, cut at a length of two bytes.
std::string write_pair(const std::string& kind, Bytes bytes) {
  if (bytes.size() < 2) return kind;
  const std::size_t length = std::min<std::size_t>(bytes.size() - 2, bytes[0] + 256U * bytes[1]);
  const auto images = systole::fuzz::write_file("images", bytes.subspan(2, length));
  const auto labels = systole::fuzz::write_file("labels", bytes.subspan(2 + length));
  return kind + images.string() + "," + labels.string();
}

/// A labels.csv beside a grey image of 2 x 2.
std::string write_folder(Bytes bytes) {
  std::filesystem::create_directory(systole::fuzz::folder() / "set");
  (void)systole::fuzz::write_file("set/labels.csv", bytes);
  constexpr std::array<std::uint8_t, 4> kGrey{7, 8, 9, 10};
  (void)systole::fuzz::write_file("set/a.bin", Bytes(kGrey));
  return "folder:" + (systole::fuzz::folder() / "set").string();
}

std::string description(char reader, Bytes bytes) {
  switch (reader) {
    case 'p':
      return systole::fuzz::write_file("a.png", bytes).string();
    case 'j':
      return systole::fuzz::write_file("a.jpg", bytes).string();
    case 'b':
      return systole::fuzz::write_file("a.bin", bytes).string();
    case 'n':
      return systole::fuzz::write_file("image.npy", bytes).string();
    case 'c':
      return "cifar10:" + systole::fuzz::write_file("cifar", bytes).string();
    case 's':
      return write_pair("npy:", bytes);
    case 'f':
      return write_folder(bytes);
    default:
      return write_pair("idx:", bytes);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace systole;
  if (size == 0) return 0;
  const model::Shape wanted{.height = 2, .width = 2, .channels = 3};
  if (data[0] == 'r') {
    model::Input input{.height = wanted.height, .width = wanted.width, .channels = wanted.channels};
    input.real = model::TensorScale{.scale = {0.5}, .zero = 3};
    const auto file = fuzz::write_file("input.npy", Bytes(data + 1, size - 1));
    fuzz::accepted([&] {
      const op::Tensor elements = dataset::read_input(input, file);
      if (elements.data.minCoeff() < -128 || elements.data.maxCoeff() > 127) fuzz::fail("an element outside of int8");
    });
    return 0;
  }
  const std::string text = description(static_cast<char>(data[0]), Bytes(data + 1, size - 1));
  fuzz::accepted([&] {
    const std::unique_ptr<dataset::Dataset> images = dataset::open_dataset(text, wanted);
    if (images->size() == 0) return;
    const dataset::Image image = images->at(images->size() - 1);
    if (image.pixels.data.minCoeff() < 0 || image.pixels.data.maxCoeff() > 255)
      fuzz::fail("a pixel outside of 0 .. 255");
  });
  return 0;
}
