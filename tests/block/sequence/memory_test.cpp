// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <array>
#include <memory>
#include <numeric>
#include <optional>
#include <vector>

#include "tests/block/sequence/partner.h"

namespace systole::test {
namespace {

using kernel::Outcome;
using Memory = Words<SData>;

constexpr std::size_t kDepth = 17, kWords = 16;

/// The copier between two memories.
struct Copier {
  Partner partner;
  Memory from{kDepth}, to{kWords};
  ReadPort<CData, SData> read;
  WritePort<CData, SData> write;

  explicit Copier(std::size_t latency, int bug = 0)
      : partner(0, bug),
        read(partner.bench, "source", from, &partner.top.read_o, partner.top.read_addr_o, partner.top.read_data_i,
             latency),
        write(partner.bench, "target", to, partner.top.write_o, partner.top.write_addr_o, partner.top.write_data_o) {
    partner.top.latency_i = static_cast<CData>(latency);
    for (std::size_t i = 0; i < kWords; ++i) from.set(i, static_cast<SData>(1000 * i + 77));
  }

  Task copy() {
    partner.top.start_i = 1;
    co_await partner.bench.cycle();
    partner.top.start_i = 0;
    co_await partner.bench.until([this] { return partner.top.done_o != 0; }, "until done_o is 1");
  }
  sequence::Ended run(std::uint64_t shuffle = 0) {
    partner.bench.shuffle(shuffle);
    return partner.run(copy());
  }
};

TEST_CASE("block.sequence.memory.every_latency") {
  for (std::size_t latency = 0; latency <= 3; ++latency) {
    for (std::uint64_t shuffle = 0; shuffle < 20; ++shuffle) {
      CAPTURE(latency);
      Copier copier(latency);
      const sequence::Ended ended = copier.run(shuffle);
      CHECK(ended.outcome == Outcome::passed);
      CHECK(ended.detail.empty());
      CHECK(ended.cycles == 1 + kWords + 3);  // the copier waits for the longest
      for (std::size_t i = 0; i < kWords; ++i) CHECK(copier.to.at(i) == static_cast<SData>(1000 * i + 77));
    }
  }
}

TEST_CASE("block.sequence.memory.a_latency_that_is_not_the_designs") {
  Copier copier(2);
  copier.partner.top.latency_i = 1;
  (void)copier.run();
  CHECK(copier.to.at(1) != static_cast<SData>(1077));
}

TEST_CASE("block.sequence.memory.a_word_that_nobody_wrote") {
  Copier copier(1, 4);
  CHECK(copier.run().detail == "cycle 17: source: reads address 16, a word that nobody has written");
}

TEST_CASE("block.sequence.memory.an_address_beyond_the_words") {
  Copier copier(1, 4);
  copier.from.set(16, 1);
  const sequence::Ended ended = copier.run();
  CHECK(ended.outcome == Outcome::mismatch);
  CHECK(ended.detail == "cycle 18: target: writes address 16, beyond its 16 words");
}

TEST_CASE("block.sequence.memory.same_edge") {
  Memory words(4);
  words.set(2, 5);
  words.write(2, 6, 10);
  CHECK(words.before(2, 10) == SData{5});
  CHECK(words.before(2, 11) == SData{6});
  words.write(2, 7, 11);
  words.write(3, 8, 12);
  CHECK(words.before(2, 12) == SData{7});
  CHECK_FALSE(words.before(3, 12).has_value());
  CHECK(words.at(3) == SData{8});
}

/// Edges count from 0 again in the next run, where the last write of the one before is an old one.
TEST_CASE("block.sequence.memory.the_last_write_is_there_in_the_next_run") {
  Copier copier(1);
  copier.to.write(3, 9, 1000);
  copier.partner.bench.run([](Partner& p) -> Task { co_await p.bench.cycle(); }(copier.partner), 10);
  CHECK(copier.to.before(3, 0) == SData{9});
}

TEST_CASE("block.sequence.memory.new_words") {
  Memory words(4);
  words.set(2, 5);
  words.write(1, 6, 10);
  words.clear(3);
  CHECK(words.depth() == 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK_FALSE(words.at(i).has_value());
  words.write(1, 6, 10);
  words.load({7, 8});
  CHECK(words.depth() == 2);
  CHECK(words.at(0) == SData{7});
  CHECK(words.at(1) == SData{8});
}

TEST_CASE("block.sequence.memory.fields_of_a_word") {
  const auto value = [](int i) { return 3 * i - 7; };
  CHECK(sequence::packed<CData>(2, 4, value) == CData{0b10'11'00'01});
  const auto wide = sequence::packed<std::array<std::uint32_t, 3>>(7, 13, value);  // fields 4 and 9 lie in two words
  for (int i = 0; i < 13; ++i) CHECK(sequence::signed_field(wide, 7, i) == value(i));
  const auto whole = sequence::packed<QData>(32, 2, value);
  CHECK(sequence::signed_field(whole, 32, 1) == -4);
  CHECK(sequence::signed_field(whole, 32, 0) == -7);
}

/// What each word at `words` is said to be, its number or -1.
template <class Words>
std::vector<int> numbers(Words& words, const sequence::WordLog& log, const sequence::Part& part) {
  std::vector<int> result;
  for (std::size_t i = 0; i < kWords; ++i) {
    const std::optional<SData>& word = words.at(i);
    const auto origin = word ? log.at(&*word) : std::nullopt;
    result.push_back(origin && origin->part == part.number() ? static_cast<int>(origin->number) : -1);
  }
  return result;
}

TEST_CASE("block.sequence.memory.a_word_is_traced_to_its_write") {
  Copier copier(1);
  sequence::WordLog log;
  copier.partner.bench.log(&log);
  CHECK(copier.run().outcome == Outcome::passed);
  copier.to.set(5, 1);  // by the bench
  std::vector<int> expected(kWords);
  std::iota(expected.begin(), expected.end(), 0);
  expected[5] = -1;
  CHECK(numbers(copier.to, log, copier.write) == expected);
  CHECK(numbers(copier.from, log, copier.write) == std::vector<int>(kWords, -1));
}

/// The copier with a byte enable each for its target.
struct ByteCopier {
  Partner partner;
  Memory from{kDepth}, to{kWords};
  ReadPort<CData, SData> read{partner.bench,           "source", from, &partner.top.read_o, partner.top.read_addr_o,
                              partner.top.read_data_i, 1};
  WritePort<CData, SData> write{partner.bench,
                                "target",
                                to,
                                &partner.top.write_o,
                                partner.top.write_addr_o,
                                partner.top.write_data_o,
                                {.enables = partner.top.write_bytes_o, .count = 2}};

  explicit ByteCopier(int bytes) : partner(bytes) {
    partner.top.latency_i = 1;
    for (std::size_t i = 0; i < kWords; ++i) from.set(i, static_cast<SData>(0x1234 + i));
  }
  sequence::Ended run() {
    return partner.run([](Partner& p) -> Task {
      p.top.start_i = 1;
      co_await p.bench.cycle();
      p.top.start_i = 0;
      co_await p.bench.until([&p] { return p.top.done_o != 0; });
    }(partner));
  }
};

TEST_CASE("block.sequence.memory.a_word_in_pieces_is_traced_to_none") {
  for (const int bytes : {1, 3}) {
    ByteCopier copier(bytes);
    for (std::size_t i = 0; i < kWords; ++i) copier.to.set(i, 0xabcd);
    sequence::WordLog log;
    copier.partner.bench.log(&log);
    CHECK(copier.run().outcome == Outcome::passed);
    CHECK((numbers(copier.to, log, copier.write)[7] == 7) == (bytes == 3));
  }
}

TEST_CASE("block.sequence.memory.byte_enables") {
  for (int bytes = 0; bytes < 4; ++bytes) {
    CAPTURE(bytes);
    ByteCopier fresh(bytes), over(bytes);
    for (std::size_t i = 0; i < kWords; ++i) over.to.set(i, 0xabcd);
    CHECK(fresh.run().outcome == Outcome::passed);
    CHECK(over.run().outcome == Outcome::passed);
    const auto mask = static_cast<SData>((bytes & 1) * 0xff | (bytes >> 1) * 0xff00);
    for (std::size_t i = 0; i < kWords; ++i) {
      CHECK(fresh.to.at(i).has_value() == (bytes == 3));  // a word is there when all its bytes are
      CHECK(over.to.at(i) == static_cast<SData>((0xabcd & ~mask) | ((0x1234 + i) & mask)));
    }
  }
}

TEST_CASE("block.sequence.memory.a_word_in_part_is_named_as_such") {
  const auto rule_broken = [](SData mask) {
    Partner partner;
    Memory words(4);
    words.write(1, 0x1234, 0, mask);
    words.settle();
    const CData enable = 1, address = 1;
    SData data = 0;
    ReadPort<CData, SData> a(partner.bench, "a", words, &enable, address, data);
    const auto body = [&]() -> Task { co_await partner.bench.cycles(3); };
    return partner.run(body()).detail;
  };
  CHECK(rule_broken(0xff00) == "cycle 0: a: reads address 1, a word of which nobody has written some bytes");
  CHECK(rule_broken(0xffff).empty());
}

/// Two ports that read and two that write, on one memory; pins that the test moves.
TEST_CASE("block.sequence.memory.four_ports") {
  struct Port {
    CData enable = 0, address = 0;
    SData data = 0;
  };
  Partner partner;
  Memory words(8);
  for (std::size_t i = 0; i < 8; ++i) words.set(i, static_cast<SData>(100 + i));
  std::array<Port, 4> pins;
  ReadPort<CData, SData> a(partner.bench, "a", words, &pins[0].enable, pins[0].address, pins[0].data);
  ReadPort<CData, SData> b(partner.bench, "b", words, &pins[1].enable, pins[1].address, pins[1].data, 1,
                           sequence::Collision::write_first);
  WritePort<CData, SData> c(partner.bench, "c", words, pins[2].enable, pins[2].address, pins[2].data);
  WritePort<CData, SData> d(partner.bench, "d", words, pins[3].enable, pins[3].address, pins[3].data);
  const auto body = [&]() -> Task {
    pins = {Port{1, 5, 0}, Port{1, 5, 0}, Port{1, 5, 7}, Port{1, 6, 9}};
    co_await partner.bench.cycle();
    pins[0] = {1, 6, pins[0].data};
    pins[1].enable = pins[2].enable = pins[3].enable = 0;
    co_await partner.bench.cycle();
    CHECK(pins[0].data == 105);  // the word from before the write of the same edge
    CHECK(pins[1].data == 7);    // the word that was written
    co_await partner.bench.cycle();
    CHECK(pins[0].data == 9);
    CHECK(pins[1].data == 7);
  };
  CHECK(partner.run(body()).outcome == Outcome::passed);
}

}  // namespace
}  // namespace systole::test
