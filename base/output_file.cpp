// SPDX-License-Identifier: Apache-2.0
#include "base/output_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/input_error.h"

namespace systole::base {
namespace {

/// 0, or the errno of the step that failed. All bytes are on their way to the disk when it returns.
int write_all(const std::filesystem::path& file, int flags, std::string_view text, bool sync) {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CLOEXEC | flags, 0666);
  if (descriptor < 0) return errno;
  int error = 0;
  for (std::size_t done = 0; done < text.size() && error == 0;) {
    const ssize_t written = ::write(descriptor, text.data() + done, text.size() - done);
    if (written > 0) done += static_cast<std::size_t>(written);
    if (written < 0 && errno != EINTR) error = errno;
  }
  if (error == 0 && sync && ::fsync(descriptor) != 0) error = errno;
  if (::close(descriptor) != 0 && error == 0) error = errno;
  return error;
}

[[noreturn]] void fail(const std::filesystem::path& file, int error) {
  throw InputError(file.string(), "", "cannot write: " + std::generic_category().message(error));
}

}  // namespace

void write_file(const std::filesystem::path& file, std::string_view bytes) {
  if (const int error = write_all(file, O_CREAT | O_TRUNC, bytes, false); error != 0) {
    throw InputError(file.string(), "", "cannot be written: " + std::generic_category().message(error));
  }
}

void remove_result(const std::filesystem::path& file) {
  require_place_for(file);
  if (std::filesystem::is_regular_file(file)) std::filesystem::remove(file);
}

void require_place_for(const std::filesystem::path& file) {
  std::error_code code;
  const auto status = std::filesystem::status(file, code);
  if (std::filesystem::is_directory(status)) fail(file, EISDIR);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) return;
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  if (::access(folder.c_str(), W_OK | X_OK) != 0) fail(file, errno);
  if (!std::filesystem::is_directory(folder)) fail(file, ENOTDIR);
}

void write_file_at_once(const std::filesystem::path& file, const std::string& text) {
  std::error_code code;
  const auto status = std::filesystem::status(file, code);
  if (std::filesystem::is_directory(status)) fail(file, EISDIR);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    if (const int error = write_all(file, 0, text, false); error != 0) fail(file, error);
    return;
  }
  const std::filesystem::path temporary = file.string() + ".part" + std::to_string(::getpid());
  if (const int error = write_all(temporary, O_CREAT | O_TRUNC, text, true); error != 0) {
    std::filesystem::remove(temporary, code);
    fail(file, error);
  }
  std::filesystem::rename(temporary, file, code);
  if (!code) return;
  const int error = code.value();
  std::filesystem::remove(temporary, code);
  fail(file, error);
}

}  // namespace systole::base
