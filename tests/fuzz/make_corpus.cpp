// SPDX-License-Identifier: Apache-2.0
// Writes the corpus that the fuzzers start from: make_corpus tests/fuzz/corpus. The project's own writers made every
// file but those called regression_*, which are kept as they were found.
#include <fmt/format.h>
#include <png.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/npy.h"
#include "golden/fast/op.h"
#include "golden/format/network_file.h"
#include "golden/model/float_network.h"
#include "tests/support/jpeg.h"
#include "tests/support/onnx_float_networks.h"
#include "tests/support/onnx_networks.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/import/networks.h"
#include "tests/unit/model/networks.h"
#include "vectors/clipq/clipq_set.h"
#include "vectors/npy/tensor_set.h"
#include "vectors/readmemh/memory_set.h"

namespace systole::test {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void write(const fs::path& file, const std::string& bytes) {
  fs::create_directories(file.parent_path());
  if (!std::ofstream(file, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()))) {
    throw std::runtime_error(fmt::format("{}: cannot be written", file.string()));
  }
}

std::string text_of(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// As tests/fuzz/network_parts.h reads it.
std::string parts(const fs::path& net) { return read(net / "network.json") + '\0' + read(net / "weights.bin"); }

void networks(const fs::path& corpus, const fs::path& temporary) {
  model::save_network(every_kind(), temporary / "net");
  write(corpus / "network" / "every_kind", parts(temporary / "net"));
  model::Network concat = concat_network();
  concat.input.pixel_shift = 4;
  model::save_network(concat, temporary / "net");
  write(corpus / "network" / "concat", parts(temporary / "net"));
  model::save_float_network(every_float_kind(), temporary / "float");
  write(corpus / "float_network" / "every_kind", parts(temporary / "float"));
}

void arrays(const fs::path& corpus) {
  fs::create_directories(corpus / "npy");
  base::write_npy(corpus / "npy" / "int8", {.shape = {3}, .values = std::vector<std::int8_t>{-128, 0, 127}});
  base::write_npy(corpus / "npy" / "uint8", {.shape = {2, 1, 3}, .values = std::vector<std::uint8_t>(6, 200)});
  base::write_npy(corpus / "npy" / "int32_scalar", {.shape = {}, .values = std::vector<std::int32_t>{-70000}});
  base::write_npy(corpus / "npy" / "float32_empty", {.shape = {0, 4}, .values = std::vector<float>{}});
}

void imports(const fs::path& corpus) {
  write(corpus / "tflite" / "every_operator", text_of(every_operator().bytes()));
  write(corpus / "onnx" / "qdq_residual", text_of(qdq_residual().bytes()));
  write(corpus / "onnx" / "concat_branches", text_of(concat_branches().bytes()));
  write(corpus / "onnx" / "conv_integer", text_of(conv_integer().bytes()));
  for (const std::uint64_t seed : {2U, 5U, 7U, 11U, 13U}) {
    write(corpus / "onnx" / fmt::format("random_{}", seed), text_of(random_operator(seed).bytes()));
  }
  write(corpus / "onnx" / "float_residual", text_of(float_residual().bytes()));
  for (const std::uint64_t seed : {1U, 3U, 6U, 9U}) {
    write(corpus / "onnx" / fmt::format("random_float_{}", seed), text_of(random_float_network(seed).bytes()));
  }
  const std::string dims = "\x08\x02\x08\x01";  // 2, 1
  write(corpus / "onnx_tensor" / "float32", dims + std::string("\x10\x01\x4a\x08\0\0\xc0\x3f\0\0\0\xc0", 12));
  write(corpus / "onnx_tensor" / "int8", dims + "\x10\x03\x2a\x02\x05\x06");
}

std::string png_bytes(const fs::path& temporary) {
  png_image png{};
  png.version = PNG_IMAGE_VERSION;
  png.format = PNG_FORMAT_RGBA;
  png.height = 4;
  png.width = 3;
  std::vector<std::uint8_t> pixels(PNG_IMAGE_SIZE(png));
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(37 * i);
  const fs::path file = temporary / "a.png";
  if (png_image_write_to_file(&png, file.c_str(), 0, pixels.data(), 0, nullptr) == 0)
    throw std::runtime_error("no PNG");
  return read(file);
}

/// Grey, 16 bits, with a gamma of 1, as libpng stores linear values.
std::string png_16_bytes(const fs::path& temporary) {
  png_image png{};
  png.version = PNG_IMAGE_VERSION;
  png.format = PNG_FORMAT_LINEAR_Y;
  png.height = 2;
  png.width = 2;
  const std::array<std::uint16_t, 4> pixels{0, 0x12FF, 0xFE80, 0xFFFF};
  const fs::path file = temporary / "linear.png";
  if (png_image_write_to_file(&png, file.c_str(), 0, pixels.data(), 0, nullptr) == 0)
    throw std::runtime_error("no PNG");
  return read(file);
}

/// As tests/fuzz/image_fuzz.cpp reads them.
void images(const fs::path& corpus, const fs::path& temporary) {
  const fs::path folder = corpus / "image";
  write(folder / "png", "p" + png_bytes(temporary));
  std::vector<std::uint8_t> colours(std::size_t{3} * 20 * 9);
  for (std::size_t i = 0; i < colours.size(); ++i) colours[i] = static_cast<std::uint8_t>(11 * i);
  write(folder / "jpeg", "j" + test::jpeg_bytes(9, 20, 3, colours, 75));
  write(folder / "jpeg_progressive", "j" + test::jpeg_bytes(9, 60, 1, colours, 50, true));
  write(folder / "raw", "b" + std::string(12, '\x40'));  // 2 x 2 x 3
  base::write_npy(temporary / "a.npy", {.shape = {2, 2, 3}, .values = std::vector<std::uint8_t>(12, 9)});
  write(folder / "npy", "n" + read(temporary / "a.npy"));
  write(folder / "cifar10", "c\x07" + std::string(3072, '\x55'));
  const std::string idx_images = std::string("\0\0\x08\x03\0\0\0\x02\0\0\0\x02\0\0\0\x03", 16) + "abcdefghijkl";
  const std::string idx_labels("\0\0\x08\x01\0\0\0\x02\x01\x09", 10);
  write(folder / "idx", std::string("i\x1c\0", 3) + idx_images + idx_labels);
  base::write_npy(temporary / "a.npy", {.shape = {2, 2, 3}, .values = std::vector<std::uint8_t>(12, 9)});
  write(folder / "npy_set", std::string("s\x8c\0", 3) + read(temporary / "a.npy") + "3\n4\n");
  write(folder / "folder", "ffile,class\na.bin,3\n");
  write(folder / "png_16_bit", "p" + png_16_bytes(temporary));
  base::write_npy(temporary / "a.npy", {.shape = {1, 2, 2, 3}, .values = std::vector<float>(12, 0.75F)});
  write(folder / "input_real", "r" + read(temporary / "a.npy"));
  base::write_npy(temporary / "a.npy", {.shape = {2, 2, 3}, .values = std::vector<std::int32_t>(12, -7)});
  write(folder / "input_elements", "r" + read(temporary / "a.npy"));
}

void command_lines(const fs::path& corpus) {
  const fs::path folder = corpus / "command_line";
  write(folder / "cycles", "12:18446744073709551615");
  write(folder / "layer", "conv1");
  write(folder / "glyphs", "glyphs:calibration");
  write(folder / "refused_idx", "idx:a,b");
  write(folder / "refused_cifar10", "cifar10:a");
}

/// `lines` words of `width` binary digits.
std::string words(int lines, int width, std::uint64_t seed) {
  const fixed::CounterRandom random(seed, "corpus", "words");
  std::string text;
  for (int i = 0; i < lines * width; ++i) {
    text += static_cast<char>('0' + random.between(static_cast<std::uint64_t>(i), 0, 1));
    if (i % width == width - 1) text += '\n';
  }
  return text;
}

/// 2 x 2 array, 3 x 3 taps over a padded map of 4 x 4.
std::string array_set() {
  std::string set = "aactivation_tile0.txt\n" + words(16, 8, 1);
  for (int kij = 0; kij < 9; ++kij) {
    const std::string place = fmt::format("itile0_otile0_kij{}.txt\n", kij);
    const auto seed = static_cast<std::uint64_t>(kij);
    set += '\0' + ("weight_" + place) + words(2, 8, 10 + seed) + '\0' + ("psum_" + place) + words(16, 32, 20 + seed);
  }
  return set;
}

/// The files of a set that its reader looks at, as tests/fuzz/vector_set_fuzz.cpp takes them.
std::string set_parts(char reader, const fs::path& folder, char zero = '\0') {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::string parts(1, reader);
  for (const fs::path& file : files) {
    if (file.filename() == "README.txt") continue;
    std::string bytes = read(file);
    std::replace(bytes.begin(), bytes.end(), '\0', zero);
    parts += (parts.size() > 1 ? std::string(1, '\0') : "") + file.filename().string() + '\n' + bytes;
  }
  return parts;
}

/// Three words of 37 bits and five of 8.
void hex_words(const fs::path& corpus) {
  write(corpus / "hex" / "wide",
        "\x25\x03"
        "0123456789\r\n1fABCDEF01\n0000000000");
  write(corpus / "hex" / "addresses",
        "\x12\x05"
        "// 0x00000000\n@1 2_AB_CD 3 /* of\ntwo lines */ @03 5\t6//\n@0\n7\n@1 8\n\n");
  write(corpus / "hex" / "refused_unknown",
        "\x08\x02"
        "1x\nzz\n");
  write(corpus / "hex" / "bytes",
        "\x08\x05"
        "80\n7F\n00\nff\n01\n");
}

op::Layer codebook_layer() {
  op::Layer layer;
  layer.name = "conv";
  layer.in_h = layer.in_w = layer.out_h = layer.out_w = 4;
  layer.in_c = layer.out_c = 4;
  layer.wgt_bits = 2;
  layer.codebook = {-40, -9, 0, 23};
  layer.weights = op::Matrix(4, 4);
  for (Eigen::Index i = 0; i < layer.weights.size(); ++i)
    layer.weights.data()[i] = static_cast<std::int32_t>(i * 7 % 4);
  layer.bias = op::Vector::Constant(4, 100);
  layer.out.rule = fixed::Rounding::clipq;
  layer.out.multiply = false;
  layer.out.lshift = {0};
  layer.out.n = {5};
  return layer;
}

void vector_sets(const fs::path& corpus, const fs::path& temporary) {
  const fs::path folder = corpus / "vector_set", set = temporary / "set";
  write(folder / "array_2x2", array_set());
  const op::Layer layer = codebook_layer();
  op::Tensor input(4, 4, 4);
  for (Eigen::Index i = 0; i < input.data.size(); ++i)
    input.data.data()[i] = static_cast<std::int32_t>(i * 37 % 256) - 128;
  const std::array<const op::Tensor*, 1> inputs{&input};
  const op::Tensor output = fast::run_layer(layer, inputs);
  const vectors::Origin origin{.network = "corpus",
                               .network_sha256 = std::string(64, '0'),
                               .layer = layer.name,
                               .input = "corpus",
                               .configuration = "8x8",
                               .rtl_sha256 = std::string(64, '0'),
                               .seed = 1};
  const vectors::ClipqSet clipq = vectors::make_clipq_set(layer, input, output);
  vectors::write_clipq_set(clipq, vectors::ClipqPacking::plain, layer, origin, set);
  fs::remove(set / "manifest.json");  // without it changed files are read, not refused for their SHA-256
  write(folder / "clipq", set_parts('c', set));
  fs::remove_all(set);
  vectors::write_clipq_set(clipq, vectors::ClipqPacking::packed, layer, origin, set);
  fs::remove(set / "manifest.json");
  write(folder / "clipq_packed", set_parts('k', set));
  fs::remove_all(set);
  vectors::write_memory_set(vectors::make_memory_set(layer, {}, inputs, output), origin, set);
  write(folder / "readmemh", set_parts('m', set));
  fs::remove_all(set);
  vectors::write_tensor_set(vectors::make_tensor_set(layer, inputs, output), layer, origin, set);
  write(folder / "npy", set_parts('t', set, '~'));
}

}  // namespace

void make_corpus(const fs::path& corpus) {
  const TemporaryFolder temporary;
  networks(corpus, temporary.path());
  arrays(corpus);
  imports(corpus);
  images(corpus, temporary.path());
  command_lines(corpus);
  hex_words(corpus);
  vector_sets(corpus, temporary.path());
}

}  // namespace systole::test

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: make_corpus FOLDER\n");
    return 2;
  }
  try {
    systole::test::make_corpus(argv[1]);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "make_corpus: {}\n", error.what());
    return 1;
  }
}
