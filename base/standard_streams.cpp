// SPDX-License-Identifier: Apache-2.0
#include "base/standard_streams.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace systole::base {

void hold_standard_streams() noexcept {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(descriptor, F_GETFD) >= 0 || errno != EBADF) continue;
    // Opened the wrong way round, so that reading or writing fails as it does on a closed one. It is the lowest free
    // number.
    const int flags = descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY;
    (void)::open("/dev/null", flags);  // NOLINT(cppcoreguidelines-pro-type-vararg)
  }
}

void print_error(std::string_view message) noexcept {
  std::fputs("systole: ", stderr);
  std::fwrite(message.data(), 1, message.size(), stderr);
  std::fputc('\n', stderr);
}

}  // namespace systole::base
