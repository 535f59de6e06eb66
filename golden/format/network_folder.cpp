// SPDX-License-Identifier: Apache-2.0
#include "golden/format/network_folder.h"

#include <fmt/format.h>

#include <bit>
#include <fstream>
#include <system_error>

#include "base/input_error.h"
#include "base/output_file.h"

namespace systole::model {

static_assert(std::endian::native == std::endian::little, "weights.bin is little-endian and copied as it stands");

namespace fs = std::filesystem;

namespace {

std::size_t aligned(std::size_t position, std::size_t alignment) {
  return (position + alignment - 1) / alignment * alignment;
}

void refuse_foreign_files(const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name != kDescriptionFile && name != kWeightsFile && name != kSamplesFolder) {
      throw base::InputError(folder.string(), name, "expected a network folder to replace, found a foreign file");
    }
  }
}

int to_int(std::int64_t value) { return static_cast<int>(value); }

}  // namespace

std::string to_string(const Shape& shape) {
  return fmt::format("[{}, {}, {}]", shape.height, shape.width, shape.channels);
}

std::size_t BlobWriter::append(const void* data, std::size_t bytes, std::size_t alignment) {
  bytes_.resize(aligned(bytes_.size(), alignment));
  const std::size_t offset = bytes_.size();
  const auto* first = static_cast<const std::byte*>(data);
  bytes_.insert(bytes_.end(), first, first + bytes);
  return offset;
}

BlobReader::BlobReader(const fs::path& file) : file_(file.string()) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(file, error);
  if (error) throw base::InputError(file_, "", fmt::format("cannot be read: {}", error.message()));
  if (size > kMaxWeightBytes) {
    throw base::InputError(file_, "", fmt::format("expected at most {} bytes, found {}", kMaxWeightBytes, size));
  }
  bytes_.resize(size);
  std::ifstream stream(file, std::ios::binary);
  if (!stream.read(reinterpret_cast<char*>(bytes_.data()), static_cast<std::streamsize>(size))) {
    throw base::InputError(file_, "", "cannot be read to its end");
  }
}

const std::byte* BlobReader::take(base::JsonObject entry, std::string_view dtype, std::size_t size,
                                  std::int64_t count) {
  const std::string found_type = entry.text("dtype", 1, 16);
  if (found_type != dtype) entry.fail("dtype", fmt::format("expected '{}', found '{}'", dtype, found_type));
  const std::int64_t found_count = entry.integer("count", 0, kMaxWeightBytes);
  if (found_count != count)
    entry.fail("count", fmt::format("expected {} by the layer's shape, found {}", count, found_count));
  const auto offset = static_cast<std::size_t>(entry.integer("offset", 0, kMaxWeightBytes));
  const std::size_t expected = aligned(position_, size);
  if (offset != expected)
    entry.fail("offset", fmt::format("expected {} (end of the blob before), found {}", expected, offset));
  const std::size_t end = offset + static_cast<std::size_t>(count) * size;
  if (end > bytes_.size()) {
    entry.fail("", fmt::format("expected {} bytes in {}, found {} (truncated)", end, kWeightsFile, bytes_.size()));
  }
  entry.finish();
  position_ = end;
  return bytes_.data() + offset;
}

void BlobReader::finish() const {
  if (position_ != bytes_.size()) {
    throw base::InputError(file_, "", fmt::format("expected {} bytes, found {} (overlong)", position_, bytes_.size()));
  }
}

base::JsonObject read_description(const fs::path& folder, std::string_view number) {
  if (!fs::is_directory(folder)) throw base::InputError(folder.string(), "", "expected a network folder");
  base::JsonObject root = base::JsonObject::read(folder / kDescriptionFile, kMaxDescriptionBytes);
  const std::string format = root.text("format", 0, 64);
  if (format != kFormatName) root.fail("format", fmt::format("expected '{}', found '{}'", kFormatName, format));
  const std::int64_t version = root.integer("version", 0, 1'000'000);
  if (version != kFormatVersion) root.fail("version", fmt::format("expected {}, found {}", kFormatVersion, version));
  const std::string found = root.text("number", 0, 64);
  if (found != number) {
    const char* next = found == "float32"   ? "; `systole quantize` makes an integer network of it"
                       : found == "integer" ? "; it is quantized: `systole run` takes it"
                                            : "";
    root.fail("number", fmt::format("expected '{}', found '{}'{}", number, found, next));
  }
  return root;
}

Shape read_shape(base::JsonObject& object, const std::string& key) {
  const auto extents = object.integers(key, 3, 3, 1, kMaxChannels);
  const Shape shape{to_int(extents[0]), to_int(extents[1]), to_int(extents[2])};
  if (shape.height > kMaxExtent || shape.width > kMaxExtent || shape.elements() > kMaxElements) {
    object.fail(key, fmt::format("expected height and width of at most {} and at most {} elements, found {}",
                                 kMaxExtent, kMaxElements, to_string(shape)));
  }
  return shape;
}

op::Window read_window(base::JsonObject window) {
  op::Window result;
  const auto read = [&window](const char* key, int low, int& first, int& second) {
    const auto values = window.integers(key, 2, 2, low, 15);
    first = to_int(values[0]);
    second = to_int(values[1]);
  };
  read("kernel", 1, result.kernel_h, result.kernel_w);
  read("stride", 1, result.stride_h, result.stride_w);
  read("dilation", 1, result.dilation_h, result.dilation_w);
  read("pad", 0, result.pad_top, result.pad_left);
  window.finish();
  return result;
}

std::string window_text(const op::Window& w) {
  return fmt::format(R"({{"kernel": [{}, {}], "stride": [{}, {}], "dilation": [{}, {}], "pad": [{}, {}]}})", w.kernel_h,
                     w.kernel_w, w.stride_h, w.stride_w, w.dilation_h, w.dilation_w, w.pad_top, w.pad_left);
}

void write_folder(const fs::path& target, const std::string& description, const std::vector<std::byte>& weights,
                  const base::FolderAction& add_files) {
  base::replace_folder(target, refuse_foreign_files, [&](const fs::path& fresh) {
    base::write_file(fresh / kDescriptionFile, description);
    base::write_file(fresh / kWeightsFile, {reinterpret_cast<const char*>(weights.data()), weights.size()});
    if (add_files) add_files(fresh);
  });
}

}  // namespace systole::model
