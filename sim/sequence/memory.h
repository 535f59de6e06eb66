// SPDX-License-Identifier: Apache-2.0
#pragma once
// Memories around the design: words that a sequence writes and reads at will, and ports through which the design does.
// A memory answers in time whatever --stall asks for: its ports have no way to withhold.
#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/input_error.h"
#include "sim/sequence/bench.h"
#include "sim/sequence/port_value.h"

namespace systole::sequence {

/// Lanes of a word that a write takes or leaves: lane i are bits [bits * i + bits - 1 : bits * i] and bit i of
/// `enables`.
template <class Enables>
struct Lanes {
  const Enables& enables;
  int count;
  int bits = 8;  ///< 1 .. 32

  /// The bits of the enabled ones.
  template <class Value>
  [[nodiscard]] Value mask() const {
    return packed<Value>(bits, count, [this](int i) { return (enables >> i & 1U) != 0 ? ~0U : 0U; });
  }
};

/// The word of the design that a write put there.
struct Writer {
  const Bench* bench;
  Origin origin;
  void say(const void* place) const {
    if (bench->log() != nullptr) bench->log()->put(place, origin);
  }
};

/// The words of a memory; nothing where none was ever written, or not all lanes of it. What ports write at one edge is
/// there from the next on. Any number of ports may be on it.
template <class Value>
class Words {
 public:
  static inline const Value kAll = packed<Value>(8, sizeof(Value), [](int) { return 0xff; });  ///< bits
  explicit Words(std::size_t depth = 0) : words_(depth) {}
  [[nodiscard]] std::size_t depth() const { return words_.size(); }
  /// Forgets all words; from now on it has `depth` of them.
  void clear(std::size_t depth) {
    staged_.clear();
    words_.assign(depth, {});
  }
  /// As many words as `values`, and those in them.
  void load(const std::vector<Value>& values) {
    clear(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) set(i, values[i]);
  }
  void set(std::size_t address, const Value& value) { words_.at(address) = {value, kAll, value, {}}; }
  /// Stays until the word is written again.
  [[nodiscard]] const std::optional<Value>& at(std::size_t address) {
    settle();
    const Word& word = words_.at(address);
    if (word.whole && word.from) word.from->say(&*word.whole);
    return word.whole;
  }

  /// For ports: the bits that make a word whole, where writes leave some out; the end of a run; a write of the bits of
  /// `mask` at edge `edge`, and what a word held before edge `edge`.
  void whole_with(const Value& bits) { all_ = bits; }
  void settle() { settle(~std::uint64_t{0}); }
  void write(std::size_t address, const Value& value, std::uint64_t edge, const Value& mask = kAll,
             std::optional<Writer> from = {}) {
    settle(edge);
    staged_.push_back({address, value, mask, edge, from});
  }
  [[nodiscard]] const std::optional<Value>& before(std::size_t address, std::uint64_t edge) {
    settle(edge);
    return words_[address].whole;
  }

  /// What a word that is not there is.
  [[nodiscard]] const char* missing(std::size_t address) const {
    return words_[address].written == Value{} ? "a word that nobody has written"
                                              : "a word of which nobody has written some bytes";
  }

 private:
  struct Word {
    Value value{};
    Value written{};  ///< bits
    std::optional<Value> whole;
    std::optional<Writer> from;  ///< of all its bits at once
  };
  struct Staged {
    std::size_t address;
    Value value, mask;
    std::uint64_t edge;
    std::optional<Writer> from;
  };
  void settle(std::uint64_t edge) {
    if (staged_.empty() || staged_.front().edge >= edge) return;
    for (const Staged& one : staged_) {
      Word& word = words_[one.address];
      const Value kept = complement(one.mask, word.value), taken = complement(complement(one.mask, kAll), one.value);
      const auto whole = [this](const Value& bits) { return complement(bits, all_) == Value{}; };
      word.value = either(kept, taken);
      word.written = either(word.written, one.mask);
      word.whole = whole(word.written) ? std::optional(word.value) : std::nullopt;
      word.from = whole(one.mask) ? one.from : std::nullopt;
    }
    staged_.clear();
  }

  std::vector<Word> words_;
  std::vector<Staged> staged_;  ///< all of one edge: the next one settles them first
  Value all_ = kAll;
};

/// What a read gives of a word that is written at the same edge.
enum class Collision { read_first, write_first };

/// A port that reads: the word whose address the design shows at an edge where `enable` is 1 (null: always) is on
/// `data` from `latency` edges later on, 1 .. 3, until the next one; with latency 0 at once, without enable. A read
/// beyond the depth, or of a word that nobody has written whole, is a broken rule.
template <class Address, class Data>
class ReadPort final : public Part {
 public:
  using Value = ValueOf<Data>;
  static constexpr std::size_t kMostLatency = 3;

