// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a command is doing, on one line of the terminal, or now and then in a log.
#include <chrono>
#include <concepts>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <mutex>
#include <string>
#include <thread>

namespace systole::base {

/// Where progress goes, and how often.
struct ProgressOutput {
  std::FILE* file;
  bool terminal;  ///< one line that is written over and wiped at the end; otherwise a line each time
  std::chrono::milliseconds period;
};

/// Standard error: five times a second on a terminal, else every half minute.
ProgressOutput standard_progress();

/// Amount done, speed, time left. A thread of its own writes it: on a terminal from the start, so that it is never
/// silent, whatever the work is busy with; in a log after the first period, so that a short command leaves none there.
class ProgressBar {
 public:
  /// `unit`: what is counted, in the plural; `total` of them, at least 1.
  ProgressBar(std::string unit, std::uint64_t total, ProgressOutput output = standard_progress());
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  ProgressBar(ProgressBar&&) = delete;
  ProgressBar& operator=(ProgressBar&&) = delete;

  /// `done` units so far, a part of the next one included where it is known; `cycles` run so far, 0 where none are
  /// counted.
  void set(double done, std::uint64_t cycles = 0);
  template <std::integral Count>
  void set(Count done, std::uint64_t cycles = 0) {
    set(static_cast<double>(done), cycles);
  }

 private:
  using Clock = std::chrono::steady_clock;
  void write_until_ended();
  void write_line() const;
  [[nodiscard]] std::string text() const;

  ProgressOutput output_;
  std::string unit_;
  std::uint64_t total_, cycles_ = 0;
  double done_ = 0;
  const Clock::time_point start_ = Clock::now();
  Clock::time_point stepped_ = start_;  ///< when done_ grew last
  bool ended_ = false;
  std::mutex mutex_;  ///< of done_, cycles_, ended_
  std::condition_variable end_;
  std::thread thread_;  ///< last, so that it finds the rest made
};

}  // namespace systole::base
