// SPDX-License-Identifier: Apache-2.0
#include "base/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace systole::base {
namespace {

constexpr int kWidth = 30;
constexpr const char* kEraseLine = "\r\x1b[K";

double seconds(std::chrono::steady_clock::duration time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

ProgressOutput standard_progress() {
  const bool terminal = ::isatty(STDERR_FILENO) == 1;
  return {stderr, terminal, terminal ? std::chrono::milliseconds(200) : std::chrono::seconds(30)};
}

ProgressBar::ProgressBar(std::string unit, std::uint64_t total, ProgressOutput output)
    : output_(output), unit_(std::move(unit)), total_(std::max<std::uint64_t>(total, 1)) {
  thread_ = std::thread([this] { write_until_ended(); });
}

ProgressBar::~ProgressBar() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  end_.notify_one();
  thread_.join();
  if (output_.terminal) std::fputs(kEraseLine, output_.file);
  std::fflush(output_.file);
}

void ProgressBar::set(double done, std::uint64_t cycles) {
  const std::lock_guard lock(mutex_);
  if (done > done_) stepped_ = Clock::now();
  done_ = std::min(done, static_cast<double>(total_));
  cycles_ = cycles;
}

void ProgressBar::write_until_ended() {
  std::unique_lock lock(mutex_);
  if (output_.terminal) write_line();
  while (!end_.wait_for(lock, output_.period, [this] { return ended_; })) write_line();
}

void ProgressBar::write_line() const {
  std::fputs(fmt::format("{}{}{}", output_.terminal ? "\r" : "", text(), output_.terminal ? "\x1b[K" : "\n").c_str(),
             output_.file);
  std::fflush(output_.file);
}

std::string ProgressBar::text() const {
  const double passed = seconds(Clock::now() - start_);
  const double part = done_ / static_cast<double>(total_);
  std::string text = fmt::format("[{:<{}}] {}/{} {}", std::string(static_cast<std::size_t>(part * kWidth), '#'), kWidth,
                                 static_cast<std::uint64_t>(done_), total_, unit_);
  if (cycles_ > 0) {
    const double millions = static_cast<double>(cycles_) / 1e6;
    text += fmt::format("  {:.2f} M cycles  {:.2f} M cycles/s", millions, millions / passed);
  }
  if (done_ == 0) return text + fmt::format("  {:.0f} s", passed);
  // The time of a unit is known when one ends; until the next one does, what is left only shrinks.
  const double left = seconds(stepped_ - start_) / part - passed;
  if (left < 0) return text + fmt::format("  {:.0f} s over the estimate", -left);
  return text + fmt::format("  {:.0f} s left", left);
}

}  // namespace systole::base
