// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a command is doing, on one line of the terminal.
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

namespace systole::base {

/// A line on standard error that is written over: amount done, speed, time left. A thread of its own draws it five
/// times a second from the start, so that the terminal is never silent, whatever the work is busy with. Draws nothing
/// where standard error is not a terminal. The line is gone when the object is.
class ProgressBar {
 public:
  /// `unit`: what is counted, in the plural; `total` of them, at least 1.
  ProgressBar(std::string unit, std::uint64_t total);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  ProgressBar(ProgressBar&&) = delete;
  ProgressBar& operator=(ProgressBar&&) = delete;

  /// `done` units so far; `cycles` run so far, 0 where none are counted.
  void set(std::uint64_t done, std::uint64_t cycles = 0);

 private:
  void draw_until_ended();
  [[nodiscard]] std::string line() const;

  std::string unit_;
  std::uint64_t total_, done_ = 0, cycles_ = 0;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  bool ended_ = false;
  std::mutex mutex_;  ///< of done_, cycles_, ended_
  std::condition_variable end_;
  std::thread thread_;  ///< last, so that it finds the rest made
};

}  // namespace systole::base
