// SPDX-License-Identifier: Apache-2.0
#pragma once
// A memory behind AXI4 (ARM IHI 0022, part A), for designs that are masters: INCR bursts of full-width beats with one
// ID, in order. What else AXI4 has is refused by name: FIXED and WRAP bursts, narrow beats, unaligned addresses, a
// second ID. Exclusive accesses, caches and protection have no pins here.
#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "sim/sequence/bench.h"
#include "sim/sequence/memory.h"
#include "sim/sequence/port_value.h"
#include "sim/sequence/stream.h"
#include "sim/sequence/task.h"

namespace systole::sequence {

/// Pins of a master's address channel; `id` is null where it has none.
template <class Address>
struct AxiAddressPins {
  const std::uint8_t& valid;
  std::uint8_t& ready;
  Address& address;
  std::uint8_t& length;
  std::uint8_t& size;
  std::uint8_t& burst;
  std::uint8_t* id = nullptr;
};
template <class Data>
struct AxiReadPins {
  std::uint8_t& valid;
  const std::uint8_t& ready;
  Data& data;
  std::uint8_t& response;
  std::uint8_t& last;
  std::uint8_t* id = nullptr;
};
template <class Data, class Strobes>
struct AxiWritePins {
  const std::uint8_t& valid;
  std::uint8_t& ready;
  Data& data;
  Strobes& strobes;
  const std::uint8_t& last;
};
struct AxiResponsePins {
  std::uint8_t& valid;
  const std::uint8_t& ready;
  std::uint8_t& response;
  std::uint8_t* id = nullptr;
};

/// Cycles from an address, or from the last beat of a write, to the answer's first valid, stalls not counted; bursts of
/// a direction that it takes before it has answered the first.
struct AxiTiming {
  std::uint64_t read_latency = 8, write_latency = 4;
  std::size_t ahead = 4;
};

/// Reads of the words that it holds and writes into them; byte address 0 is word 0. Besides what it refuses, these are
/// broken rules: a burst across 4 KiB or beyond the words, last at another beat than the final one, pins of a channel
/// that change before its beat has moved, and a read of a word that nobody has written.
template <class Address, class Data, class Strobes>
class AxiMemory {
 public:
  using Value = ValueOf<Data>;
  static constexpr std::size_t kBytes = sizeof(Value);

  AxiMemory(Bench& bench, const std::string& name, Words<Value>& words, AxiAddressPins<Address> ar, AxiReadPins<Data> r,
            AxiAddressPins<Address> aw, AxiWritePins<Data, Strobes> w, AxiResponsePins b, AxiTiming timing = {})
      : bench_(bench),
        words_(words),
        timing_(timing),
        reads_(bench, name + ".ar", ar),
        writes_(bench, name + ".aw", aw),
        r_pins_(r),
        b_pins_(b),
        w_pins_(w.data, w.strobes),
        r_(bench, name + ".r", r.valid, r.ready, r.data, &r.last),
        w_(bench, name + ".w", w.valid, w.ready, w_pins_, &w.last),
        b_(bench, name + ".b", b.valid, b.ready, b.response) {
    r_.may_be_left();
    w_.may_be_left();
    b_.may_be_left();
  }

  /// Answers from now on until the run ends; once in each run.
  void serve() {
    id_.reset();
    for (Channel* channel : {&reads_, &writes_}) {
      channel->bursts.clear();
      bench_.fork(take(*channel), channel->sink.name());
    }
    bench_.fork(read(), r_.name());
    bench_.fork(write(), w_.name());
  }

 private:
  struct Burst {
    std::size_t word, beats;
    std::uint64_t due;
    std::uint8_t id;
  };
  struct Channel {
    Channel(Bench& bench, std::string name, AxiAddressPins<Address> channel)
        : pins(channel.address, channel.length, channel.size, channel.burst,
               channel.id != nullptr ? *channel.id : no_id),
          sink(bench, std::move(name), channel.valid, channel.ready, pins) {}
    std::uint8_t no_id = 0;
    Pins<Address, std::uint8_t, std::uint8_t, std::uint8_t, std::uint8_t> pins;
    Sink<decltype(pins)> sink;
    std::deque<Burst> bursts;  ///< taken, not answered
  };

