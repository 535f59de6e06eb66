// SPDX-License-Identifier: Apache-2.0
#pragma once
// Work on many images, spread over the machine's processors.
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/cores.h"

namespace systole::study {

/// Called by one thread at a time with the number of images done so far; ends the work by throwing.
using Progress = std::function<void(std::int64_t done)>;

/// Calls `step(worker, i)` for every i, 0 <= i < count, once: one thread per processor, each with a worker that
/// `make()` makes in that thread, in ascending order within a thread. Gives back the workers, whose results the caller
/// adds up. Where a step returns false no other is begun; the first exception of a step or of `progress` stops all and
/// is thrown again.
template <class Make, class Step>
auto for_each_index(std::int64_t count, const Make& make, const Step& step, const Progress& progress = {}) {
  using Worker = decltype(make());
  const auto processors = static_cast<std::int64_t>(base::cores());
  std::vector<std::optional<Worker>> made(static_cast<std::size_t>(std::clamp<std::int64_t>(count, 1, processors)));
  std::atomic<std::int64_t> next{0};
  std::int64_t done = 0;
  std::exception_ptr error;
  std::mutex mutex;  // of done and error
  const auto work = [&](std::optional<Worker>& worker) {
    try {
      worker.emplace(make());
      for (std::int64_t i = next++; i < count; i = next++) {
        if (!step(*worker, i)) next = count;
        const std::lock_guard lock(mutex);
        ++done;
        if (progress && !error) progress(done);
      }
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!error) error = std::current_exception();
      next = count;
    }
  };
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 1; i < made.size(); ++i) threads.emplace_back([&work, &own = made[i]] { work(own); });
    work(made[0]);
  }
  if (error) std::rethrow_exception(error);
  std::vector<Worker> workers;
  workers.reserve(made.size());
  for (std::optional<Worker>& worker : made) workers.push_back(std::move(*worker));
  return workers;
}

}  // namespace systole::study
