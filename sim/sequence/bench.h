// SPDX-License-Identifier: Apache-2.0
#pragma once
// The clock, and the sequences and ready-made parts that live on it. One cycle has four steps, whatever the order in
// which sequences and parts were made:
//
//   1. sequences run, each until it waits again: they read outputs as the last edge left them and write inputs
//   2. parts drive their pins
//   3. the clock falls and the design settles; parts that answer combinationally (a memory of latency 0) answer until
//      nothing changes; parts sample what the coming edge will see
//   4. the clock rises
//
// Nothing is evaluated between two sequences of one step, so that none sees what another has just written.
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/dut/dut.h"
#include "sim/kernel/outcome.h"
#include "sim/kernel/stall.h"
#include "sim/kernel/trace_sink.h"
#include "sim/sequence/task.h"
#include "sim/sequence/word_log.h"

namespace systole::sequence {

class Bench;

/// What a sequence waits for; lives in its frame meanwhile.
class Wait {
 public:
  Wait() = default;
  Wait(const Wait&) = delete;
  Wait& operator=(const Wait&) = delete;
  Wait(Wait&&) = delete;
  Wait& operator=(Wait&&) = delete;
  /// Asked in step 1, perhaps several times a cycle.
  virtual bool over() = 0;
  /// For a run that hangs: "act: 3 of 64 beats taken, ready is 0".
  [[nodiscard]] virtual std::string text() const = 0;

 protected:
  ~Wait() = default;
};

/// A model of what is around the design on some of its pins.
class Part {
 public:
  /// Joins the bench, which must outlive it.
  Part(Bench& bench, std::string name);
  Part(const Part&) = delete;
  Part& operator=(const Part&) = delete;
  Part(Part&&) = delete;
  Part& operator=(Part&&) = delete;
  virtual ~Part();

  [[nodiscard]] const std::string& name() const { return name_; }
  /// In the order in which the bench's parts were made, from 0.
  [[nodiscard]] std::size_t number() const { return number_; }
  /// Pins and state as before the first cycle.
  virtual void reset() = 0;
  /// Step 2.
  virtual void drive() = 0;
  /// Step 3, while others still answer: whether it changed a pin.
  virtual bool answer() { return false; }
  /// Step 3, all settled.
  virtual void sample() = 0;
  /// What is left over when the sequence has ended, or empty: "out: a beat that nobody asked for".
  [[nodiscard]] virtual std::string left_over() const { return {}; }
  /// The sequence has ended, and memory of its own with it: what others wait for does not come there any more.
  virtual void end() {}
  /// What it still has for the design when the sequence ends, or empty: "in: 3 of 84 beats".
  [[nodiscard]] virtual std::string not_taken() const { return {}; }
  /// Of a part that takes words of the design: what its pins show.
  [[nodiscard]] virtual std::optional<Shown> shown() const { return std::nullopt; }

 protected:
  [[nodiscard]] Bench& bench() const { return *bench_; }

 private:
  Bench* bench_;
  std::string name_;
  std::size_t number_;
};

/// Where clock and reset are, and what resets the design.
struct ClockReset {
  std::uint8_t* clock = nullptr;
  std::uint8_t* reset = nullptr;  ///< null: none
  bool reset_active_high = false;
  int reset_cycles = 3;
};

/// Sides on which --stall makes the design wait.
struct Sides {
  bool input = false, output = false;
  void operator|=(Sides other) {
    input = input || other.input;
    output = output || other.output;
  }
};

/// How a sequence ended.
struct Ended {
  kernel::Outcome outcome =
      kernel::Outcome::passed;  ///< or mismatch (a rule broken), timeout, input_left, unexpected_output, interrupted
  std::string detail;           ///< of what is not `passed`, one line
  std::uint64_t cycles = 0;     ///< from the end of reset to the end of the sequence
};

/// Awaited by sequences: a number of clock edges.
class Cycles final : public Wait {
 public:
  Cycles(Bench& bench, std::uint64_t count) : bench_(bench), count_(count) {}
  bool over() override;
  [[nodiscard]] std::string text() const override;
  [[nodiscard]] bool await_ready() const;
  void await_suspend(std::coroutine_handle<> caller);
  static void await_resume() {}

 private:
  Bench& bench_;
  std::uint64_t count_, end_ = 0;
};

/// Awaited by sequences: a condition on pins or on what other sequences have done.
template <class Condition>
class Until final : public Wait {
 public:
  Until(Bench& bench, Condition condition, std::string_view what)
      : bench_(bench), condition_(std::move(condition)), what_(what) {}
  bool over() override { return condition_(); }
  [[nodiscard]] std::string text() const override { return std::string(what_); }
  bool await_ready();
  void await_suspend(std::coroutine_handle<> caller);
  static void await_resume() {}

 private:
  Bench& bench_;
  Condition condition_;
  std::string_view what_;
};

/// Awaited by sequences: the end of another one.
class Join final : public Wait {
 public:
  Join(Bench& bench, std::size_t process) : bench_(bench), process_(process) {}
  bool over() override;
  [[nodiscard]] std::string text() const override;
  [[nodiscard]] bool await_ready();
  void await_suspend(std::coroutine_handle<> caller);
  static void await_resume() {}

 private:
  Bench& bench_;
  std::size_t process_;
};

class Bench {
 public:
  /// Edges after a sequence's end in which the design must stay silent.
  static constexpr int kSilentCycles = 64;
  /// Cycles between looks at Ctrl-C and calls of `on_progress`.
  static constexpr std::uint64_t kPollCycles = 4096;
  /// Waits in one cycle that are over at once.
  static constexpr std::uint64_t kMostAtOnce = 10'000'000;
  /// Rounds in which combinational answers must come to rest.
  static constexpr int kMostAnswers = 64;

