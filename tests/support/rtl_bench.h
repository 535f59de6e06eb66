// SPDX-License-Identifier: Apache-2.0
#pragma once
// A Verilated module under test: clock, reset, packed ports, and the counting comparison that block tests share.
#include <verilated.h>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>

#include "golden/fixed/counter_random.h"

namespace systole::test {

/// The low `bits` bits of x, 1 <= bits <= 64: how a signed value stands in a port.
constexpr std::uint64_t low_bits(std::int64_t x, int bits) {
  return static_cast<std::uint64_t>(x) & (~std::uint64_t{0} >> (64 - bits));
}

/// The two's complement value of the low `bits` bits of x, 1 <= bits <= 64.
constexpr std::int64_t sign_extend(std::uint64_t x, int bits) {
  return static_cast<std::int64_t>(x << (64 - bits)) >> (64 - bits);
}

/// Writes a signed value of `bits` bits into a port of up to 64 bits.
template <std::integral Port>
void put(Port& port, std::int64_t value, int bits) {
  port = static_cast<Port>(low_bits(value, bits));
}

/// Writes `bits` <= 64 bits at `lsb` of a port, whatever type Verilator gave it.
template <std::integral Port>
void put_field(Port& port, int lsb, int bits, std::int64_t value) {
  const auto mask = static_cast<Port>(low_bits(-1, bits) << lsb);
  port = static_cast<Port>((port & static_cast<Port>(~mask)) | static_cast<Port>(low_bits(value, bits) << lsb));
}
template <std::size_t Words>
void put_field(VlWide<Words>& port, int lsb, int bits, std::int64_t value) {
  for (int i = 0; i < bits; ++i) {
    const auto bit = static_cast<EData>(low_bits(value, bits) >> i & 1U);
    EData& word = port[static_cast<std::size_t>((lsb + i) / 32)];
    const int place = (lsb + i) % 32;
    word = (word & ~(EData{1} << place)) | bit << place;
  }
}

/// Reads `bits` <= 64 bits at `lsb` of a port, unsigned.
template <std::integral Port>
std::uint64_t field(const Port& port, int lsb, int bits) {
  return low_bits(static_cast<std::int64_t>(static_cast<std::uint64_t>(port) >> lsb), bits);
}
template <std::size_t Words>
std::uint64_t field(const VlWide<Words>& port, int lsb, int bits) {
  std::uint64_t value = 0;
  for (int i = 0; i < bits; ++i) {
    const std::uint64_t bit = port[static_cast<std::size_t>((lsb + i) / 32)] >> ((lsb + i) % 32) & 1U;
    value |= bit << i;
  }
  return value;
}

/// One instance of a Verilated module. Inputs are written through `->`; every port starts at 0.
template <class Model>
class RtlBench {
 public:
  RtlBench() : context_(std::make_unique<VerilatedContext>()), model_(std::make_unique<Model>(context_.get(), "TOP")) {
    if constexpr (requires(Model & m) { m.rst_ni; }) reset();
  }
  ~RtlBench() {
    model_->final();
    // Verilator 5.006 takes a dying model's scopes out of the thread's last context, which may be another one, already
    // gone.
    Verilated::threadContextp(context_.get());
    model_.reset();
  }
  RtlBench(const RtlBench&) = delete;
  RtlBench& operator=(const RtlBench&) = delete;
  RtlBench(RtlBench&&) = delete;
  RtlBench& operator=(RtlBench&&) = delete;

  Model* operator->() { return model_.get(); }
  Model& operator*() { return *model_; }

  /// Lets combinational outputs follow the inputs.
  void settle() { model_->eval(); }

  /// One rising edge of clk_i; afterwards the outputs show the new state under the inputs of before.
  void tick() {
    model_->clk_i = 0;
    model_->eval();
    model_->clk_i = 1;
    model_->eval();
  }

  /// Asserts and releases the asynchronous reset between two edges.
  void reset() {
    model_->rst_ni = 0;
    model_->eval();
    model_->rst_ni = 1;
    model_->eval();
  }

 private:
  std::unique_ptr<VerilatedContext> context_;
  std::unique_ptr<Model> model_;
};

/// Random numbers of one test, drawn one after another.
class Draws {
 public:
  explicit Draws(std::string_view test, std::uint64_t seed = 1) : random_(seed, test, "block") {}

  std::uint32_t bits32() { return random_.bits32(index_++); }
  std::uint64_t bits64() { return random_.bits64(index_++); }
  std::int32_t between(std::int32_t lo, std::int32_t hi) { return random_.between(index_++, lo, hi); }
  /// A signed value of `bits` <= 64 bits, uniform.
  std::int64_t value(int bits) { return sign_extend(bits64(), bits); }
  /// True with probability of_256 / 256.
  bool chance(std::uint32_t of_256) { return (bits32() >> 24) < of_256; }

 private:
  fixed::CounterRandom random_;
  std::uint64_t index_ = 0;
};

/// Counts comparisons and keeps the first that failed. A test asserts both: nothing wrong, and as many compared as it
/// meant to.
class Tally {
 public:
  /// `where` is called for the first failure only and names the operands.
  template <class Where>
  void expect(std::int64_t rtl, std::int64_t golden, Where where) {
    ++compared_;
    if (rtl == golden) return;
    if (wrong_++ == 0)
      first_ = std::string(where()) + ": rtl " + std::to_string(rtl) + ", golden " + std::to_string(golden);
  }

  [[nodiscard]] std::uint64_t compared() const { return compared_; }
  [[nodiscard]] std::uint64_t wrong() const { return wrong_; }
  [[nodiscard]] const std::string& first() const { return first_; }

 private:
  std::uint64_t compared_ = 0, wrong_ = 0;
  std::string first_;
};

}  // namespace systole::test

/// The verdict of a Tally: nothing differs and exactly `count` values were compared.
#define CHECK_TALLY(tally, count)                       \
  CHECK_MESSAGE((tally).wrong() == 0, (tally).first()); \
  CHECK((tally).compared() == static_cast<std::uint64_t>(count))
