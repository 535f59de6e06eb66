// SPDX-License-Identifier: Apache-2.0
#include "regress/keeper.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <new>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace systole::regress {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr int kNoProgram = 127;                      // as a shell has it
constexpr auto kPatience = std::chrono::seconds(2);  // with what SIGKILL does not end: a process that waits for a disk

/// Leaves nothing else open: no lock, no pipe of the runner. open() gives the least number that is free.
bool take_streams(const char* output) {
  ::syscall(SYS_close_range, 0, ~0U, 0);
  return ::open("/dev/null", O_RDONLY) == STDIN_FILENO &&
         ::open(output, O_WRONLY | O_CREAT | O_TRUNC, 0666) == STDOUT_FILENO &&
         ::dup2(STDOUT_FILENO, STDERR_FILENO) == STDERR_FILENO;
}

/// In the keeper's child, in its memory and while it waits: becomes the task. Says so itself, since the task may kill
/// the keeper before that has its processor back.
[[noreturn]] void become(char* const* words, pid_t keeper, const sigset_t& mask, Kept& kept) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != keeper) ::_exit(kNoProgram);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::signal(signal, SIG_DFL);
  ::sigprocmask(SIG_SETMASK, &mask, nullptr);
  kept.status = SIGKILL;
  kept.task = ::getpid();
  ::execvp(words[0], words);
  constexpr std::string_view kMissing = "cannot be run\n";
  (void)!::write(STDERR_FILENO, kMissing.data(), kMissing.size());
  ::_exit(kNoProgram);
}

/// Until the task has ended, which is not reaped here, or SIGTERM has come.
void wait_for_end(pid_t task) {
  const sigset_t heard = keeper_signals();
  do {
    siginfo_t ended{};
    while (::waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid != 0) {
      if (ended.si_pid == task) return;
      ::waitpid(ended.si_pid, nullptr, 0);
      ended = {};
    }
  } while (::sigwaitinfo(&heard, nullptr) != SIGTERM);
}

/// Parent of a process by /proc/PID/stat, "PID (NAME) STATE PARENT ..."; 0 where it has ended.
pid_t parent_of(const fs::path& process) {
  std::ifstream in(process / "stat");
  std::string line;
  std::getline(in, line);
  constexpr std::size_t kBehindName = 4;  // ") S "
  const std::size_t name = line.rfind(')');
  pid_t parent = 0;
  if (name != std::string::npos && name + kBehindName < line.size())
    (void)std::from_chars(line.data() + name + kBehindName, line.data() + line.size(), parent);
  return parent;
}

void kill_children() {
  std::error_code code;
  for (fs::directory_iterator entry("/proc", code), end; !code && entry != end; entry.increment(code)) {
    const std::string name = entry->path().filename().string();
    pid_t process = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), process).ec != std::errc()) continue;
    if (parent_of(entry->path()) == ::getpid()) ::kill(process, SIGKILL);
  }
}

/// Whoever is killed leaves its children to this process, whose turn is next.
void end_all(pid_t task, Kept& kept) {
  const Clock::time_point last = Clock::now() + kPatience;
  const sigset_t heard = keeper_signals();
  while (Clock::now() < last) {
    int status = 0;
    pid_t ended = 0;
    while ((ended = ::waitpid(-1, &status, WNOHANG)) > 0) {
      if (ended == task) kept.status = status;
    }
    if (ended < 0 && errno == ECHILD) return;
    kill_children();
    constexpr timespec kPause{.tv_sec = 0, .tv_nsec = 10'000'000};
    (void)::sigtimedwait(&heard, nullptr, &kPause);
  }
}

}  // namespace

void Unmap::operator()(Kept* kept) const { ::munmap(kept, sizeof(Kept)); }

SharedKept make_kept() {
  void* const memory = ::mmap(nullptr, sizeof(Kept), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "mmap");
  return SharedKept(::new (memory) Kept);
}

sigset_t keeper_signals() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGTERM);
  ::sigaddset(&signals, SIGCHLD);
  return signals;
}

void keep_task(char* const* words, const char* output, pid_t runner, const sigset_t& mask, Kept& kept) {
  ::setsid();  // out of reach of the terminal
  ::signal(SIGCHLD, SIG_DFL);
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != runner) ::_exit(kNoProgram);
  kept.status = W_EXITCODE(kNoProgram, 0);
  const pid_t keeper = ::getpid();
  // A fork would copy the memory map of the runner once more.
  const pid_t task = take_streams(output) ? ::vfork() : -1;
  if (task == 0) become(words, keeper, mask, kept);
  if (task < 0) ::_exit(0);
  wait_for_end(task);
  ::kill(-task, SIGKILL);  // before the task is reaped and its number can be another's
  end_all(task, kept);
  ::_exit(0);
}

}  // namespace systole::regress
