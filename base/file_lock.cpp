// SPDX-License-Identifier: Apache-2.0
#include "base/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <system_error>
#include <thread>

#include "base/input_error.h"
#include "base/interrupt.h"
#include "base/interrupted.h"

namespace systole::base {

FileLock::FileLock(const std::filesystem::path& file) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file, ignored)) return;
  descriptor_ = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);  // NOLINT(cppcoreguidelines-pro-type-vararg)
  if (descriptor_ < 0 || ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
  ::close(descriptor_);
  throw InputError(file.string(), "", "another run is writing it; name another file");
}

FileLock::FileLock(const std::filesystem::path& file, const std::function<void()>& on_wait)
    : descriptor_(
          ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)) {  // NOLINT(cppcoreguidelines-pro-type-vararg)
  if (descriptor_ < 0) throw InputError(file.string(), "", std::generic_category().message(errno));
  constexpr int kTenthsOfSilence = 20;
  for (int tenths = 0; ::flock(descriptor_, LOCK_EX | LOCK_NB) != 0; ++tenths) {
    if (tenths == kTenthsOfSilence) on_wait();
    if (interrupted()) {
      ::close(descriptor_);
      throw Interrupted();
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace systole::base
