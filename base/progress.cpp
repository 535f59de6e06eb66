// SPDX-License-Identifier: Apache-2.0
#include "base/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace systole::base {
namespace {

constexpr std::chrono::milliseconds kRedraw{200};
constexpr std::uint64_t kWidth = 30;
constexpr const char* kEraseLine = "\r\x1b[K";

}  // namespace

ProgressBar::ProgressBar(std::string unit, std::uint64_t total)
    : unit_(std::move(unit)), total_(std::max<std::uint64_t>(total, 1)) {
  if (::isatty(STDERR_FILENO) == 1) thread_ = std::thread([this] { draw_until_ended(); });
}

ProgressBar::~ProgressBar() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  end_.notify_one();
  thread_.join();
  std::fputs(kEraseLine, stderr);
  std::fflush(stderr);
}

void ProgressBar::set(std::uint64_t done, std::uint64_t cycles) {
  const std::lock_guard lock(mutex_);
  done_ = std::min(done, total_);
  cycles_ = cycles;
}

void ProgressBar::draw_until_ended() {
  std::unique_lock lock(mutex_);
  while (!ended_) {
    std::fputs(line().c_str(), stderr);
    std::fflush(stderr);
    end_.wait_for(lock, kRedraw);
  }
}

std::string ProgressBar::line() const {
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  std::string text =
      fmt::format("\r[{:<{}}] {}/{} {}", std::string(done_ * kWidth / total_, '#'), kWidth, done_, total_, unit_);
  if (cycles_ > 0) text += fmt::format("  {:.2f} M cycles/s", static_cast<double>(cycles_) / seconds / 1e6);
  if (done_ > 0) {
    text += fmt::format("  {:.0f} s left", seconds / static_cast<double>(done_) * static_cast<double>(total_ - done_));
  } else {
    text += fmt::format("  {:.0f} s", seconds);
  }
  return text + "\x1b[K";
}

}  // namespace systole::base
