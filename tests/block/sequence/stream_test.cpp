// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "tests/block/sequence/partner.h"

namespace systole::test {
namespace {

using kernel::Outcome;
using kernel::Stall;
using Beats = std::vector<CData>;

constexpr int kWires = 0, kSkid = 2, kValidAlone = 3;

Beats counted(std::size_t count) {
  Beats beats(count);
  for (std::size_t i = 0; i < count; ++i) beats[i] = static_cast<CData>(7 * i + 3);
  return beats;
}

/// What a run did: the beats that came, when each had moved, how it ended.
struct Play {
  Beats beats;
  std::vector<std::uint64_t> cycles;
  sequence::Ended ended;
  bool operator==(const Play& other) const {
    return beats == other.beats && cycles == other.cycles && ended.outcome == other.ended.outcome &&
           ended.cycles == other.ended.cycles;
  }
};

/// Beat by beat, so that each one's cycle is seen; the last flag counts from the first beat on.
Task relay(Partner& partner, const Beats& beats, Play& play) {
  const std::size_t sender = partner.bench.fork(partner.in.feed(beats, true), "the sender");
  for (std::size_t i = 0; i < beats.size(); ++i) {
    CData beat = 0;
    co_await partner.out.receive({&beat, 1}, i + 1 == beats.size());
    play.beats.push_back(beat);
    play.cycles.push_back(partner.bench.now());
  }
  co_await partner.bench.join(sender);
}

Play played(int kind, Stall stall, std::uint64_t seed, std::uint64_t shuffle = 0) {
  Partner partner(kind);
  partner.bench.choose(stall, seed, "stream_test");
  partner.bench.shuffle(shuffle);
  const Beats beats = counted(60);
  Play play;
  play.ended = partner.run(relay(partner, beats, play));
  return play;
}

TEST_CASE("block.sequence.stream.relays_in_order_whatever_stalls") {
  for (int kind = kWires; kind <= kSkid; ++kind) {
    for (const Stall stall : {Stall::none, Stall::in, Stall::out, Stall::both, Stall::bursts}) {
      for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        CAPTURE(kind);
        CAPTURE(seed);
        const Play play = played(kind, stall, seed);
        CHECK(play.ended.outcome == Outcome::passed);
        CHECK(play.ended.detail.empty());
        CHECK(play.beats == counted(60));
      }
    }
  }
}

TEST_CASE("block.sequence.stream.a_word_is_traced_to_its_beat") {
  Partner partner(kSkid);
  sequence::WordLog log;
  partner.bench.log(&log);
  const auto number = [&](const CData& place) {
    const auto origin = log.at(&place);
    REQUIRE(origin.has_value());
    CHECK(partner.bench.part(origin->part) == &partner.out);
    return origin->number;
  };
  const auto task = [&]() -> Task {
    const Beats beats = counted(10);
    const std::size_t sender = partner.bench.fork(partner.in.feed(beats, true), "the sender");
    Beats four(4), five(5);
    co_await partner.out.receive(four);
    const CData& one = co_await partner.out.receive();
    CHECK(number(one) == 4);
    co_await partner.out.receive(five, true);
    for (std::size_t i = 0; i < 4; ++i) CHECK(number(four[i]) == i);
    for (std::size_t i = 0; i < 5; ++i) CHECK(number(five[i]) == 5 + i);
    const CData copy = five[0];
    CHECK_FALSE(log.at(&copy).has_value());
    CHECK(sequence::signed_field(five[0], 4, 1).word == &five[0]);
    co_await partner.bench.join(sender);
  };
  CHECK(partner.run(task()).outcome == Outcome::passed);
}

TEST_CASE("block.sequence.stream.moves_a_beat_every_cycle") {
  const Play wires = played(kWires, Stall::none, 1);
  for (std::size_t i = 1; i < wires.cycles.size(); ++i) CHECK(wires.cycles[i] == wires.cycles[i - 1] + 1);
  CHECK(played(kSkid, Stall::none, 1).ended.cycles == wires.ended.cycles + 1);
}

TEST_CASE("block.sequence.stream.valid_alone_needs_a_receiver_that_takes_all") {
  Partner partner(kValidAlone);
  const Beats beats = counted(40);
  Beats came(40);
  const auto body = [](Partner& p, const Beats& sent, Beats& received) -> Task {
    p.bench.fork(p.in.feed(sent, true), "the sender");
    co_await p.out.receive(received, true);
  };
  CHECK(partner.run(body(partner, beats, came)).outcome == Outcome::passed);
  CHECK(came == beats);
}

/// A run that is given up in the middle of a transfer, then a whole one on the same model.
TEST_CASE("block.sequence.stream.reset_in_a_transfer_leaves_nothing_behind") {
  const Beats beats = counted(60);
  for (int kind = kWires; kind <= kSkid; ++kind) {
    for (std::uint64_t cut = 3; cut < 30; ++cut) {
      CAPTURE(kind);
      CAPTURE(cut);
      Partner partner(kind);
      partner.bench.choose(Stall::both, 3, "stream_test");
      Play half, whole;
      CHECK(partner.bench.run(relay(partner, beats, half), cut).outcome == Outcome::timeout);
      whole.ended = partner.run(relay(partner, beats, whole));
      CHECK(whole == played(kind, Stall::both, 3));
    }
  }
}

/// What a forked sequence has not sent when the first one ends is left, unless the stream answers the design.
TEST_CASE("block.sequence.stream.beats_left_at_the_end_are_named") {
  for (int kind = kWires; kind <= kSkid; ++kind) {
    const auto body = [](Partner& p, std::size_t sent, std::size_t received) -> Task {
      const Beats beats = counted(sent);  // gone with the end
      Beats came(received);
      p.bench.fork([](Partner& q, const Beats& all) -> Task { co_await q.in.send(all); }(p, beats), "the sender");
      co_await p.out.receive(came);
    };
    Partner partner(kind);
    CHECK(partner.run(body(partner, 20, 20)).outcome == Outcome::passed);
    const sequence::Ended ended = partner.run(body(partner, 24, 20));
    CHECK(ended.outcome == Outcome::input_left);
    CHECK(ended.detail.find("before the design had taken all that is sent to it: in: ") != std::string::npos);
    CHECK(ended.detail.ends_with(" of 24 beats; send less, or join what is forked"));
  }
  Partner partner(kWires);
  const auto answers = [](Partner& p) -> Task {
    p.bench.fork(p.in.feed(counted(5)), "the sender");
    co_await p.bench.cycles(3);
  };
  partner.in.may_be_left();
  CHECK(partner.run(answers(partner)).outcome == Outcome::unexpected_output);  // its beats stand before the sink
}

/// What a forked sequence waits for may lie where the first one had it.
TEST_CASE("block.sequence.stream.nothing_is_received_behind_the_end") {
  Partner partner(kSkid);
  const auto body = [](Partner& p, std::size_t received) -> Task {
    const Beats beats = counted(20);
    Beats came(received);
    const std::size_t sender = p.bench.fork(p.in.feed(beats), "the sender");
    p.bench.fork([](Partner& q, Beats& all) -> Task { co_await q.out.receive(all); }(p, came), "the receiver");
    co_await p.bench.join(sender);
  };
  const sequence::Ended ended = partner.run(body(partner, 24));
  CHECK(ended.outcome == Outcome::unexpected_output);
  CHECK(ended.detail == "out: a beat that nobody asked for");
}

std::string rule_broken(int bug, Stall stall) {
  Partner partner(kSkid, bug);
  partner.bench.choose(stall, 5, "stream_test");
  Play play;
  const Beats beats = counted(60);
  const sequence::Ended ended = partner.run(relay(partner, beats, play));
  CHECK(ended.outcome == Outcome::mismatch);
  return ended.detail.substr(ended.detail.find(": ") + 2);
}

TEST_CASE("block.sequence.stream.sees_each_broken_rule") {
  CHECK(rule_broken(1, Stall::out) == "out: valid fell before the beat had moved");
  CHECK(rule_broken(2, Stall::out) == "out: data changed before the beat had moved");
  CHECK(rule_broken(3, Stall::none) == "out: last is 0 with beat 1 of 1");
}

TEST_CASE("block.sequence.stream.a_beat_too_many_is_unexpected") {
  Partner partner(kSkid);
  const Beats beats = counted(5);
  const auto body = [](Partner& p, const Beats& sent) -> Task {
    p.bench.fork(p.in.feed(sent, true), "the sender");
    Beats received(4);
    co_await p.out.receive(received);
  };
  const sequence::Ended ended = partner.run(body(partner, beats));
  CHECK(ended.outcome == Outcome::unexpected_output);
  CHECK(ended.detail == "out: a beat that nobody asked for");
}

TEST_CASE("block.sequence.stream.who_waits_for_whom") {
  Partner partner(kWires);
  const auto body = [](Partner& p) -> Task {
    Beats received(4);
    co_await p.out.receive(received);
  };
  const sequence::Ended ended = partner.run(body(partner), 50);
  CHECK(ended.outcome == Outcome::timeout);
  CHECK(ended.detail == "50 cycles, and the sequence waits for out: 0 of 4 beats came, valid is 0");
}

TEST_CASE("block.sequence.stream.two_senders_at_once_are_the_adapters_fault") {
  Partner partner(kWires);
  const Beats beats = counted(5);
  const auto body = [](Partner& p, const Beats& sent) -> Task {
    p.bench.fork(p.in.feed(sent, true), "the sender");
    co_await p.in.feed(sent, true);
  };
  CHECK_THROWS_WITH(partner.run(body(partner, beats)), "adapter: in: two sequences send at once");
}

/// The relay of valid alone, between streams that have no ready.
struct Alone {
  PartnerModel dut;
  Vpartner& top = dut.model();
  Bench bench{dut, {.clock = &top.clk_i, .reset = &top.rst_ni}};
  Source<CData> in{bench, "in", top.in_valid_i, top.in_data_i, &top.in_last_i};
  Beats sent = counted(40), came = Beats(40);

