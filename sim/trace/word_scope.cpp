// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/word_scope.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace systole::trace {
namespace {

constexpr int kWordBits = 32, kPlaceBits = 16;

std::string scope_of(std::string_view root, std::size_t stream) { return fmt::format("{} stream[{}]", root, stream); }

void declare(std::vector<dut::TraceSignal>& signals, const std::string& scope,
             std::initializer_list<std::pair<const char*, int>> named) {
  for (const auto& [name, bits] : named) signals.push_back({scope, name, bits});
  for (std::size_t i = 0; i < kWords; ++i) signals.push_back({scope, fmt::format("word_{}", i), kWordBits});
  for (std::size_t i = 0; i < kWordValues; ++i) signals.push_back({scope, fmt::format("value_{}", i), kWordBits});
}

}  // namespace

// WordScope::update puts the values in this order.
std::vector<dut::TraceSignal> word_signals() {
  std::vector<dut::TraceSignal> signals{
      {"golden", "cycle", kWordBits}, {"golden", "layer", kPlaceBits}, {"golden", "word_mismatch", 1}};
  for (std::size_t i = 0; i < kWordStreams; ++i) {
    declare(signals, scope_of("golden", i),
            {{"expects", 1},
             {"mismatch", 1},
             {"number", kWordBits},
             {"oc", kPlaceBits},
             {"oh", kPlaceBits},
             {"ow", kPlaceBits}});
  }
  for (std::size_t i = 0; i < kWordStreams; ++i) declare(signals, scope_of("rtl", i), {{"valid", 1}});
  return signals;
}

WordScope::WordScope() : signals_(word_signals()) {
  values_.resize(signals_.size());
  for (std::size_t i = 0; i < signals_.size(); ++i) signals_[i].value = &values_[i];
}

void WordScope::update(std::uint64_t cycle, std::size_t layer, std::span<const ExpectedWord> streams) {
  std::size_t next = 0;
  const auto put = [&](auto value) { values_[next++] = static_cast<std::uint32_t>(value); };
  const auto stream = [&](std::size_t i) { return i < streams.size() ? streams[i] : ExpectedWord(); };
  put(cycle);
  put(layer);
  put(std::ranges::any_of(streams, &ExpectedWord::differs));
  for (std::size_t i = 0; i < kWordStreams; ++i) {
    const ExpectedWord one = stream(i);
    put(one.expects);
    put(one.differs());
    put(one.number);
    for (const int place : {one.oc, one.oh, one.ow}) put(place);
    for (const std::uint32_t word : one.golden) put(word);
    for (const ExpectedWord::Value& value : one.values) put(value.golden);
  }
  for (std::size_t i = 0; i < kWordStreams; ++i) {
    const ExpectedWord one = stream(i);
    put(one.valid);
    for (const std::uint32_t word : one.rtl) put(word);
    for (const ExpectedWord::Value& value : one.values) put(value.rtl);
  }
}

ViewGroup word_group(std::size_t i, const WordStream& stream) {
  ViewGroup group{.name = stream.name + ", rtl against golden", .signals = {}};
  const auto in = [i](std::string_view root, std::string_view name) {
    return fmt::format("{}.stream[{}].{}", root, i, name);
  };
  const auto pair = [&](const std::string& name, const std::string& what, Radix radix) {
    group.signals.push_back({in("rtl", name), kWordBits, radix, Color::green, what + " rtl"});
    group.signals.push_back({in("golden", name), kWordBits, radix, Color::orange, what + " golden"});
  };
  group.signals.push_back({in("golden", "mismatch"), 1, Radix::binary, Color::red, {}});
  group.signals.push_back({in("rtl", "valid"), 1, Radix::binary, Color::green, {}});
  group.signals.push_back({in("golden", "expects"), 1, Radix::binary, Color::orange, {}});
  group.signals.push_back({in("golden", "number"), kWordBits, Radix::decimal, Color::yellow, {}});
  for (const char* name : {"oc", "oh", "ow"})
    group.signals.push_back({in("golden", name), kPlaceBits, Radix::decimal, Color::yellow, {}});
  for (int word = 0; word < stream.bits && word < kWordBits * static_cast<int>(kWords); word += kWordBits) {
    const int top = std::min(word + kWordBits, stream.bits) - 1;
    pair(fmt::format("word_{}", word / kWordBits), fmt::format("{}[{}:{}]", stream.name, top, word),
         Radix::hexadecimal);
  }
  for (int value = 0; value < std::min(stream.values, static_cast<int>(kWordValues)); ++value)
    pair(fmt::format("value_{}", value), fmt::format("{} value {}", stream.name, value), Radix::signed_decimal);
  return group;
}

}  // namespace systole::trace
