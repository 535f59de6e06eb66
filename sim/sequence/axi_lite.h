// SPDX-License-Identifier: Apache-2.0
#pragma once
// AXI4-Lite from the master's side (ARM IHI 0022, part B): one access at a time, 32-bit data.
#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <utility>

#include "base/input_error.h"
#include "sim/sequence/bench.h"
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

/// Writes and reads registers of the design. An answer that nobody asked for, another one than OKAY, or one that does
/// not hold until it is taken, breaks a rule.
template <class Address>
class AxiLiteMaster final : public Part {
 public:
  AxiLiteMaster(Bench& bench, const std::string& name, AxiLitePins<Address> pins)
      : Part(bench, name),
        pins_(pins),
        address_stalls_(name + ".a", false),
        data_stalls_(name + ".w", false),
        answer_stalls_(name + ".r", true) {}

  /// Awaited: until the answer has come; a read gives its word.
  class Access final : public Wait {
   public:
    Access(AxiLiteMaster& master, bool write, Address address, std::uint32_t data)
        : master_(master), write_(write), address_(address), data_(data) {}
    bool over() override { return answered_; }
    [[nodiscard]] std::string text() const override {
      return fmt::format("for {}: {} of address {:#x}{}", master_.name(), write_ ? "a write" : "a read", address_,
                         address_taken_ && data_taken_ ? ", taken, not answered" : "");
    }
    static bool await_ready() { return false; }
    void await_suspend(std::coroutine_handle<> caller) {
      if (master_.access_ != nullptr)
        throw base::InputError("adapter", master_.name(), "two sequences access it at once");
      master_.access_ = this;
      data_taken_ = !write_;
      master_.bench().wait(*this, caller);
    }
    [[nodiscard]] std::uint32_t await_resume() const { return data_; }

   private:
    friend class AxiLiteMaster;
    AxiLiteMaster& master_;
    bool write_;
    Address address_;
    std::uint32_t data_;
    bool address_taken_ = false, data_taken_ = false, answered_ = false;
  };

  /// As Access, for statements whose value nobody needs.
  class Write {
   public:
    explicit Write(Access access) : access_(access.master_, true, access.address_, access.data_) {}
    static bool await_ready() { return false; }
    void await_suspend(std::coroutine_handle<> caller) { access_.await_suspend(caller); }
    static void await_resume() {}

   private:
    Access access_;
  };

  [[nodiscard]] Access read(Address address) { return {*this, false, address, 0}; }
  [[nodiscard]] Write write(Address address, std::uint32_t data) { return Write({*this, true, address, data}); }

  void reset() override {
    access_ = nullptr;
    write_answer_ = read_answer_ = {};
    pins_.awvalid = pins_.wvalid = pins_.arvalid = pins_.bready = pins_.rready = 0;
    for (Withholding* stalls : {&address_stalls_, &data_stalls_, &answer_stalls_}) stalls->choose(bench());
  }

  void drive() override {
    const bool write = access_ != nullptr && access_->write_, read = access_ != nullptr && !access_->write_;
    const bool address = access_ != nullptr && !access_->address_taken_, data = write && !access_->data_taken_;
    const bool may_address = !address_stalls_.withheld(bench().now()), may_data = !data_stalls_.withheld(bench().now());
    const bool may_answer = !answer_stalls_.withheld(bench().now());
    offer(pins_.awvalid, write && address, may_address);
    offer(pins_.arvalid, read && address, may_address);
    offer(pins_.wvalid, data, may_data);
    if (pins_.awvalid != 0) pins_.awaddr = access_->address_;
    if (pins_.arvalid != 0) pins_.araddr = access_->address_;
    if (pins_.wvalid != 0) pins_.wdata = access_->data_;
    pins_.bready = static_cast<std::uint8_t>(write && may_answer);
    pins_.rready = static_cast<std::uint8_t>(read && may_answer);
  }

  void sample() override {
    if (!write_answer_.holds(pins_.bvalid, pins_.bresp, 0)) return broken("an answer to a write did not wait");
    if (!read_answer_.holds(pins_.rvalid, pins_.rresp, pins_.rdata)) return broken("an answer to a read did not wait");
    write_answer_ = {pins_.bvalid != 0 && pins_.bready == 0, pins_.bresp, 0};
    read_answer_ = {pins_.rvalid != 0 && pins_.rready == 0, pins_.rresp, pins_.rdata};
    if (pins_.bvalid != 0 && (access_ == nullptr || !access_->write_ || !taken())) return broken("answers no write");
    if (pins_.rvalid != 0 && (access_ == nullptr || access_->write_ || !taken())) return broken("answers no read");
    if (pins_.awvalid != 0 && pins_.awready != 0) access_->address_taken_ = true;
    if (pins_.arvalid != 0 && pins_.arready != 0) access_->address_taken_ = true;
    if (pins_.wvalid != 0 && pins_.wready != 0) access_->data_taken_ = true;
    if (pins_.bvalid != 0 && pins_.bready != 0) answer(pins_.bresp);
    if (access_ != nullptr && pins_.rvalid != 0 && pins_.rready != 0) {
      access_->data_ = pins_.rdata;
      answer(pins_.rresp);
    }
  }

 private:
  /// What stands at the pins of an answer and was not taken at the last edge.
  struct Waiting {
    bool waits = false;
    std::uint8_t response = 0;
    std::uint32_t data = 0;
    [[nodiscard]] bool holds(std::uint8_t valid, std::uint8_t new_response, std::uint32_t new_data) const {
      return !waits || (valid != 0 && new_response == response && new_data == data);
    }
  };

  [[nodiscard]] bool taken() const { return access_->address_taken_ && access_->data_taken_; }

  /// valid, once 1, stays until it is taken.
  static void offer(std::uint8_t& valid, bool wanted, bool may) {
    valid = static_cast<std::uint8_t>(wanted && (may || valid != 0));
  }

  void answer(std::uint8_t response) {
    if (response != 0) broken(fmt::format("answers {} to address {:#x}", response, access_->address_));
    access_->answered_ = true;
    access_ = nullptr;
  }
  void broken(const std::string& rule) { bench().broken(fmt::format("cycle {}: {}: {}", bench().now(), name(), rule)); }

  AxiLitePins<Address> pins_;
  Withholding address_stalls_, data_stalls_, answer_stalls_;
  Access* access_ = nullptr;
  Waiting write_answer_, read_answer_;
};

}  // namespace systole::sequence
