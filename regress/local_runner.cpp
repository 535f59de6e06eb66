// SPDX-License-Identifier: Apache-2.0
#include "regress/local_runner.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fstream>
#include <system_error>
#include <utility>

#include "base/input_error.h"
#include "base/interrupt.h"

namespace systole::regress {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr int kNoProgram = 127;  // as a shell has it

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

/// A descriptor that is closed with the object.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  [[nodiscard]] int get() const { return number_; }

 private:
  int number_;
};

/// A process beside this one that is told of every group and ends those that are left when this process is gone, of
/// whatever it died. Its own end changes nothing.
class Guardian {
 public:
  Guardian() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) fail("socketpair");
    to_ = Descriptor(ends[1]);
    const Descriptor from(ends[0]);
    process_ = ::fork();
    if (process_ < 0) fail("fork");
    if (process_ == 0) watch(from.get());
  }
  ~Guardian() {
    to_ = Descriptor();
    while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  Guardian(const Guardian&) = delete;
  Guardian& operator=(const Guardian&) = delete;
  Guardian(Guardian&&) = delete;
  Guardian& operator=(Guardian&&) = delete;

  /// A group has begun; called by its leader before it becomes the task, so that none is missed.
  void add(pid_t group) const { tell(group); }
  /// All of the group are dead; called before its number can be another's.
  void remove(pid_t group) const { tell(-group); }

 private:
  void tell(pid_t word) const {
    while (::send(to_.get(), &word, sizeof word, MSG_NOSIGNAL) < 0 && errno == EINTR) {
    }
  }

  /// In the child, where nothing is allocated by anyone else any more: the process had one thread that matters.
  [[noreturn]] static void watch(int from) {
    constexpr int kMine = 3;
    ::setsid();
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) ::signal(signal, SIG_IGN);
    if (from != kMine) ::dup2(from, kMine);
    ::syscall(SYS_close_range, kMine + 1, ~0U, 0);  // among them the writing end and locks
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::close(standard);
    std::vector<pid_t> groups;
    pid_t word = 0;
    for (ssize_t n = 0; (n = ::read(kMine, &word, sizeof word)) > 0 || (n < 0 && errno == EINTR);) {
      if (n != sizeof word) continue;
      if (word > 0) groups.push_back(word);
      if (word < 0) std::erase(groups, -word);
    }
    for (const pid_t group : groups) ::kill(-group, SIGKILL);
    ::_exit(0);
  }

  Descriptor to_;
  pid_t process_ = 0;
};

/// In the child: becomes the task. `words` are those of exec.
[[noreturn]] void become(char* const* words, const char* output, const Guardian& guardian, pid_t parent) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(kNoProgram);
  guardian.add(::getpid());
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::signal(signal, SIG_DFL);
  const int nowhere = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int out = ::open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (out < 0) ::_exit(kNoProgram);
  ::dup2(nowhere, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(out, STDERR_FILENO);
  ::execvp(words[0], words);
  constexpr std::string_view kMissing = "cannot be run\n";
  (void)!::write(STDERR_FILENO, kMissing.data(), kMissing.size());
  ::_exit(kNoProgram);
}