  explicit Alone(Stall stall, std::uint64_t seed = 1, int bug = 0) {
    top.kind_i = kValidAlone;
    top.bug_i = static_cast<CData>(bug);
    bench.choose(stall, seed, "stream_test");
    bench.shuffle(seed);
  }
  Task send() { co_await in.send(sent, true); }
  Task relay(Sink<CData>& out, bool ends) {
    bench.fork(send(), "the sender");
    co_await out.receive(came, ends);
  }
  sequence::Ended run(Sink<CData>& out, bool ends = true) { return bench.run(relay(out, ends), 1000); }
  Sink<CData> sink() { return {bench, "out", top.out_valid_o, top.out_data_o, &top.out_last_o}; }
};

TEST_CASE("block.sequence.stream.without_ready_only_the_source_leaves_gaps") {
  for (const Stall stall : {Stall::none, Stall::in, Stall::out, Stall::both, Stall::bursts}) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      CAPTURE(seed);
      Alone alone(stall, seed);
      Sink<CData> out = alone.sink();
      out.follow(alone.in.moves(), 1);
      const sequence::Ended ended = alone.run(out);
      CHECK(ended.outcome == Outcome::passed);
      CHECK(ended.detail.empty());
      CHECK(alone.came == alone.sent);
      if (stall == Stall::none || stall == Stall::out) CHECK(ended.cycles == alone.sent.size() + 1);
      if (stall == Stall::in || stall == Stall::both) CHECK(ended.cycles > alone.sent.size() + 1);
    }
  }
}

