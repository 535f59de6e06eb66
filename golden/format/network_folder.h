// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the integer and the float network files share: the folder, its weights.bin, its limits (docs/network-format.md).
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_object.h"
#include "base/replace_folder.h"
#include "golden/op/layer.h"

namespace systole::model {

inline constexpr int kFormatVersion = 1;
inline constexpr std::string_view kFormatName = "systole-network";
inline constexpr std::string_view kDescriptionFile = "network.json";
inline constexpr std::string_view kWeightsFile = "weights.bin";
inline constexpr std::string_view kSamplesFolder = "samples";
inline constexpr std::string_view kInputName = "input";  ///< what nodes call the network's input

inline constexpr std::uintmax_t kMaxDescriptionBytes = std::uintmax_t{64} << 20;
inline constexpr std::uintmax_t kMaxWeightBytes = std::uintmax_t{1} << 30;
inline constexpr int kMaxNodes = 4096;
inline constexpr int kMaxInputs = 64;    ///< of one node (concat)
inline constexpr int kMaxExtent = 4096;  ///< height, width
inline constexpr int kMaxChannels = 65536;
inline constexpr std::int64_t kMaxElements = std::int64_t{1} << 26;  ///< of one tensor

struct Shape {
  int height = 0, width = 0, channels = 0;
  bool operator==(const Shape&) const = default;
  [[nodiscard]] std::int64_t elements() const { return std::int64_t{height} * width * channels; }
};
std::string to_string(const Shape& shape);

/// Collects weights.bin: blobs one after another, each at a multiple of its element's size (at most 4).
class BlobWriter {
 public:
  /// Appends `bytes` and returns their offset.
  std::size_t append(const void* data, std::size_t bytes, std::size_t alignment);
  [[nodiscard]] const std::vector<std::byte>& bytes() const { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
};

/// Hands out weights.bin in the order in which it was written.
class BlobReader {
 public:
  /// Reads the whole file. Throws base::InputError where it cannot be read or exceeds kMaxWeightBytes.
  explicit BlobReader(const std::filesystem::path& file);

  /// The next blob of `count` elements of `size` bytes, which `entry` ("dtype", "offset", "count") describes. Throws
  /// base::InputError where the entry names another type, place or count, or the file ends inside the blob.
  const std::byte* take(base::JsonObject entry, std::string_view dtype, std::size_t size, std::int64_t count);
  /// Throws base::InputError where bytes are left over.
  void finish() const;

 private:
  std::string file_;
  std::vector<std::byte> bytes_;
  std::size_t position_ = 0;
};

/// Reads "format", "version" and "number"; throws base::InputError where they are not this format's or not `number`.
base::JsonObject read_description(const std::filesystem::path& folder, std::string_view number);
/// Reads a shape written as [height, width, channels] within the limits above.
Shape read_shape(base::JsonObject& object, const std::string& key);
op::Window read_window(base::JsonObject window);
/// The window as JSON text, the counterpart of read_window.
std::string window_text(const op::Window& window);

/// Writes a network folder: both files go into a new folder beside `folder`, which then takes its place; the old one,
/// with its samples, is removed last. Throws base::InputError where `folder` exists and holds anything but a network,
/// or on a failed write. `add_files` writes what else belongs into the new folder.
void write_folder(const std::filesystem::path& folder, const std::string& description,
                  const std::vector<std::byte>& weights, const base::FolderAction& add_files = {});

}  // namespace systole::model
