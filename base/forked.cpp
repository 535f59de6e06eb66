// SPDX-License-Identifier: Apache-2.0
#include "base/forked.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <system_error>

#include "base/interrupt.h"
#include "base/interrupted.h"

namespace systole::base {
namespace {

using Clock = std::chrono::steady_clock;

// The first byte of what a piece sends.
constexpr char kAnswer = 'a', kException = 'e';

void write_all(int to, const std::string& text) {
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t n = ::write(to, text.data() + done, text.size() - done);
    if (n < 0 && errno != EINTR) return;
    if (n > 0) done += static_cast<std::size_t>(n);
  }
}

/// In the child.
[[noreturn]] void do_piece(const std::function<std::string(std::size_t)>& piece, std::size_t index, int to) {
  ::setpgid(0, 0);  // so that what the piece starts ends with it
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::signal(signal, SIG_DFL);
  std::string text;
  try {
    text = kAnswer + piece(index);
  } catch (const std::exception& error) {
    text = kException + std::string(error.what());
  }
  write_all(to, text);
  ::_exit(0);
}

class Child {
 public:
  Child(const std::function<std::string(std::size_t)>& piece, std::size_t index) : index_(index) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
    process_ = ::fork();
    if (process_ == 0) do_piece(piece, index, ends[1]);
    if (process_ > 0) ::setpgid(process_, process_);  // whoever of the two comes first
    ::close(ends[1]);
    from_ = ends[0];
    if (process_ < 0) {
      ::close(from_);
      throw std::system_error(errno, std::generic_category(), "fork");
    }
  }
  ~Child() {
    if (process_ <= 0) return;
    ::kill(-process_, SIGKILL);
    (void)wait();
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  Child(Child&& other) noexcept { *this = std::move(other); }
  Child& operator=(Child&& other) noexcept {
    std::swap(index_, other.index_);
    std::swap(process_, other.process_);
    std::swap(from_, other.from_);
    std::swap(text_, other.text_);
    std::swap(start_, other.start_);
    return *this;
  }

  [[nodiscard]] std::size_t index() const { return index_; }
  [[nodiscard]] int from() const { return from_; }
  [[nodiscard]] bool late(std::chrono::seconds limit) const { return Clock::now() - start_ > limit; }

  /// False at the end of what the piece sends.
  bool read() {
    std::array<char, 65536> buffer{};
    const ssize_t n = ::read(from_, buffer.data(), buffer.size());
    if (n > 0) text_.append(buffer.data(), static_cast<std::size_t>(n));
    return n > 0 || (n < 0 && errno == EINTR);
  }

  ForkedResult result() {
    const int status = wait();
    if (WIFSIGNALED(status)) return {.ended = false, .answer = {}, .problem = ::strsignal(WTERMSIG(status))};
    if (text_.empty()) return {.ended = false, .answer = {}, .problem = "ended without an answer"};
    if (text_.front() == kException) return {.ended = false, .answer = {}, .problem = text_.substr(1)};
    return {.ended = true, .answer = text_.substr(1)};
  }

  ForkedResult kill(std::chrono::seconds limit) {
    ::kill(-process_, SIGKILL);
    (void)wait();
    return {.ended = false, .answer = {}, .problem = fmt::format("took longer than {} s", limit.count())};
  }

 private:
  int wait() {
    int status = 0;
    while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    ::close(from_);
    process_ = 0;
    return status;
  }

  std::size_t index_ = 0;
  pid_t process_ = 0;
  int from_ = -1;
  std::string text_;
  Clock::time_point start_ = Clock::now();
};

/// Until one has something to say, or a tenth of a second has passed.
std::vector<pollfd> wait_for(const std::vector<Child>& children) {
  constexpr int kMilliseconds = 100;
  std::vector<pollfd> waiting;
  waiting.reserve(children.size());
  for (const Child& child : children) waiting.push_back({.fd = child.from(), .events = POLLIN, .revents = 0});
  (void)::poll(waiting.data(), waiting.size(), kMilliseconds);
  return waiting;
}

}  // namespace

std::vector<ForkedResult> run_forked(std::size_t count, int workers,
                                     const std::function<std::string(std::size_t)>& piece, std::chrono::seconds limit,
                                     const std::function<void(std::size_t)>& on_ended) {
  std::vector<ForkedResult> results(count);
  std::vector<Child> children;
  std::size_t started = 0, ended = 0;
  const auto end = [&](std::size_t i, ForkedResult result) {
    results[children[i].index()] = std::move(result);
    children.erase(children.begin() + static_cast<std::ptrdiff_t>(i));
    if (++ended; on_ended) on_ended(ended);
  };
  while (ended < count) {
    if (interrupted()) throw Interrupted();
    while (started < count && children.size() < static_cast<std::size_t>(std::max(workers, 1))) {
      children.emplace_back(piece, started++);
    }
    const std::vector<pollfd> heard = wait_for(children);
    for (std::size_t i = children.size(); i-- > 0;) {
      if ((heard[i].revents & (POLLIN | POLLHUP)) != 0 && !children[i].read()) {
        end(i, children[i].result());
      } else if (children[i].late(limit)) {
        end(i, children[i].kill(limit));
      }
    }
  }
  return results;
}

}  // namespace systole::base