/// Of a run that is cut after `cut` cycles and then a whole one on the same model: when each beat came.
Play played_alone(std::uint64_t shuffle, std::uint64_t cut = 0) {
  Alone alone(Stall::in, 3);
  alone.bench.shuffle(shuffle);
  Sink<CData> out = alone.sink();
  out.follow(alone.in.moves(), 1);
  Play play;
  const auto body = [&]() -> Task {
    play = {};
    alone.bench.fork(alone.send(), "the sender");
    for (std::size_t i = 0; i < alone.sent.size(); ++i) {
      play.beats.push_back(co_await out.receive());
      play.cycles.push_back(alone.bench.now());
    }
  };
  if (cut != 0) CHECK(alone.bench.run(body(), cut).outcome == Outcome::timeout);
  play.ended = alone.bench.run(body(), 1000);
  return play;
}

TEST_CASE("block.sequence.stream.without_ready_order_and_resets_mean_nothing") {
  const Play first = played_alone(0);
  CHECK(first.ended.outcome == Outcome::passed);
  CHECK(first.beats == counted(40));
  for (std::uint64_t shuffle = 1; shuffle <= 1000; ++shuffle) {
    CAPTURE(shuffle);
    REQUIRE(played_alone(shuffle) == first);
  }
  for (std::uint64_t cut = 3; cut < 30; ++cut) {
    CAPTURE(cut);
    CHECK(played_alone(cut, cut) == first);
  }
}

