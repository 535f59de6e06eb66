// SPDX-License-Identifier: Apache-2.0
#pragma once
// Valid/ready streams: a beat moves at an edge where both are 1. The rules that both sides keep are those of AMBA
// AXI4-Stream (ARM IHI 0051A, section 2.2): valid, once 1, stays until the beat has moved, and data and last with it.
// Without ready a beat moves whenever valid is 1: such a source may leave gaps, such a sink cannot make anybody wait.
// Data may be several ports (Pins in port_value.h): data and tkeep of AXI4-Stream, say.
#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/input_error.h"
#include "sim/sequence/bench.h"
#include "sim/sequence/port_value.h"

namespace systole::sequence {

/// When the bench lets a stream wait: --stall and --seed, keyed by the stream's name.
class Withholding {
 public:
  Withholding(std::string stream, bool output)
      : names_{std::move(stream)}, output_(output), pattern_(make({}, 0, {})) {}
  void choose(const Bench& bench) { pattern_ = make(bench.stall(), bench.seed(), bench.test()); }
  bool withheld(std::uint64_t cycle) { return (pattern_.withheld(cycle) & 1U) != 0; }

 private:
  /// StallPattern takes the last name for the output.
  [[nodiscard]] kernel::StallPattern make(kernel::Stall stall, std::uint64_t seed, const std::string& test) const {
    return {stall, seed, test, output_ ? names_ : kernel::StreamNames{names_.front(), ""}};
  }
  kernel::StreamNames names_;
  bool output_;
  kernel::StallPattern pattern_;
};

/// At which of the last 64 edges a stream's beats moved.
class Moves {
 public:
  static constexpr int kMost = 64;
  void clear() { bits_ = 0; }
  void next(bool moved) { bits_ = bits_ << 1 | static_cast<std::uint64_t>(moved); }
  /// `cycles` edges before the coming one, 1 .. kMost.
  [[nodiscard]] bool before(int cycles) const { return (bits_ >> (cycles - 1) & 1U) != 0; }

 private:
  std::uint64_t bits_ = 0;
};

/// Sends beats into the design. Between beats its pins hold the complement of the last one, data within the bits
/// that any beat so far has had, so that a design which reads them without valid reads something wrong.
template <class Data>
class Source final : public Part {
 public:
  using Value = ValueOf<Data>;

  Source(Bench& bench, std::string name, std::uint8_t& valid, const std::uint8_t& ready, Data& data,
         std::uint8_t* last = nullptr)
      : Part(bench, name), valid_(&valid), ready_(&ready), data_(data), last_(last), stalls_(std::move(name), false) {}
  /// Without ready.
  Source(Bench& bench, std::string name, std::uint8_t& valid, Data& data, std::uint8_t* last = nullptr)
      : Part(bench, name), valid_(&valid), data_(data), last_(last), stalls_(std::move(name), false) {}
  struct Idle {
    Value beat;
  };
  /// Without valid too, as instruction words are: each beat is there for one edge, and the idle one between beats.
  Source(Bench& bench, std::string name, Data& data, Idle idle)
      : Part(bench, name), data_(data), stalls_(std::move(name), false), idle_(idle.beat) {}

  /// Awaited: until every beat has moved, in order, one a cycle where nothing holds them up; `last` comes with the
  /// final one. The memory of `beats` must stay meanwhile.
  class Send final : public Wait {
   public:
    Send(Source& source, std::span<const Value> beats, bool ends) : source_(source), beats_(beats), ends_(ends) {}
    Send(Source& source, const Value& beat) : source_(source), one_(beat), beats_(&one_, 1), ends_(false) {}
    /// Offers the beats from now on; whoever waits for more than them may start several streams at once.
    void start() {
      if (source_.sending_ != nullptr) throw base::InputError("adapter", source_.name(), "two sequences send at once");
      source_.sending_ = this;
    }
    [[nodiscard]] bool moved() const { return taken_ == beats_.size(); }  ///< all of them
    bool over() override { return moved(); }
    [[nodiscard]] std::string text() const override {
      return fmt::format("for {}: {} of {} beats taken, ready is {}", source_.name(), taken_, beats_.size(),
                         source_.ready() ? 1 : 0);
    }
    [[nodiscard]] bool await_ready() const { return source_.bench().at_once(beats_.empty()); }
    void await_suspend(std::coroutine_handle<> caller) {
      start();
      source_.bench().wait(*this, caller);
    }
    static void await_resume() {}