  ReadPort(Bench& bench, std::string name, Words<Value>& words, const std::uint8_t* enable, const Address& address,
           Data& data, std::size_t latency = 1, Collision collision = Collision::read_first)
      : Part(bench, std::move(name)),
        words_(words),
        enable_(enable),
        address_(address),
        data_(data),
        latency_(latency),
        collision_(collision) {
    if (latency > kMostLatency) throw base::InputError("adapter", this->name(), "expected a latency of 0 .. 3");
  }

  void reset() override {
    asked_.reset();
    coming_.fill(std::nullopt);
  }

  void drive() override {
    if (latency_ == 0) return;
    if (asked_) coming_[latency_ - 1] = collision_ == Collision::write_first ? word(*asked_) : kept_;
    asked_.reset();
    if (coming_[0]) PortTraits<Data>::write(data_, *coming_[0]);
    for (std::size_t stage = 0; stage + 1 < kMostLatency; ++stage) coming_[stage] = coming_[stage + 1];
    coming_[kMostLatency - 1].reset();
  }

  bool answer() override {
    if (latency_ != 0 || address_ >= words_.depth()) return false;
    const std::optional<Value> now = words_.before(address_, bench().now());
    if (!now || PortTraits<Data>::read(data_) == *now) return false;
    PortTraits<Data>::write(data_, *now);
    return true;
  }

  void sample() override {
    if (latency_ == 0 || (enable_ != nullptr && *enable_ == 0)) return;
    asked_ = address_;
    if (collision_ == Collision::read_first) kept_ = word(address_);
  }

 private:
  std::optional<Value> word(std::size_t address) {
    if (address >= words_.depth()) return broken(address, fmt::format("beyond its {} words", words_.depth()));
    const std::optional<Value> found = words_.before(address, bench().now());
    return found ? found : broken(address, words_.missing(address));
  }
  std::optional<Value> broken(std::size_t address, const std::string& why) {
    bench().broken(fmt::format("cycle {}: {}: reads address {}, {}", bench().now(), name(), address, why));
    return std::nullopt;
  }

  Words<Value>& words_;
  const std::uint8_t* enable_;
  const Address& address_;
  Data& data_;
  std::size_t latency_;
  Collision collision_;
  std::optional<std::size_t> asked_;  ///< address at the last edge
  std::optional<Value> kept_;         ///< of read_first: its word before that edge
  std::array<std::optional<Value>, kMostLatency> coming_{};
};

/// A port that writes at an edge where `enable` is 1, all of a word or the lanes that are enabled; with lanes it may do
/// without `enable`. A write beyond the depth is a broken rule.
template <class Address, class Data, class Enables = std::uint8_t>
class WritePort final : public Part {
 public:
  using Value = ValueOf<Data>;

  WritePort(Bench& bench, std::string name, Words<Value>& words, const std::uint8_t& enable, const Address& address,
            const Data& data)
      : Part(bench, std::move(name)), words_(words), enable_(&enable), address_(address), data_(data) {}
  WritePort(Bench& bench, std::string name, Words<Value>& words, const std::uint8_t* enable, const Address& address,
            const Data& data, Lanes<Enables> lanes)
      : Part(bench, std::move(name)), words_(words), enable_(enable), address_(address), data_(data), lanes_(lanes) {
    words.whole_with(packed<Value>(lanes.bits, lanes.count, [](int) { return ~0U; }));
  }

  void reset() override {
    words_.settle();
    taken_ = 0;
  }
  void drive() override {}
  [[nodiscard]] std::optional<Shown> shown() const override {
    return Shown{enabled(), taken_, word_bits(PortTraits<std::remove_const_t<Data>>::read(data_)),
                 8 * static_cast<int>(sizeof(Value))};
  }
  void sample() override {
    if (!enabled()) return;
    if (address_ >= words_.depth()) {
      return bench().broken(fmt::format("cycle {}: {}: writes address {}, beyond its {} words", bench().now(), name(),
                                        address_, words_.depth()));
    }
    const Value value = PortTraits<std::remove_const_t<Data>>::read(data_);
    const Writer from{&bench(), {number(), taken_++, bench().now()}};
    if (!lanes_) return words_.write(address_, value, bench().now(), Words<Value>::kAll, from);
    words_.write(address_, value, bench().now(), lanes_->template mask<Value>(), from);
  }

 private:
  [[nodiscard]] bool enabled() const {
    return (enable_ == nullptr || *enable_ != 0) && (!lanes_ || lanes_->enables != 0);
  }

  Words<Value>& words_;
  const std::uint8_t* enable_;
  const Address& address_;
  const Data& data_;
  std::optional<Lanes<Enables>> lanes_;
  std::uint64_t taken_ = 0;  ///< words since reset
};

}  // namespace systole::sequence
