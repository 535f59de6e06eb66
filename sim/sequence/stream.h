// SPDX-License-Identifier: Apache-2.0
#pragma once
// Valid/ready streams: a beat moves at an edge where both are 1. The rules that both sides keep are those of AMBA
// AXI4-Stream (ARM IHI 0051A, section 2.2): valid, once 1, stays until the beat has moved, and data and last with it.
#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

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

/// Sends beats into the design. Between beats its pins hold the complement of the last one, data within the bits
/// that any beat so far has had, so that a design which reads them without valid reads something wrong.
template <class Data>
class Source final : public Part {
 public:
  using Value = ValueOf<Data>;

  Source(Bench& bench, std::string name, std::uint8_t& valid, const std::uint8_t& ready, Data& data,
         std::uint8_t* last = nullptr)
      : Part(bench, name), valid_(valid), ready_(ready), data_(data), last_(last), stalls_(std::move(name), false) {}

  /// Awaited: until every beat has moved, in order, one a cycle where nothing holds them up; `last` comes with the
  /// final one. The memory of `beats` must stay meanwhile.
  class Send final : public Wait {
   public:
    Send(Source& source, std::span<const Value> beats, bool ends) : source_(source), beats_(beats), ends_(ends) {}
    bool over() override { return taken_ == beats_.size(); }
    [[nodiscard]] std::string text() const override {
      return fmt::format("for {}: {} of {} beats taken, ready is {}", source_.name(), taken_, beats_.size(),
                         source_.ready_);
    }
    [[nodiscard]] bool await_ready() const { return beats_.empty(); }
    void await_suspend(std::coroutine_handle<> caller) {
      if (source_.sending_ != nullptr) throw base::InputError("adapter", source_.name(), "two sequences send at once");
      source_.sending_ = this;
      source_.bench().wait(*this, caller);
    }
    static void await_resume() {}

   private:
    friend class Source;
    Source& source_;
    std::span<const Value> beats_;
    bool ends_;
    std::size_t taken_ = 0;
  };

  [[nodiscard]] Send send(std::span<const Value> beats, bool ends = false) { return {*this, beats, ends}; }

  void reset() override {
    sending_ = nullptr;
    offered_ = false;
    valid_ = 0;
    if (last_ != nullptr) *last_ = 0;
    stalls_.choose(this->bench());
  }

  void drive() override {
    if (offered_) return;
    if (sending_ == nullptr || stalls_.withheld(this->bench().now())) {
      if (valid_ != 0) spoil();
      valid_ = 0;
      return;
    }
    offered_ = true;
    valid_ = 1;
    const Value& beat = sending_->beats_[sending_->taken_];
    Ports::write(data_, beat);
    seen_ = Ports::either(seen_, beat);
    if (last_ != nullptr) {
      *last_ = static_cast<std::uint8_t>(sending_->ends_ && sending_->taken_ + 1 == sending_->beats_.size());
    }
  }

  void sample() override {
    if (!offered_ || ready_ == 0) return;
    offered_ = false;
    ++sending_->taken_;
    if (sending_->over()) sending_ = nullptr;
  }

 private:
  using Ports = PortTraits<std::remove_const_t<Data>>;

  void spoil() {
    Ports::write(data_, Ports::complement(Ports::read(data_), seen_));
    if (last_ != nullptr) *last_ = static_cast<std::uint8_t>(*last_ == 0);
  }

  std::uint8_t& valid_;
  const std::uint8_t& ready_;
  Data& data_;
  std::uint8_t* last_;
  Withholding stalls_;
  Send* sending_ = nullptr;
  bool offered_ = false;
  Value seen_{};
};

/// Takes beats from the design, as many as a sequence asks for, and sees that it keeps the rules.
template <class Data>
class Sink final : public Part {
 public:
  using Value = ValueOf<Data>;

  Sink(Bench& bench, std::string name, const std::uint8_t& valid, std::uint8_t& ready, const Data& data,
       const std::uint8_t* last = nullptr)
      : Part(bench, name), valid_(valid), ready_(ready), data_(data), last_(last), stalls_(std::move(name), true) {}

  /// Awaited: until as many beats as `beats` has room for have come. With `ends`, the final one and no other has last.
  class Receive final : public Wait {
   public:
    Receive(Sink& sink, std::span<Value> beats, bool ends) : sink_(sink), beats_(beats), ends_(ends) {}
    bool over() override { return taken_ == beats_.size(); }
    [[nodiscard]] std::string text() const override {
      return fmt::format("for {}: {} of {} beats came, valid is {}", sink_.name(), taken_, beats_.size(), sink_.valid_);
    }
    [[nodiscard]] bool await_ready() const { return beats_.empty(); }
    void await_suspend(std::coroutine_handle<> caller) {
      if (sink_.receiving_ != nullptr) throw base::InputError("adapter", sink_.name(), "two sequences receive at once");
      sink_.receiving_ = this;
      sink_.bench().wait(*this, caller);
    }
    static void await_resume() {}

   private:
    friend class Sink;
    Sink& sink_;
    std::span<Value> beats_;
    bool ends_;
    std::size_t taken_ = 0;
  };

  [[nodiscard]] Receive receive(std::span<Value> beats, bool ends = false) { return {*this, beats, ends}; }

  void reset() override {
    receiving_ = nullptr;
    held_ = false;
    ready_ = 0;
    stalls_.choose(this->bench());
  }

  void drive() override {
    ready_ = static_cast<std::uint8_t>(receiving_ != nullptr && !stalls_.withheld(this->bench().now()));
  }

  void sample() override {
    if (held_) check_held();
    held_ = valid_ != 0 && ready_ == 0;
    if (held_) remember();
    if (valid_ != 0 && ready_ != 0) take();
  }

  [[nodiscard]] std::string left_over() const override {
    return valid_ != 0 ? fmt::format("{}: a beat that nobody asked for", this->name()) : std::string();
  }

 private:
  using Ports = PortTraits<std::remove_const_t<Data>>;
  [[nodiscard]] bool last() const { return last_ != nullptr && *last_ != 0; }

  void remember() {
    held_value_ = Ports::read(data_);
    held_last_ = last();
  }

  void check_held() {
    if (valid_ == 0) {
      broken("valid fell before the beat had moved");
    } else if (Ports::read(data_) != held_value_ || last() != held_last_) {
      broken("data changed before the beat had moved");
    }
  }

  void take() {
    Receive& receive = *receiving_;
    receive.beats_[receive.taken_++] = Ports::read(data_);
    const bool final_beat = receive.over();
    if (last_ != nullptr && receive.ends_ && last() != final_beat) {
      broken(fmt::format("last is {} with beat {} of {}", last() ? 1 : 0, receive.taken_, receive.beats_.size()));
    }
    if (final_beat) receiving_ = nullptr;
  }

  void broken(const std::string& rule) {
    this->bench().broken(fmt::format("cycle {}: {}: {}", this->bench().now(), this->name(), rule));
  }

  const std::uint8_t& valid_;
  std::uint8_t& ready_;
  const Data& data_;
  const std::uint8_t* last_;
  Withholding stalls_;
  Receive* receiving_ = nullptr;
  bool held_ = false, held_last_ = false;
  Value held_value_{};
};

}  // namespace systole::sequence