TEST_CASE("block.sequence.stream.without_ready_a_latency_is_a_rule") {
  Alone other(Stall::in);
  Sink<CData> out = other.sink();
  out.follow(other.in.moves(), 2);
  CHECK(other.run(out).detail.find("out: a beat without an input 2 cycles before") != std::string::npos);
  Alone pushed(Stall::in, 1, 7);
  Sink<CData> late = pushed.sink();
  late.follow(pushed.in.moves(), 1);
  CHECK(pushed.run(late).detail.find("out: a beat without an input 1 cycles before") != std::string::npos);
  CHECK_THROWS_WITH(out.follow(other.in.moves(), 0), "adapter: out: expected a latency of 1 .. 64");
  Partner partner(kSkid);
  CHECK_THROWS_WITH(partner.out.follow(partner.in.moves(), 1), "adapter: out: what can wait has no fixed latency");
}

TEST_CASE("block.sequence.stream.without_ready_nobody_waits_for_a_receiver") {
  Alone alone(Stall::none);
  const Sink<CData> out = alone.sink();
  const sequence::Ended ended = alone.bench.run(alone.send(), 1000);
  CHECK(ended.outcome == Outcome::mismatch);
  CHECK(ended.detail == "cycle 1: out: a beat that nobody asked for, and it cannot wait");
}

TEST_CASE("block.sequence.stream.without_valid_beats_come_after_a_latency") {
  for (const Stall stall : {Stall::none, Stall::in, Stall::bursts}) {
    Alone alone(stall, 3);
    Sink<CData> out(alone.bench, "out", alone.top.out_data_o, alone.in.moves(), 1);
    CHECK(alone.run(out, false).outcome == Outcome::passed);
    CHECK(alone.came == alone.sent);
  }
  Alone alone(Stall::in, 3);
  Sink<CData> late(alone.bench, "out", alone.top.out_data_o, alone.in.moves(), 2);
  CHECK(alone.run(late, false).outcome == Outcome::passed);
  CHECK(alone.came != alone.sent);
}

/// What the wires show in each cycle while instruction words go by.
std::vector<CData> words_shown(Stall stall, const Beats& words, CData idle) {
  PartnerModel dut;
  Vpartner& top = dut.model();
  Bench bench{dut, {.clock = &top.clk_i, .reset = &top.rst_ni}};
  Source<CData> in{bench, "in", top.in_data_i, {.beat = idle}};
  top.kind_i = kWires;
  bench.choose(stall, 3, "stream_test");
  std::vector<CData> shown;
  const auto watch = [&]() -> Task {
    for (;;) {
      co_await bench.cycle();
      shown.push_back(top.out_data_o);
    }
  };
  const auto send = [&]() -> Task {
    bench.fork(watch(), "the watcher");
    co_await in.send(words.front());
    co_await in.send(std::span(words).subspan(1));
  };
  CHECK(bench.run(send(), 1000).outcome == Outcome::passed);
  return shown;
}