   private:
    friend class Source;
    Source& source_;
    Value one_{};
    std::span<const Value> beats_;
    bool ends_;
    std::size_t taken_ = 0;
  };

  [[nodiscard]] Send send(std::span<const Value> beats, bool ends = false) { return {*this, beats, ends}; }
  [[nodiscard]] Send send(const Value& beat) { return {*this, beat}; }
  /// The same as a sequence of its own with beats of its own, for Bench::fork.
  Task feed(std::vector<Value> beats, bool ends = false) { co_await send(beats, ends); }

  [[nodiscard]] const Moves& moves() const { return moves_; }

  /// From now on beats may be left when the run's sequence ends: they answer the design, which asks for what it likes.
  void may_be_left() { may_be_left_ = true; }

  void reset() override {
    sending_ = nullptr;
    withheld_ = offered_ = moved_ = false;
    if (valid_ != nullptr || ready_ == nullptr) this->bench().may_withhold({.input = true});
    moves_.clear();
    if (valid_ != nullptr) *valid_ = 0;
    if (valid_ == nullptr) Ports::write(data_, idle_);
    if (last_ != nullptr) *last_ = 0;
    stalls_.choose(this->bench());
  }

  void drive() override {
    moves_.next(moved_);
    if (offered_) return;
    withheld_ = sending_ != nullptr && stalls_.withheld(this->bench().now());
    if (sending_ == nullptr || withheld_) return rest();
    offered_ = true;
    if (valid_ != nullptr) *valid_ = 1;
    const Value& beat = sending_->beats_[sending_->taken_];
    Ports::write(data_, beat);
    seen_ = either(seen_, beat);
    if (last_ != nullptr) {
      *last_ = static_cast<std::uint8_t>(sending_->ends_ && sending_->taken_ + 1 == sending_->beats_.size());
    }
  }

  void sample() override {
    if (withheld_ && !offered_ && ready()) this->bench().withheld({.input = true});
    moved_ = offered_ && ready();
    if (!moved_) return;
    offered_ = false;
    ++sending_->taken_;
    if (sending_->over()) sending_ = nullptr;
  }

  [[nodiscard]] std::string not_taken() const override {
    if (may_be_left_ || sending_ == nullptr) return {};
    const std::size_t all = sending_->beats_.size();
    return fmt::format("{}: {} of {} beats", this->name(), all - sending_->taken_, all);
  }

 private:
  using Ports = PortTraits<std::remove_const_t<Data>>;

  void rest() {
    if (valid_ == nullptr) return Ports::write(data_, idle_);
    if (*valid_ != 0) spoil();
    *valid_ = 0;
  }

  void spoil() {
    Ports::write(data_, complement(Ports::read(data_), seen_));
    if (last_ != nullptr) *last_ = static_cast<std::uint8_t>(*last_ == 0);
  }

  [[nodiscard]] bool ready() const { return ready_ == nullptr || *ready_ != 0; }

  std::uint8_t* valid_ = nullptr;
  const std::uint8_t* ready_ = nullptr;
  Data& data_;
  std::uint8_t* last_ = nullptr;
  Withholding stalls_;
  Send* sending_ = nullptr;
  bool may_be_left_ = false, withheld_ = false, offered_ = false, moved_ = false;
  Moves moves_;
  Value seen_{}, idle_{};
};

/// Takes beats from the design, as many as a sequence asks for, and sees that it keeps the rules.
template <class Data>
class Sink final : public Part {
 public:
  using Value = ValueOf<Data>;

