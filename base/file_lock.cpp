// SPDX-License-Identifier: Apache-2.0
#include "base/file_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <sstream>
#include <system_error>
#include <thread>

#include "base/interrupt.h"
#include "base/interrupted.h"
#include "base/quote.h"

namespace systole::base {

namespace {

/// "process 123 (systole)" where /proc/locks names the holder of a lock on the file, else "another process": one of
/// another machine.
std::string holder_of(int descriptor) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) return "another process";
  const std::string held = fmt::format("{:02x}:{:02x}:{}", major(status.st_dev), minor(status.st_dev), status.st_ino);
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);) {  // "1: FLOCK  ADVISORY  WRITE 123 08:01:4567 0 EOF"
    std::istringstream words(line);
    std::string number, kind, mode, access, process, place, name;
    words >> number >> kind >> mode >> access >> process >> place;
    if (kind != "FLOCK" || place != held) continue;  // "->": one that waits
    std::ifstream("/proc/" + process + "/comm") >> name;
    return fmt::format("process {} ({})", process, terminal_text(name));
  }
  return "another process";
}

}  // namespace

FileLock::FileLock(const std::filesystem::path& file) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file, ignored)) return;
  descriptor_ = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);  // NOLINT(cppcoreguidelines-pro-type-vararg)
  if (descriptor_ < 0 || ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
  const std::string holder = holder_of(descriptor_);
  ::close(descriptor_);
  throw InputError(file.string(), "", fmt::format("another run is writing it, {}; name another file", holder));
}

FileLock::FileLock(const std::filesystem::path& file, const std::function<void(const std::string&)>& on_wait,
                   std::optional<std::chrono::milliseconds> limit)
    : descriptor_(
          ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)) {  // NOLINT(cppcoreguidelines-pro-type-vararg)
  if (descriptor_ < 0) throw InputError(file.string(), "", std::generic_category().message(errno));
  constexpr std::chrono::milliseconds kTurn(100), kSilence(2000);
  for (std::chrono::milliseconds waited(0); ::flock(descriptor_, LOCK_EX | LOCK_NB) != 0; waited += kTurn) {
    if (waited == kSilence) on_wait(holder_of(descriptor_));
    const bool over = limit && waited >= *limit;
    if (interrupted() || over) {
      const std::string holder = holder_of(descriptor_);
      ::close(descriptor_);
      if (!over) throw Interrupted();
      throw LockHeld(file.string(), "",
                     fmt::format("{} has held it for more than {:.1f} s; wait for its end, or end it", holder,
                                 std::chrono::duration<double>(waited).count()));
    }
    std::this_thread::sleep_for(kTurn);
  }
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace systole::base
