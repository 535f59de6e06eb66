// SPDX-License-Identifier: Apache-2.0
#pragma once
// The golden's work of the next image beside the simulation of this one.
#include <array>
#include <cstdint>
#include <future>

#include "sim/session/plan.h"
#include "sim/session/session.h"

namespace systole::session {

/// Makes the next image's work on a second thread while this one simulates.
class WorkQueue {
 public:
  WorkQueue(const Plan& plan, const ImageSource& source, std::int64_t count)
      : maker_(plan), source_(source), count_(count) {
    request(0);
  }
  ~WorkQueue() {
    if (next_.valid()) next_.wait();
  }
  WorkQueue(const WorkQueue&) = delete;
  WorkQueue& operator=(const WorkQueue&) = delete;
  WorkQueue(WorkQueue&&) = delete;
  WorkQueue& operator=(WorkQueue&&) = delete;

  /// The work of image i, to be called in order; valid until the next call.
  const ImageWork& take(std::int64_t i) {
    next_.get();
    const ImageWork& ready = slots_[static_cast<std::size_t>(i % 2)];
    request(i + 1);
    return ready;
  }

 private:
  void request(std::int64_t i) {
    if (i >= count_) return;
    next_ = std::async(std::launch::async, [this, i] {
      const InputImage image = source_(i);
      ImageWork& work = slots_[static_cast<std::size_t>(i % 2)];
      work.index = image.index;
      work.label = image.label;
      maker_.make(image.input, work);
    });
  }

  ImageMaker maker_;
  const ImageSource& source_;
  std::int64_t count_;
  std::array<ImageWork, 2> slots_;
  std::future<void> next_;
};

}  // namespace systole::session
