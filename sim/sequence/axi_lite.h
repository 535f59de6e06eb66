// SPDX-License-Identifier: Apache-2.0
#pragma once
// AXI4-Lite from the master's side (ARM IHI 0022, part B): one access at a time, 32-bit data.
#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/input_error.h"
#include "sim/sequence/bench.h"
#include "sim/sequence/port_value.h"
#include "sim/sequence/stream.h"

namespace systole::sequence {

/// The pins of an AXI4-Lite slave; `Address` is the type of its address ports.
template <class Address>
struct AxiLitePins {
  std::uint8_t& awvalid;
  const std::uint8_t& awready;
  Address& awaddr;
  std::uint8_t& wvalid;
  const std::uint8_t& wready;
  std::uint32_t& wdata;
  const std::uint8_t& bvalid;
  std::uint8_t& bready;
  const std::uint8_t& bresp;
  std::uint8_t& arvalid;
  const std::uint8_t& arready;
  Address& araddr;
  const std::uint8_t& rvalid;
  std::uint8_t& rready;
  const std::uint32_t& rdata;
  const std::uint8_t& rresp;
};

/// Writes and reads registers of the design, through a source or a sink for each channel. An answer that nobody asked
/// for, one before the access was taken, another one than OKAY, or one that does not hold until it is taken, breaks a
/// rule.
template <class Address>
class AxiLiteMaster {
  using Response = const std::uint8_t;
  using ReadPins = Pins<const std::uint32_t, Response>;
  /// What a register that is read again and again shall be, and what it was last.
  struct Awaited {
    std::uint32_t word;
    std::optional<std::uint32_t> last = {};
  };

 public:
  AxiLiteMaster(Bench& bench, std::string name, AxiLitePins<Address> pins)
      : bench_(bench),
        name_(std::move(name)),
        read_pins_(pins.rdata, pins.rresp),
        aw_(bench, name_ + ".aw", pins.awvalid, pins.awready, pins.awaddr),
        w_(bench, name_ + ".w", pins.wvalid, pins.wready, pins.wdata),
        b_(bench, name_ + ".b", pins.bvalid, pins.bready, pins.bresp),
        ar_(bench, name_ + ".ar", pins.arvalid, pins.arready, pins.araddr),
        r_(bench, name_ + ".r", pins.rvalid, pins.rready, read_pins_) {
    b_.refuse_unasked();
    r_.refuse_unasked();
  }

  /// Awaited: until the answer has come.
  class Write final : public Wait {
   public:
    Write(AxiLiteMaster& master, Address address, std::uint32_t data)
        : master_(master), address_(address), aw_(master.aw_, address), w_(master.w_, data), b_(master.b_) {}
    bool over() override { return master_.answered(b_, aw_.moved() && w_.moved(), "write", address_); }
    [[nodiscard]] std::string text() const override {
      return master_.text("a write", address_, aw_.moved() && w_.moved());
    }
    static bool await_ready() { return false; }
    void await_suspend(std::coroutine_handle<> caller) {
      aw_.start();
      w_.start();
      b_.start();
      master_.bench_.wait(*this, caller);
    }
    void await_resume() const { master_.judge(b_.value(), address_); }

   private:
    AxiLiteMaster& master_;
    Address address_;
    typename Source<Address>::Send aw_;
    Source<std::uint32_t>::Send w_;
    Sink<std::uint8_t>::ReceiveOne b_;
  };

  /// Awaited: the word.
  class Read final : public Wait {
   public:
    Read(AxiLiteMaster& master, Address address, const Awaited* awaited = nullptr)
        : master_(master), address_(address), awaited_(awaited), ar_(master.ar_, address), r_(master.r_) {}
    bool over() override { return master_.answered(r_, ar_.moved(), "read", address_); }
    [[nodiscard]] std::string text() const override {
      std::string text = master_.text("a read", address_, ar_.moved());
      if (awaited_ == nullptr) return text;
      text += fmt::format(", until it is {:#x}", awaited_->word);
      return awaited_->last ? text + fmt::format(", last it was {:#x}", *awaited_->last) : text;
    }
    static bool await_ready() { return false; }
    void await_suspend(std::coroutine_handle<> caller) {
      ar_.start();
      r_.start();
      master_.bench_.wait(*this, caller);
    }
    [[nodiscard]] std::uint32_t await_resume() const {
      const auto [data, response] = r_.value();
      master_.judge(response, address_);
      return data;
    }

   private:
    AxiLiteMaster& master_;
    Address address_;
    const Awaited* awaited_;
    typename Source<Address>::Send ar_;
    typename Sink<ReadPins>::ReceiveOne r_;
  };

  /// Throw base::InputError for an address that is no multiple of 4: each access is of a whole word.
  [[nodiscard]] Write write(Address address, std::uint32_t data) { return {*this, aligned(address), data}; }
  [[nodiscard]] Read read(Address address) { return {*this, aligned(address)}; }
  /// Awaited: registers at `first`, `first` + 4, ... are written in that order. GCC 12 takes no braced list of words
  /// behind co_await: make it a variable.
  Task write_words(Address first, std::vector<std::uint32_t> words) {
    for (std::size_t i = 0; i < words.size(); ++i) co_await write(static_cast<Address>(first + 4 * i), words[i]);
  }
  /// Awaited: the register is read until it has that word.
  Task until(Address address, std::uint32_t word) {
    Awaited awaited{word};
    for (bool there = false; !there;) {  // GCC 12 makes a trap of a loop whose condition waits
      awaited.last = co_await Read(*this, aligned(address), &awaited);
      there = awaited.last == word;
    }
  }

 private:
  template <class Answer>
  bool answered(const Answer& answer, bool taken, const char* what, Address address) {
    if (answer.moved() && !taken)
      broken(fmt::format("answers a {} of address {:#x} that it has not taken", what, address));
    return answer.moved() && taken;
  }
  Address aligned(Address address) const {
    if (address % 4 == 0) return address;
    throw base::InputError("adapter", name_, fmt::format("address {:#x}: expected a multiple of 4", address));
  }
  [[nodiscard]] std::string text(const char* what, Address address, bool taken) const {
    return fmt::format("for {}: {} of address {:#x}{}", name_, what, address, taken ? ", taken, not answered" : "");
  }
  void judge(std::uint8_t response, Address address) {
    if (response != 0) broken(fmt::format("answers {} to address {:#x}", response, address));
  }
  void broken(const std::string& rule) { bench_.broken(fmt::format("cycle {}: {}: {}", bench_.now(), name_, rule)); }

  Bench& bench_;
  std::string name_;
  ReadPins read_pins_;
  Source<Address> aw_;
  Source<std::uint32_t> w_;
  Sink<std::uint8_t> b_;
  Source<Address> ar_;
  Sink<ReadPins> r_;
};

}  // namespace systole::sequence
