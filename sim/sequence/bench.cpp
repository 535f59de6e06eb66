// SPDX-License-Identifier: Apache-2.0
#include "sim/sequence/bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>
#include <utility>

#include "base/input_error.h"
#include "base/interrupt.h"
#include "golden/fixed/counter_random.h"
#include "sim/dut/rtl_stopped.h"

namespace systole::sequence {
namespace {

constexpr std::size_t kFrameStep = 64, kFrameClasses = 64;  // frames up to 4 KiB are kept

struct FramePool {
  std::array<std::vector<void*>, kFrameClasses> free;
  FramePool() = default;
  FramePool(const FramePool&) = delete;
  FramePool& operator=(const FramePool&) = delete;
  FramePool(FramePool&&) = delete;
  FramePool& operator=(FramePool&&) = delete;
  ~FramePool() {
    for (const std::vector<void*>& frames : free) {
      for (void* frame : frames) ::operator delete(frame);
    }
  }
};

FramePool& frame_pool() {
  thread_local FramePool pool;
  return pool;
}

std::size_t class_of(std::size_t bytes) { return (bytes + kFrameStep - 1) / kFrameStep; }

}  // namespace

void* take_frame(std::size_t bytes) {
  const std::size_t size = class_of(bytes);
  if (size >= kFrameClasses) return ::operator new(bytes);
  std::vector<void*>& frames = frame_pool().free.at(size);
  if (frames.empty()) return ::operator new(size* kFrameStep);
  void* frame = frames.back();
  frames.pop_back();
  return frame;
}

void give_frame(void* frame, std::size_t bytes) noexcept {
  const std::size_t size = class_of(bytes);
  if (size < kFrameClasses) {
    try {
      frame_pool().free.at(size).push_back(frame);
      return;
    } catch (...) {  // no memory to remember it by
      ::operator delete(frame);
      return;
    }
  }
  ::operator delete(frame);
}

void check_fields(int bits, int count, std::size_t word_bits) {
  if (bits >= 1 && bits <= 32 && count >= 0 &&
      static_cast<std::uint64_t>(bits) * static_cast<std::uint64_t>(count) <= word_bits)
    return;
  throw base::InputError("adapter", "",
                         fmt::format("{} fields of {} bits: expected fields of 1 .. 32 bits that fit a word of {}",
                                     count, bits, word_bits));
}

Part::Part(Bench& bench, std::string name) : bench_(&bench), name_(std::move(name)), number_(bench.join_part(*this)) {}
Part::~Part() { bench_->leave(*this); }

bool Cycles::await_ready() const { return bench_.at_once(count_ == 0); }
bool Cycles::over() { return bench_.now() >= end_; }
std::string Cycles::text() const { return fmt::format("for cycle {}", end_); }
void Cycles::await_suspend(std::coroutine_handle<> caller) {
  end_ = bench_.now() + count_;
  bench_.wait(*this, caller);
}

bool Join::await_ready() { return bench_.at_once(over()); }
bool Join::over() { return bench_.ended(process_); }
std::string Join::text() const { return fmt::format("until {} has ended", bench_.name_of(process_)); }
void Join::await_suspend(std::coroutine_handle<> caller) { bench_.wait(*this, caller); }

void Bench::choose(kernel::Stall stall, std::uint64_t seed, std::string test) {
  stall_ = stall;
  seed_ = seed;
  test_ = std::move(test);
}

std::size_t Bench::fork(Task task, std::string name) {
  const std::coroutine_handle<> first = task.handle();
  processes_.push_back(std::make_unique<Process>(Process{std::move(task), std::move(name), nullptr, first}));
  order_.push_back(processes_.size() - 1);  // those that ended have left the order
  return processes_.size() - 1;
}

const Part* Bench::part(std::size_t number) const {
  const auto found = std::ranges::find(parts_, number, &Part::number);
  return found == parts_.end() ? nullptr : *found;
}

void Bench::reset() {
  dut_.fill_unreset_state(seed_);
  for (Part* part : parts_) part->reset();
  const auto active = static_cast<std::uint8_t>(pins_.reset_active_high ? 1 : 0);
  const auto inactive = static_cast<std::uint8_t>(1 - active);
  *pins_.clock = 0;
  if (pins_.reset != nullptr) {
    *pins_.reset = inactive;  // so that the model sees the edge of an asynchronous reset
    dut_.eval();
    *pins_.reset = active;
  }
  dut_.eval();
  for (int cycle = 0; pins_.reset != nullptr && cycle < pins_.reset_cycles; ++cycle) {
    *pins_.clock = 1;
    dut_.eval();
    *pins_.clock = 0;
    dut_.eval();
  }
  if (pins_.reset != nullptr) *pins_.reset = inactive;
  dut_.eval();
  now_ = 0;
  broken_.clear();
}

void Bench::refuse_to_spin() const {
  throw base::InputError("adapter", fmt::format("cycle {}", now_),
                         fmt::format("a sequence waits for nothing, {} times without a clock edge", kMostAtOnce));
}

/// Steps 2 to 4.
void Bench::edge() {
  at_once_ = 0;
  if (shuffle_ != 0) shuffle_items(parts_, 0);
  for (Part* part : parts_) part->drive();
  *pins_.clock = 0;
  settle();
  dump(kernel::time_of_falling_edge(now_));
  withheld_ = {};
  for (Part* part : parts_) part->sample();
  if ((withheld_.input || withheld_.output) && on_withheld_) on_withheld_(now_, withheld_);
  *pins_.clock = 1;
  dut_.eval();
  ++now_;
  dump(kernel::time_of_rising_edge(now_));
}

void Bench::settle() {
  for (int round = 0; round < kMostAnswers; ++round) {
    dut_.eval();
    bool changed = false;
    for (Part* part : parts_) changed = part->answer() || changed;
    if (!changed) return;
  }
  broken(fmt::format("cycle {}: combinational answers do not come to rest", now_));
}

template <class Items>
void Bench::shuffle_items(Items& items, std::uint64_t stream) const {
  const fixed::CounterRandom random(shuffle_, "shuffle", stream == 0 ? "parts" : "sequences");
  for (std::size_t i = items.size(); i > 1; --i) {
    const std::uint32_t other = random.below(now_ * 64 + i, static_cast<std::uint32_t>(i));
    std::swap(items[i - 1], items[other]);
  }
}

/// Whether it ran. Throws what left it.
bool Bench::resume(Process& process) {
  if (process.task.done() || (process.wait != nullptr && !process.wait->over())) return false;
  process.wait = nullptr;
  running_ = &process;
  process.point.resume();
  running_ = nullptr;
  if (process.task.done()) process.task.rethrow();
  return true;
}

/// Step 1. A process may wait for what another one does in this very step: all get their turns until none can go on.
void Bench::resume_all() {
  if (shuffle_ != 0) shuffle_items(order_, 1);
  for (bool any = true; any;) {
    any = false;
    // By index: fork() may add some.
    for (std::size_t i = 0; i < order_.size(); ++i) {  // NOLINT(modernize-loop-convert)
      any = resume(*processes_[order_[i]]) || any;
    }
  }
  std::erase_if(order_, [this](std::size_t i) { return processes_[i]->task.done(); });
}

std::string Bench::who_waits() const {
  std::string text;
  for (const std::unique_ptr<Process>& process : processes_) {
    if (process->wait == nullptr) continue;
    text += fmt::format("{}{} waits {}", text.empty() ? "" : "; ", process->name, process->wait->text());
  }
  return text;
}

Ended Bench::end(kernel::Outcome outcome, std::string detail) const { return {outcome, std::move(detail), now_}; }

/// What parts still have for the design, with the next step; empty where that is nothing.
std::string Bench::input_left() const {
  std::string text;
  for (const Part* part : parts_) {
    const std::string left = part->not_taken();
    if (!left.empty()) text += (text.empty() ? "" : ", ") + left;
  }
  if (text.empty()) return {};
  return fmt::format(
      "ended in cycle {} before the design had taken all that is sent to it: {}; send less, or join what "
      "is forked",
      now_, text);
}

/// The sequence has ended: what the design still shows nobody asked for.
Ended Bench::silence() {
  const std::uint64_t cycles = now_;
  Ended ended{kernel::Outcome::passed, {}, cycles};
  for (Part* part : parts_) part->end();
  for (int i = 0; i < kSilentCycles && broken_.empty(); ++i) edge();
  if (!broken_.empty()) {
    ended.outcome = kernel::Outcome::mismatch;
    ended.detail = broken_;
    return ended;
  }
  for (const Part* part : parts_) {
    ended.detail = part->left_over();
    if (ended.detail.empty()) continue;
    ended.outcome = kernel::Outcome::unexpected_output;
    break;
  }
  return ended;
}

Ended Bench::run(Task task, std::uint64_t most) {
  processes_.clear();
  order_.clear();
  now_ = 0;
  fork(std::move(task), "the sequence");
  try {
    reset();
    return run_to_end(most);
  } catch (const dut::RtlStopped& stopped) {
    return end(kernel::Outcome::mismatch, fmt::format("cycle {}: {}", now_, stopped.what()));
  }
}

/// The first sequence's.
Ended Bench::run_to_end(std::uint64_t most) {
  const Task& first = processes_.front()->task;
  for (;;) {
    resume_all();
    if (first.done()) {
      // No cycle more then: what a forked sequence sends may lie in the frame of the one that has ended.
      const std::string left = input_left();
      return left.empty() ? silence() : end(kernel::Outcome::input_left, left);
    }
    if (now_ >= most) return end(kernel::Outcome::timeout, fmt::format("{} cycles, and {}", now_, who_waits()));
    if (now_ % kPollCycles == 0) {
      if (on_progress_) on_progress_(now_);
      if (base::interrupted()) return end(kernel::Outcome::interrupted, {});
    }
    edge();
    if (!broken_.empty()) return end(kernel::Outcome::mismatch, broken_);
  }
}

}  // namespace systole::sequence