  Sink(Bench& bench, std::string name, const std::uint8_t& valid, std::uint8_t& ready, const Data& data,
       const std::uint8_t* last = nullptr)
      : Part(bench, name), valid_(&valid), ready_(&ready), data_(data), last_(last), stalls_(std::move(name), true) {}
  /// Without ready: a beat that comes while nobody receives is a broken rule.
  Sink(Bench& bench, std::string name, const std::uint8_t& valid, const Data& data, const std::uint8_t* last = nullptr)
      : Part(bench, name), valid_(&valid), data_(data), last_(last), stalls_(std::move(name), true) {}
  /// Without valid too: a beat comes `cycles` edges after each one of `input`.
  Sink(Bench& bench, std::string name, const Data& data, const Moves& input, int cycles)
      : Part(bench, name), data_(data), stalls_(std::move(name), true) {
    follow(input, cycles);
  }

  /// Of a sink without ready: from now on a beat comes only `cycles` edges, 1 .. Moves::kMost, after one of `input` has
  /// moved, stalls or not: the pipeline between them has that latency.
  void follow(const Moves& input, int cycles) {
    if (cycles < 1 || cycles > Moves::kMost) {
      throw base::InputError("adapter", this->name(), fmt::format("expected a latency of 1 .. {}", Moves::kMost));
    }
    if (ready_ != nullptr) throw base::InputError("adapter", this->name(), "what can wait has no fixed latency");
    input_ = &input;
    latency_ = cycles;
  }

  /// From now on a beat that comes while nobody receives is a broken rule even where it can wait: it answers nothing.
  void refuse_unasked() { refuses_unasked_ = true; }

  /// From now on beats may come behind the end of the run's sequence, into memory that lasts: those of a memory's
  /// writes.
  void may_be_left() { may_be_left_ = true; }

  /// Awaited: until as many beats as `beats` has room for have come. With `ends`, the final one and no other has last.
  class Receive : public Wait {
   public:
    Receive(Sink& sink, std::span<Value> beats, bool ends) : sink_(sink), beats_(beats), ends_(ends) {}
    /// Whether the beats lie in the frame that waits, which lives as long as the run.
    [[nodiscard]] virtual bool has_own_beats() const { return false; }
    /// As Send::start().
    void start() {
      if (sink_.receiving_ != nullptr) throw base::InputError("adapter", sink_.name(), "two sequences receive at once");
      sink_.receiving_ = this;
    }
    [[nodiscard]] bool moved() const { return taken_ == beats_.size(); }  ///< all of them
    bool over() override { return moved(); }
    [[nodiscard]] std::string text() const override {
      return fmt::format("for {}: {} of {} beats came, valid is {}", sink_.name(), taken_, beats_.size(),
                         sink_.valid() ? 1 : 0);
    }
    [[nodiscard]] bool await_ready() const { return sink_.bench().at_once(beats_.empty()); }
    void await_suspend(std::coroutine_handle<> caller) {
      start();
      sink_.bench().wait(*this, caller);
    }
    static void await_resume() {}

   protected:
    Sink& sink_;

   private:
    friend class Sink;
    std::span<Value> beats_;
    bool ends_;
    std::size_t taken_ = 0;
  };
  /// Awaited: the next beat.
  class ReceiveOne final : public Receive {
   public:
    explicit ReceiveOne(Sink& sink) : Receive(sink, {&one_, 1}, false) {}
    [[nodiscard]] const Value& value() const { return one_; }
    [[nodiscard]] bool has_own_beats() const override { return true; }
    /// Stays until the sink receives the next one.
    [[nodiscard]] const Value& await_resume() const { return this->sink_.keep(one_); }

   private:
    Value one_{};
  };

  [[nodiscard]] Receive receive(std::span<Value> beats, bool ends = false) { return {*this, beats, ends}; }
  [[nodiscard]] ReceiveOne receive() { return ReceiveOne(*this); }