TEST_CASE("block.sequence.stream.an_instruction_word_is_there_for_one_edge") {
  const Beats words{5, 6, 6, 9, 5, 7, 7, 7};
  CHECK(words_shown(Stall::none, words, 0) == words);
  CHECK(words_shown(Stall::out, words, 0) == words);
  std::vector<CData> gaps = words_shown(Stall::in, words, 1);
  CHECK(gaps.size() > words.size());
  std::erase(gaps, CData{1});
  CHECK(gaps == words);
}

TEST_CASE("block.sequence.stream.one_beat_at_a_time") {
  Partner partner(kSkid);
  Beats came;
  const auto body = [](Partner& p, Beats& received) -> Task {
    for (CData beat = 3; beat < 9; ++beat) {
      co_await p.in.send(beat);
      received.push_back(co_await p.out.receive());
    }
  };
  CHECK(partner.run(body(partner, came)).outcome == Outcome::passed);
  CHECK(came == Beats{3, 4, 5, 6, 7, 8});
}

/// Data and byte enables that move together, as tdata and tkeep do: the relay's last is the enable of its one byte.
struct Kept {
  PartnerModel dut;
  Vpartner& top = dut.model();
  Bench bench{dut, {.clock = &top.clk_i, .reset = &top.rst_ni}};
  systole::Pins<CData, CData> sent{top.in_data_i, top.in_last_i}, came{top.out_data_o, top.out_last_o};
  Source<decltype(sent)> in{bench, "in", top.in_valid_i, top.in_ready_o, sent};
  Sink<decltype(came)> out{bench, "out", top.out_valid_o, top.out_ready_i, came};
  std::vector<std::tuple<CData, CData>> beats, received;

  Kept(Stall stall, int bug = 0) {
    top.kind_i = kSkid;
    top.bug_i = static_cast<CData>(bug);
    bench.choose(stall, 5, "stream_test");
    for (int i = 0; i < 60; ++i) beats.emplace_back(static_cast<CData>(7 * i), static_cast<CData>(i % 3 == 0));
    received.resize(beats.size());
  }
  Task send() { co_await in.send(beats); }
  Task relay() {
    bench.fork(send(), "the sender");
    co_await out.receive(received);
  }
};

TEST_CASE("block.sequence.stream.pins_that_move_together") {
  for (const Stall stall : {Stall::none, Stall::in, Stall::out, Stall::both, Stall::bursts}) {
    Kept kept(stall);
    CHECK(kept.bench.run(kept.relay(), 1000).outcome == Outcome::passed);
    CHECK(kept.received == kept.beats);
  }
  Kept kept(Stall::both);
  Layer layer;
  layer.out_h = 60;
  layer.out_w = layer.out_c = 1;
  LayerRun run(layer, {});
  const systole::Tile all{.channels = 1, .pixels = 60};
  const auto collected = [&]() -> Task {
    kept.bench.fork(kept.send(), "the sender");
    co_await collect(run, kept.out, all, 8);
  };
  CHECK(kept.bench.run(collected(), 1000).outcome == Outcome::passed);
  for (int i = 0; i < 60; ++i) CHECK(run.outputs().at(i, 0, 0) == static_cast<std::int8_t>(7 * i));
  Kept changes(Stall::out, 3);  // the enable of another beat
  CHECK(changes.bench.run(changes.relay(), 1000).detail.find("out: data changed before the beat had moved") !=
        std::string::npos);
}

}  // namespace
}  // namespace systole::test
