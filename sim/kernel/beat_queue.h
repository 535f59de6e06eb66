// SPDX-License-Identifier: Apache-2.0
#pragma once
// The beats of one input stream, in the order they are sent: spans of stored beats, never copied.
#include <cstddef>
#include <cstdint>
#include <vector>

namespace systole::kernel {

class BeatQueue {
 public:
  void clear() {
    spans_.clear();
    span_ = 0;
    next_ = end_ = nullptr;
    taken_ = total_ = 0;
  }

  /// Appends `count` beats of `words` 32-bit words each; the memory must outlive the queue's use.
  void push(const std::uint32_t* beats, std::size_t count, std::size_t words) {
    if (count == 0) return;
    words_ = words;
    total_ += count;
    spans_.push_back({beats, beats + count * words});
    if (next_ == end_) open_next_span();
  }

  /// The beat in turn, or null where all are taken.
  [[nodiscard]] const std::uint32_t* front() const { return next_; }

  void pop() {
    ++taken_;
    next_ += words_;
    if (next_ == end_) open_next_span();
  }

  [[nodiscard]] std::uint64_t taken() const { return taken_; }
  [[nodiscard]] std::uint64_t total() const { return total_; }
  [[nodiscard]] std::uint64_t left() const { return total_ - taken_; }

 private:
  struct Span {
    const std::uint32_t* begin;
    const std::uint32_t* end;
  };
  void open_next_span() {
    if (span_ == spans_.size()) {
      next_ = end_ = nullptr;
      return;
    }
    next_ = spans_[span_].begin;
    end_ = spans_[span_].end;
    ++span_;
  }

  std::vector<Span> spans_;
  std::size_t span_ = 0, words_ = 0;
  const std::uint32_t *next_ = nullptr, *end_ = nullptr;
  std::uint64_t taken_ = 0, total_ = 0;
};

}  // namespace systole::kernel