  Task take(Channel& channel) {
    for (;;) {
      co_await bench_.until([&] { return channel.bursts.size() < timing_.ahead; }, "for an answer");
      const auto [address, length, size, burst, id] = co_await channel.sink.receive();
      const std::size_t beats = length + std::size_t{1};
      if (!id_) id_ = id;
      if (const std::string fault = fault_of(address, beats, size, burst, id); !fault.empty()) {
        broken(channel, fmt::format("{}, address {:#x}", fault, address));
      }
      channel.bursts.push_back({address / kBytes, beats, bench_.now() + timing_.read_latency, id});
    }
  }

  Task read() {
    std::deque<Burst>& bursts = reads_.bursts;
    for (;;) {
      co_await bench_.until([&] { return !bursts.empty() && bench_.now() >= bursts.front().due; }, "for a read");
      const Burst burst = bursts.front();
      read_.resize(burst.beats);
      for (std::size_t i = 0; i < burst.beats; ++i) read_[i] = word(burst.word + i);
      if (r_pins_.id != nullptr) *r_pins_.id = burst.id;
      r_pins_.response = 0;
      co_await r_.send(read_, true);
      bursts.pop_front();
    }
  }

  Task write() {
    std::deque<Burst>& bursts = writes_.bursts;
    for (;;) {
      co_await bench_.until([&] { return !bursts.empty(); }, "for a write");
      const Burst burst = bursts.front();
      written_.resize(burst.beats);
      co_await w_.receive(written_, true);
      for (std::size_t i = 0; i < burst.beats && burst.word + i < words_.depth(); ++i) {
        const auto& [data, strobes] = written_[i];
        const auto origin = bench_.log() != nullptr ? bench_.log()->at(&written_[i]) : std::nullopt;
        words_.write(burst.word + i, data, bench_.now(), Lanes<Strobes>{strobes, kBytes}.template mask<Value>(),
                     origin ? std::optional(Writer{&bench_, *origin}) : std::nullopt);
      }
      co_await bench_.cycles(timing_.write_latency);
      if (b_pins_.id != nullptr) *b_pins_.id = burst.id;
      co_await b_.send(std::uint8_t{0});
      bursts.pop_front();
    }
  }

  Value word(std::size_t i) {
    const std::optional<Value> found = i < words_.depth() ? words_.before(i, bench_.now()) : std::nullopt;
    if (!found && i < words_.depth()) broken(reads_, fmt::format("reads {:#x}, {}", i * kBytes, words_.missing(i)));
    return found.value_or(Value{});
  }

  /// What this memory does not do, or the rule that the burst breaks; empty where it is fine.
  std::string fault_of(std::size_t address, std::size_t beats, unsigned size, unsigned burst, unsigned id) const {
    constexpr std::size_t kPage = 4096;
    constexpr unsigned kFixed = 0, kIncr = 1;
    if (burst != kIncr) return fmt::format("a {} burst, this memory does INCR", burst == kFixed ? "FIXED" : "WRAP");
    if (1U << size != kBytes) return fmt::format("beats of {} bytes, this memory does {}", 1U << size, kBytes);
    if (address % kBytes != 0) return "an unaligned burst, this memory does whole words";
    if (id != *id_) return fmt::format("ID {} beside {}, this memory does one", id, *id_);
    if (address % kPage + beats * kBytes > kPage) return "a burst across 4 KiB";
    if (address / kBytes + beats > words_.depth()) return fmt::format("a burst beyond its {} words", words_.depth());
    return {};
  }

  void broken(const Channel& channel, const std::string& rule) {
    bench_.broken(fmt::format("cycle {}: {}: {}", bench_.now(), channel.sink.name(), rule));
  }

  Bench& bench_;
  Words<Value>& words_;
  AxiTiming timing_;
  Channel reads_, writes_;
  AxiReadPins<Data> r_pins_;
  AxiResponsePins b_pins_;
  Pins<Data, Strobes> w_pins_;
  Source<Data> r_;
  Sink<Pins<Data, Strobes>> w_;
  Source<std::uint8_t> b_;
  std::optional<std::uint8_t> id_;  ///< of this run
  std::vector<Value> read_;
  std::vector<ValueOf<Pins<Data, Strobes>>> written_;
};

}  // namespace systole::sequence
