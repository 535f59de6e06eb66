// SPDX-License-Identifier: Apache-2.0
#include "base/file_bytes.h"

#include <fmt/format.h>

#include <array>
#include <fstream>
#include <system_error>
#include <utility>

#include "base/input_error.h"

namespace systole::base {
namespace {
constexpr std::uintmax_t kMaxBytes = std::uintmax_t{1} << 30;
}  // namespace

std::vector<std::byte> read_bytes(const std::filesystem::path& file, bool may_be_empty) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(file, error);
  if (error) throw InputError(file.string(), "", fmt::format("cannot be read: {}", error.message()));
  if (size == 0 && may_be_empty) return {};
  if (size == 0) throw InputError(file.string(), "", "is empty: expected data");
  if (size > kMaxBytes) {
    throw InputError(file.string(), "", fmt::format("expected at most {} bytes, found {}", kMaxBytes, size));
  }
  std::vector<std::byte> bytes(static_cast<std::size_t>(size));
  std::ifstream stream(file, std::ios::binary);
  // The library reads and writes bytes as char.
  if (!stream.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size))) {
    throw InputError(file.string(), "", "cannot be read");
  }
  refuse_pointer(file, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  return bytes;
}

std::string found_kind(std::string_view start) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kKinds{
      {{"<!DOCTYPE", "an HTML page"},
       {"<!doctype", "an HTML page"},
       {"<html", "an HTML page"},
       {"PK\x03\x04", "a zip archive (Keras and PyTorch write such files)"},
       {"\x1f\x8b", "a gzip file: unpack it first"},
       {"\x89HDF\r\n", "an HDF5 file (Keras writes such files)"},
       {"\x89PNG\r\n", "a PNG image"},
       {"\x93NUMPY", "an .npy file"},
       {"\xff\xd8\xff", "a JPEG image"}}};
  for (const auto& [first, kind] : kKinds) {
    if (start.starts_with(first)) return fmt::format(", found {}", kind);
  }
  return {};
}

void refuse_pointer(const std::filesystem::path& file, std::string_view start) {
  constexpr std::string_view kPointer = "version https://git-lfs";
  constexpr std::size_t kEnough = 10;  // what an .npy reader looks at first
  if (start.size() < kEnough || !start.starts_with(kPointer.substr(0, start.size()))) return;
  throw InputError(file.string(), "", "is a Git LFS pointer, not the file itself: fetch it with `git lfs pull`");
}

}  // namespace systole::base