/// A task that runs.
class Process {
 public:
  Process(Task task, const Guardian& guardian) : task_(std::move(task)), guardian_(&guardian) {
    const std::string output = (task_.folder / kOutput).string();
    std::vector<char*> words;
    words.reserve(task_.command.size() + 1);
    for (std::string& word : task_.command) words.push_back(word.data());
    words.push_back(nullptr);
    const pid_t parent = ::getpid();
    group_ = ::fork();
    if (group_ == 0) become(words.data(), output.c_str(), guardian, parent);
    if (group_ < 0) fail("fork");
    ::setpgid(group_, group_);  // whoever of the two comes first
    ended_ = Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, group_, 0)));
    if (ended_.get() < 0) {
      const int error = errno;
      (void)end();
      errno = error;
      fail("pidfd_open");
    }
  }
  ~Process() {
    if (group_ > 0) (void)end();
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  Process(Process&& other) noexcept { *this = std::move(other); }
  Process& operator=(Process&& other) noexcept {
    std::swap(task_, other.task_);
    std::swap(guardian_, other.guardian_);
    std::swap(group_, other.group_);
    std::swap(ended_, other.ended_);
    std::swap(start_, other.start_);
    return *this;
  }

  [[nodiscard]] const Task& task() const { return task_; }
  /// A descriptor that can be read once the leader has ended.
  [[nodiscard]] int descriptor() const { return ended_.get(); }
  [[nodiscard]] bool late(const Limits& limits) const {
    return limits.seconds > 0 && seconds() > static_cast<double>(limits.seconds);
  }

  /// Whether the leader has more memory than it may.
  [[nodiscard]] bool large(const Limits& limits) const {
    if (limits.memory_mb == 0) return false;
    std::ifstream in(fmt::format("/proc/{}/statm", group_));
    std::int64_t size = 0, resident = 0;  // pages
    if (!(in >> size >> resident)) return false;
    constexpr std::int64_t kMegabyte = 1 << 20;
    return resident * ::sysconf(_SC_PAGESIZE) > limits.memory_mb * kMegabyte;
  }

  /// Kills what is left of the group and waits for the leader, whose number is its own until then.
  Ending end() {
    Ending ending{.seconds = seconds()};
    ::kill(-group_, SIGKILL);
    guardian_->remove(group_);
    while (::waitpid(group_, &ending.status, 0) < 0 && errno == EINTR) {
    }
    group_ = 0;
    return ending;
  }

 private:
  [[nodiscard]] double seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

  Task task_;
  const Guardian* guardian_ = nullptr;
  pid_t group_ = 0;
  Descriptor ended_;
  Clock::time_point start_ = Clock::now();
};

/// A task that was cut off before leaves nothing to the next.
void make_empty(const fs::path& folder) {
  std::error_code code;
  if (fs::create_directories(folder, code) || code) {
    if (code) throw base::InputError(folder.string(), "", "cannot be made: " + code.message());
    return;
  }
  fs::remove_all(folder, code);
  if (!code) fs::create_directories(folder, code);
  if (code) throw base::InputError(folder.string(), "", "cannot be emptied: " + code.message());
}

/// Until one has ended or a twentieth of a second has passed.
std::vector<pollfd> wait_for(const std::vector<Process>& processes) {
  constexpr int kMilliseconds = 50;
  std::vector<pollfd> waiting;
  waiting.reserve(processes.size());
  for (const Process& process : processes)
    waiting.push_back({.fd = process.descriptor(), .events = POLLIN, .revents = 0});
  if (::poll(waiting.data(), waiting.size(), kMilliseconds) < 0) {
    for (pollfd& one : waiting) one.revents = 0;
  }
  return waiting;
}

}  // namespace

void LocalRunner::run(const TaskFlow& flow, const Limits& limits) {
  const Guardian guardian;
  std::vector<Process> processes;
  const auto start = [&] {
    if (processes.size() >= static_cast<std::size_t>(std::max(workers_, 1))) return false;
    std::optional<Task> task = flow.next();
    if (!task) return false;
    make_empty(task->folder);
    processes.emplace_back(*std::move(task), guardian);
    return true;
  };
  while (!base::interrupted()) {
    while (start()) {
    }
    if (processes.empty()) return;
    const std::vector<pollfd> heard = wait_for(processes);
    for (std::size_t i = processes.size(); i-- > 0;) {
      Process& process = processes[i];
      const bool ended = heard[i].revents != 0;
      const bool late = !ended && process.late(limits), large = !ended && process.large(limits);
      if (!ended && !late && !large) continue;
      Ending ending = process.end();
      ending.late = late;
      ending.large = large;
      const Process finished = std::move(process);
      processes.erase(processes.begin() + static_cast<std::ptrdiff_t>(i));
      flow.ended(finished.task(), ending);
    }
  }
}

}  // namespace systole::regress
