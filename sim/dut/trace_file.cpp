// SPDX-License-Identifier: Apache-2.0
#include "sim/dut/trace_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <system_error>

#include "base/input_error.h"

namespace systole::dut {

bool VcdFile::open(const std::string& name) {
  descriptor_ = ::open(name.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor_ < 0) error_ = errno;
  return descriptor_ >= 0;
}

void VcdFile::close() {
  if (descriptor_ >= 0 && ::close(descriptor_) != 0 && error_ == 0) error_ = errno;
  descriptor_ = -1;
}

ssize_t VcdFile::write(const char* data, ssize_t bytes) {
  if (error_ != 0) return bytes;  // the dump is lost already; the writer must not abort the process over it
  const ssize_t written = ::write(descriptor_, data, static_cast<std::size_t>(bytes));
  if (written >= 0 || errno == EINTR || errno == EAGAIN) return written;
  error_ = errno;
  return bytes;
}

void throw_write_error(const std::filesystem::path& file, int error) {
  throw base::InputError(file.string(), "", "cannot write: " + std::generic_category().message(error));
}

void require_writable(const std::filesystem::path& file, bool device_allowed) {
  std::error_code code;
  const auto status = std::filesystem::status(file, code);
  if (std::filesystem::is_directory(status)) throw_write_error(file, EISDIR);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    if (!device_allowed) throw base::InputError(file.string(), "", "an FST trace needs a regular file");
    return;
  }
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor < 0) throw_write_error(file, errno);
  ::close(descriptor);
}

namespace {

/// Length field of the block at the stream's place, or 0 where the file ends.
std::uint64_t block_length(std::istream& in) {
  std::array<unsigned char, 8> bytes{};
  if (!in.read(reinterpret_cast<char*>(bytes.data()), bytes.size())) return 0;
  std::uint64_t length = 0;
  for (const unsigned char byte : bytes) length = length << 8 | byte;
  return length;
}

}  // namespace

void require_complete_fst(const std::filesystem::path& file) {
  // Block types of the format: 0 header, 4, 6 and 7 hierarchy in its three packings.
  std::ifstream in(file, std::ios::binary);
  const auto size = static_cast<std::uint64_t>(std::filesystem::file_size(file));
  bool header = false, hierarchy = false;
  std::uint64_t place = 0;
  for (int type = in.get(); type != std::char_traits<char>::eof(); type = in.get()) {
    header = header || type == 0;
    hierarchy = hierarchy || type == 4 || type == 6 || type == 7;
    const std::uint64_t length = block_length(in);
    if (length < 8 || length > size - place - 1) break;
    place += length + 1;
    in.seekg(static_cast<std::streamoff>(place));
  }
  if (!header || !hierarchy || place != size) throw_write_error(file, ENOSPC);
}

}  // namespace systole::dut
