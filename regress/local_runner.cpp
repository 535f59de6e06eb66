// SPDX-License-Identifier: Apache-2.0
#include "regress/local_runner.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <system_error>
#include <utility>

#include "base/input_error.h"
#include "base/interrupt.h"
#include "regress/keeper.h"
#include "regress/memory.h"

namespace systole::regress {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

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

/// A task that runs, through its keeper.
class Process {
 public:
  explicit Process(Task task) : task_(std::move(task)), kept_(make_kept()) {
    const std::string output = (task_.folder / kOutput).string();
    std::vector<char*> words;
    words.reserve(task_.command.size() + 1);
    for (std::string& word : task_.command) words.push_back(word.data());
    words.push_back(nullptr);
    const pid_t runner = ::getpid();
    const sigset_t blocked = keeper_signals();
    sigset_t mask;
    ::sigprocmask(SIG_BLOCK, &blocked, &mask);
    keeper_ = ::fork();
    if (keeper_ == 0) keep_task(words.data(), output.c_str(), runner, mask, *kept_);
    const int forked = errno;
    ::sigprocmask(SIG_SETMASK, &mask, nullptr);
    errno = forked;
    if (keeper_ < 0) fail("fork");
    ended_ = Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, keeper_, 0)));
    if (ended_.get() < 0) {
      const int error = errno;
      (void)end();
      errno = error;
      fail("pidfd_open");
    }
  }
  ~Process() {
    if (keeper_ > 0) (void)end();
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  Process(Process&& other) noexcept { *this = std::move(other); }
  Process& operator=(Process&& other) noexcept {
    std::swap(task_, other.task_);
    std::swap(kept_, other.kept_);
    std::swap(keeper_, other.keeper_);
    std::swap(ended_, other.ended_);
    std::swap(start_, other.start_);
    return *this;
  }

  [[nodiscard]] const Task& task() const { return task_; }
  /// A descriptor that can be read once the task has ended, with all that it started.
  [[nodiscard]] int descriptor() const { return ended_.get(); }
  [[nodiscard]] bool late(const Limits& limits) const {
    return limits.seconds > 0 && seconds() > static_cast<double>(limits.seconds);
  }

  /// Whether the task's processes together have more memory than they may.
  [[nodiscard]] bool large(const Limits& limits) const {
    constexpr std::int64_t kMegabyte = 1 << 20;
    return limits.memory_mb > 0 && hold_more_than(limits.memory_mb * kMegabyte, kept_->task, keeper_);
  }

  /// Has the keeper end what is left, and waits for it.
  Ending end() {
    Ending ending{.seconds = seconds()};
    ::kill(keeper_, SIGTERM);
    int status = 0;
    while (::waitpid(keeper_, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFSIGNALED(status) && kept_->task > 0) ::kill(-kept_->task, SIGKILL);  // the kernel has ended the task alone
    keeper_ = 0;
    ending.status = kept_->status;
    return ending;
  }

 private:
  [[nodiscard]] double seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

  Task task_;
  SharedKept kept_;
  pid_t keeper_ = 0;
  Descriptor ended_;
  Clock::time_point start_ = Clock::now();
};

/// A task that was cut off before leaves nothing to the next. Gives why what it left cannot be removed; where no folder
/// can be made no other task has one either.
std::string make_empty(const fs::path& folder) {
  std::error_code code;
  fs::remove_all(folder, code);
  if (code) return fmt::format("{}: cannot be emptied: {}", folder.string(), code.message());
  fs::create_directories(folder, code);
  if (code) throw base::InputError(folder.string(), "", "cannot be made: " + code.message());
  return {};
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
  std::vector<Process> processes;
  const auto start = [&] {
    if (processes.size() >= static_cast<std::size_t>(std::max(workers_, 1))) return false;
    std::optional<Task> task = flow.next();
    if (!task) return false;
    if (const std::string why = make_empty(task->folder); !why.empty()) {
      flow.ended(*task, {.reason = why});
    } else {
      processes.emplace_back(*std::move(task));
    }
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
