// SPDX-License-Identifier: Apache-2.0
#include "base/file_bytes.h"

#include <fmt/format.h>

#include <fstream>
#include <system_error>

#include "base/input_error.h"

namespace systole::base {
namespace {
constexpr std::uintmax_t kMaxBytes = std::uintmax_t{1} << 30;
}  // namespace

std::vector<std::byte> read_bytes(const std::filesystem::path& file) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(file, error);
  if (error) throw InputError(file.string(), "", fmt::format("cannot be read: {}", error.message()));
  if (size == 0) throw InputError(file.string(), "", "is empty");
  if (size > kMaxBytes) {
    throw InputError(file.string(), "", fmt::format("expected at most {} bytes, found {}", kMaxBytes, size));
  }
  std::vector<std::byte> bytes(static_cast<std::size_t>(size));
  std::ifstream stream(file, std::ios::binary);
  // The library reads and writes bytes as char.
  if (!stream.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size))) {
    throw InputError(file.string(), "", "cannot be read");
  }
  return bytes;
}

}  // namespace systole::base
