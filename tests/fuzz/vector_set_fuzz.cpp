// SPDX-License-Identifier: Apache-2.0
// vectors: folders of vector files. The first byte says which reader; the files follow with a zero byte between, the
// first line of each its name.
#include <algorithm>
#include <string>

#include "tests/fuzz/harness.h"
#include "vectors/array/array_set.h"
#include "vectors/clipq/clipq_pool.h"
#include "vectors/npy/tensor_set.h"
#include "vectors/readmemh/memory_set.h"

namespace {

using systole::fuzz::Bytes;
namespace fs = std::filesystem;
namespace vectors = systole::vectors;

/// A name that stays in its folder.
std::string name_of(std::string_view line) {
  constexpr std::size_t kLongest = 64;
  std::string name(line.substr(0, kLongest));
  for (char& c : name) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
    if (!plain) c = 'x';
  }
  return name.find_first_not_of('.') == std::string::npos ? "x" + name : name;
}

fs::path write_set(Bytes bytes) {
  fs::path set = systole::fuzz::folder() / "set";
  fs::remove_all(set);
  fs::create_directories(set);
  while (!bytes.empty()) {
    const systole::fuzz::TwoParts parts = systole::fuzz::split_at_zero(bytes);
    const std::string_view text = systole::fuzz::text_of(parts.text);
    const std::size_t end = std::min(text.find('\n'), text.size());
    systole::fuzz::write_file("set/" + name_of(text.substr(0, end)),
                              parts.text.subspan(std::min(text.size(), end + 1)));
    bytes = parts.rest;
  }
  return set;
}

void read_array_set(const fs::path& set) {
  const vectors::ArrayFiles files = vectors::read_array_files(set);
  const std::vector<vectors::ArrayLayout> layouts = vectors::array_layouts(files);
  if (layouts.empty()) systole::fuzz::fail("a set without a layout is refused");
  static_cast<void>(vectors::decode(files, layouts.front()));
  static_cast<void>(vectors::decode(files, layouts.back()));
}

/// The bytes of a npy file hold zeros: one stands for '~', which no other file has.
void read_tensor_set(const fs::path& set) {
  for (const auto& entry : fs::directory_iterator(set)) {
    if (entry.path().extension() != ".npy") continue;
    std::ifstream stream(entry.path(), std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(stream), {}};
    std::replace(bytes.begin(), bytes.end(), '~', '\0');
    std::ofstream(entry.path(), std::ios::binary) << bytes;
  }
  static_cast<void>(vectors::read_tensor_set(set));
}

/// Without weights a pooling layer's.
void read_clipq_layer(const fs::path& set, vectors::ClipqPacking packing) {
  if (!vectors::is_clipq_pool(set)) return static_cast<void>(vectors::read_clipq_set(set, packing));
  const vectors::ClipqPoolSet pool = vectors::read_clipq_pool_set(set, packing);
  constexpr int kLargest = 32;  // of what a fuzzer waits for
  if (pool.input.height <= kLargest) static_cast<void>(vectors::fit_pools(set, pool, packing));
}

void read_set(char reader, Bytes bytes) {
  switch (reader) {
    case 'a':
      return read_array_set(write_set(bytes));
    case 'c':
      return read_clipq_layer(write_set(bytes), vectors::ClipqPacking::plain);
    case 'k':
      return read_clipq_layer(write_set(bytes), vectors::ClipqPacking::packed);
    case 'm':
      return static_cast<void>(vectors::read_memory_set(write_set(bytes)));
    default:
      return read_tensor_set(write_set(bytes));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  systole::fuzz::accepted([&] { read_set(static_cast<char>(data[0]), Bytes(data + 1, size - 1)); });
  return 0;
}
