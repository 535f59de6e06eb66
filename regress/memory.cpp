// SPDX-License-Identifier: Apache-2.0
#include "regress/memory.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <set>
#include <string>
#include <system_error>

namespace systole::regress {
namespace {

namespace fs = std::filesystem;

/// Each thread has children of its own.
void add_below(pid_t process, std::set<pid_t>& found) {
  std::error_code code;
  for (fs::directory_iterator thread(fmt::format("/proc/{}/task", process), code), end; !code && thread != end;
       thread.increment(code)) {
    std::ifstream children(thread->path() / "children");
    for (pid_t child = 0; children >> child;) {
      if (found.insert(child).second) add_below(child, found);
    }
  }
}

std::int64_t resident_bytes(pid_t process) {
  std::ifstream in(fmt::format("/proc/{}/statm", process));
  std::int64_t size = 0, resident = 0;  // pages
  return in >> size >> resident ? resident * ::sysconf(_SC_PAGESIZE) : 0;
}

/// As resident_bytes() where only another user may say it.
std::int64_t proportional_bytes(pid_t process) {
  constexpr std::int64_t kKilobyte = 1024;
  std::ifstream in(fmt::format("/proc/{}/smaps_rollup", process));
  for (std::string name; in >> name; in.ignore(std::numeric_limits<std::streamsize>::max(), '\n')) {
    std::int64_t kilobytes = 0;
    if (name == "Pss:" && in >> kilobytes) return kilobytes * kKilobyte;
  }
  return resident_bytes(process);
}

}  // namespace

bool hold_more_than(std::int64_t bytes, pid_t first, pid_t ancestor) {
  std::set<pid_t> processes;
  add_below(ancestor, processes);
  processes.insert(first);
  for (std::int64_t (*const bytes_of)(pid_t) : {&resident_bytes, &proportional_bytes}) {
    std::int64_t sum = 0;
    for (const pid_t process : processes) sum += bytes_of(process);
    if (sum <= bytes) return false;
  }
  return true;
}

}  // namespace systole::regress