  void reset() override {
    receiving_ = nullptr;
    taken_ = 0;
    withheld_ = held_ = false;
    if (ready_ != nullptr) *ready_ = 0;
    if (ready_ != nullptr) this->bench().may_withhold({.output = true});
    stalls_.choose(this->bench());
  }

  void drive() override {
    if (ready_ == nullptr) return;
    withheld_ = receiving_ != nullptr && stalls_.withheld(this->bench().now());
    *ready_ = static_cast<std::uint8_t>(receiving_ != nullptr && !withheld_);
  }

  void sample() override {
    if (held_) check_held();
    held_ = false;
    if (!valid()) return;
    if (withheld_) this->bench().withheld({.output = true});
    if (ready_ == nullptr && receiving_ == nullptr) return broken("a beat that nobody asked for, and it cannot wait");
    if (refuses_unasked_ && receiving_ == nullptr) return broken("a beat that nobody asked for");
    held_ = ready_ != nullptr && *ready_ == 0;
    if (held_) return remember();
    if (input_ != nullptr && !input_->before(latency_))
      broken(fmt::format("a beat without an input {} cycles before", latency_));
    take();
  }

  void end() override {
    if (receiving_ != nullptr && !receiving_->has_own_beats() && !may_be_left_) receiving_ = nullptr;
  }
  [[nodiscard]] std::string left_over() const override {
    return valid() ? fmt::format("{}: a beat that nobody asked for", this->name()) : std::string();
  }
  [[nodiscard]] std::optional<Shown> shown() const override {
    return Shown{valid(), taken_, word_bits(Ports::read(data_)), 8 * static_cast<int>(sizeof(Value))};
  }

 private:
  using Ports = PortTraits<std::remove_const_t<Data>>;
  [[nodiscard]] bool valid() const { return valid_ != nullptr ? *valid_ != 0 : input_->before(latency_); }
  [[nodiscard]] bool last() const { return last_ != nullptr && *last_ != 0; }

  void remember() {
    held_value_ = Ports::read(data_);
    held_last_ = last();
  }

  void check_held() {
    if (!valid()) {
      broken("valid fell before the beat had moved");
    } else if (Ports::read(data_) != held_value_ || last() != held_last_) {
      broken("data changed before the beat had moved");
    }
  }

  void take() {
    Receive& receive = *receiving_;
    Value& beat = receive.beats_[receive.taken_++];
    beat = Ports::read(data_);
    if (WordLog* log = this->bench().log()) log->put(&beat, {this->number(), taken_, this->bench().now()});
    ++taken_;
    const bool final_beat = receive.over();
    if (last_ != nullptr && receive.ends_ && last() != final_beat) {
      broken(fmt::format("last is {} with beat {} of {}", last() ? 1 : 0, receive.taken_, receive.beats_.size()));
    }
    if (final_beat) receiving_ = nullptr;
  }

  const Value& keep(const Value& beat) {
    kept_ = beat;
    WordLog* log = this->bench().log();
    if (const auto origin = log != nullptr ? log->at(&beat) : std::nullopt) log->put(&kept_, *origin);
    return kept_;
  }

  void broken(const std::string& rule) {
    this->bench().broken(fmt::format("cycle {}: {}: {}", this->bench().now(), this->name(), rule));
  }

  const std::uint8_t* valid_ = nullptr;
  std::uint8_t* ready_ = nullptr;
  const Data& data_;
  const std::uint8_t* last_ = nullptr;
  Withholding stalls_;
  const Moves* input_ = nullptr;
  int latency_ = 0;
  Receive* receiving_ = nullptr;
  std::uint64_t taken_ = 0;  ///< beats since reset
  Value kept_{};             ///< what receive() of one beat gave last
  bool refuses_unasked_ = false, may_be_left_ = false, withheld_ = false, held_ = false, held_last_ = false;
  Value held_value_{};
};

}  // namespace systole::sequence
