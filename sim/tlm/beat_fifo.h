// SPDX-License-Identifier: Apache-2.0
#pragma once
// Beats of one stream on the bus side of the target: a ring of 32-bit words that grows up to its depth.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace systole::tlm {

class BeatFifo {
 public:
  /// Beats of `words` words; at most `depth` of them, 0 for as many as memory holds.
  BeatFifo(std::size_t words, std::size_t depth) : words_(words), depth_(depth) { allocate(kFirstBeats); }

  [[nodiscard]] std::size_t words_per_beat() const { return words_; }
  [[nodiscard]] std::size_t size() const { return count_; }
  [[nodiscard]] bool empty() const { return count_ == 0; }
  [[nodiscard]] bool full() const { return depth_ != 0 && count_ == depth_; }

  /// Beat `i` from the head, i < size().
  [[nodiscard]] const std::uint32_t* at(std::size_t i) const { return ring_.data() + place(i) * words_; }
  [[nodiscard]] const std::uint32_t* front() const { return at(0); }

  /// Appends a beat and returns its words for writing. Not while full().
  std::uint32_t* push() {
    if (count_ == beats_) grow();
    return ring_.data() + place(count_++) * words_;
  }
  void push(const std::uint32_t* beat) { std::copy_n(beat, words_, push()); }
  void pop() {
    head_ = place(1);
    --count_;
  }

 private:
  static constexpr std::size_t kFirstBeats = 64;  ///< a power of two, so that the ring's wrap is a mask

  [[nodiscard]] std::size_t place(std::size_t i) const { return (head_ + i) & (beats_ - 1); }
  void allocate(std::size_t beats) {
    beats_ = beats;
    ring_.resize(beats * words_);
  }
  void grow() {
    std::rotate(ring_.begin(), ring_.begin() + static_cast<std::ptrdiff_t>(head_ * words_), ring_.end());
    head_ = 0;
    allocate(2 * beats_);
  }

  std::size_t words_, depth_;
  std::size_t head_ = 0, count_ = 0, beats_ = 0;
  std::vector<std::uint32_t> ring_;
};

}  // namespace systole::tlm