  Bench(dut::Dut& dut, const ClockReset& pins) : dut_(dut), pins_(pins) {}

  // ---- for sequences

  [[nodiscard]] Cycles cycle() { return {*this, 1}; }
  [[nodiscard]] Cycles cycles(std::uint64_t count) { return {*this, count}; }
  /// `what` is for a run that hangs: "until done is 1"; it lives as long as the statement waits.
  template <class Condition>
  [[nodiscard]] Until<Condition> until(Condition condition, std::string_view what = "until a condition holds") {
    return {*this, std::move(condition), what};
  }
  /// Edges since reset.
  [[nodiscard]] std::uint64_t now() const { return now_; }
  /// Runs `task` beside the others from now on, at most until the run's first sequence ends: beats of a send that is
  /// not over by then are left. The returned number is for join().
  std::size_t fork(Task task, std::string name);
  /// Until that sequence has ended.
  [[nodiscard]] Join join(std::size_t process) { return {*this, process}; }
  [[nodiscard]] bool ended(std::size_t process) const { return processes_.at(process)->task.done(); }
  [[nodiscard]] const std::string& name_of(std::size_t process) const { return processes_.at(process)->name; }

  // ---- for parts

  /// The part's number.
  std::size_t join_part(Part& part) {
    parts_.push_back(&part);
    return joined_++;
  }
  void leave(Part& part) { std::erase(parts_, &part); }
  /// The design broke a rule: the run ends with this cycle. The first of a cycle is kept.
  void broken(std::string rule) {
    if (broken_.empty()) broken_ = std::move(rule);
  }
  /// A stream is made that --stall may hold up.
  void may_withhold(Sides sides) { may_withhold_ |= sides; }
  /// At the coming edge a stream is withheld that the design waits for.
  void withheld(Sides sides) { withheld_ |= sides; }
  /// The running sequence waits. `wait` and `point` are in its frame.
  void wait(Wait& wait, std::coroutine_handle<> point) {
    running_->wait = &wait;
    running_->point = point;
  }
  /// A wait is over before it has begun, where `is_over`; which it returns. A sequence that does nothing else would
  /// never come to an edge: base::InputError after kMostAtOnce of them in one cycle.
  bool at_once(bool is_over) {
    if (is_over && ++at_once_ > kMostAtOnce) refuse_to_spin();
    return is_over;
  }
  [[nodiscard]] kernel::Stall stall() const { return stall_; }
  [[nodiscard]] std::uint64_t seed() const { return seed_; }
  [[nodiscard]] const std::string& test() const { return test_; }

  /// Where a part says which word lies where, or null.
  [[nodiscard]] WordLog* log() const { return log_; }

  // ---- for who runs it

  /// Random choices from now on: of parts that withhold beats, and of the state that reset does not clear.
  void choose(kernel::Stall stall, std::uint64_t seed, std::string test);
  /// Sequences and parts take their turns in another order in every cycle; for tests that order means nothing.
  void shuffle(std::uint64_t seed) { shuffle_ = seed; }
  void on_progress(std::function<void(std::uint64_t)> call) { on_progress_ = std::move(call); }
  void trace(kernel::TraceSink* sink) { trace_ = sink; }
  void log(WordLog* log) { log_ = log; }
  /// By its number; null where there is none.
  [[nodiscard]] const Part* part(std::size_t number) const;
  /// Called at each edge at which --stall makes the design wait, with its cycle.
  void on_withheld(std::function<void(std::uint64_t, Sides)> call) { on_withheld_ = std::move(call); }
  /// Sides on which it can, known once a run has begun.
  [[nodiscard]] Sides may_withhold() const { return may_withhold_; }

  /// Seeded values into un-reset state, then reset; runs `task` to its end, at most `most` cycles, and kSilentCycles
  /// more, unless beats of forked sequences are left (input_left). RTL that stops the simulation has broken a rule.
  /// Throws what leaves a sequence.
  Ended run(Task task, std::uint64_t most);

 private:
  struct Process {
    Task task;
    std::string name;
    Wait* wait = nullptr;
    std::coroutine_handle<> point;
  };

  Ended run_to_end(std::uint64_t most);
  [[noreturn]] void refuse_to_spin() const;
  void reset();
  void edge();
  void settle();
  void resume_all();
  bool resume(Process& process);
  [[nodiscard]] std::string who_waits() const;
  [[nodiscard]] std::string input_left() const;
  Ended end(kernel::Outcome outcome, std::string detail) const;
  Ended silence();
  void dump(std::uint64_t time) {
    if (trace_ != nullptr && trace_->active(now_)) trace_->dump(time);
  }
  template <class Items>
  void shuffle_items(Items& items, std::uint64_t stream) const;

  dut::Dut& dut_;
  ClockReset pins_;
  std::vector<Part*> parts_;
  std::size_t joined_ = 0;
  WordLog* log_ = nullptr;
  std::vector<std::unique_ptr<Process>> processes_;
  std::vector<std::size_t> order_;  ///< of those that have not ended
  Process* running_ = nullptr;
  std::uint64_t now_ = 0, at_once_ = 0;
  std::string broken_;
  kernel::Stall stall_ = kernel::Stall::none;
  std::uint64_t seed_ = 1, shuffle_ = 0;
  std::string test_;
  kernel::TraceSink* trace_ = nullptr;
  std::function<void(std::uint64_t)> on_progress_;
  Sides may_withhold_, withheld_;
  std::function<void(std::uint64_t, Sides)> on_withheld_;
};

template <class Condition>
bool Until<Condition>::await_ready() {
  return bench_.at_once(condition_());
}
template <class Condition>
void Until<Condition>::await_suspend(std::coroutine_handle<> caller) {
  bench_.wait(*this, caller);
}

}  // namespace systole::sequence
