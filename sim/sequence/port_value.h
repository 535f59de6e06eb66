// SPDX-License-Identifier: Apache-2.0
#pragma once
// Ports of a Verilated class as values: CData, SData, IData and QData are themselves, a wide port (VlWide) is an array
// of 32-bit words, least significant first, and several ports that move together (Pins) are a tuple.
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>

namespace systole::sequence {

template <class Port>
concept WidePort = requires(Port& port) {
  port.m_storage[0];
};

namespace detail {
/// op(a, b) word by word.
template <std::unsigned_integral Word, class Op>
Word wordwise(const Word& a, const Word& b, Op op) {
  return static_cast<Word>(op(a, b));
}
template <std::size_t N, class Op>
std::array<std::uint32_t, N> wordwise(const std::array<std::uint32_t, N>& a, const std::array<std::uint32_t, N>& b,
                                      Op op) {
  std::array<std::uint32_t, N> result;
  for (std::size_t i = 0; i < N; ++i) result[i] = op(a[i], b[i]);
  return result;
}
template <class... Words, class Op>
std::tuple<Words...> wordwise(const std::tuple<Words...>& a, const std::tuple<Words...>& b, Op op) {
  return [&]<std::size_t... I>(std::index_sequence<I...>) {
    return std::tuple<Words...>(wordwise(std::get<I>(a), std::get<I>(b), op)...);
  }
  (std::index_sequence_for<Words...>());
}
}  // namespace detail

template <class Value>
Value either(const Value& a, const Value& b) {
  return detail::wordwise(a, b, [](auto x, auto y) { return x | y; });
}
/// The bits of `within` that `value` does not have.
template <class Value>
Value complement(const Value& value, const Value& within) {
  return detail::wordwise(value, within, [](auto x, auto y) { return ~x & y; });
}

template <class Port>
struct PortTraits {
  static_assert(std::unsigned_integral<Port>, "a port of a Verilated class");
  using Value = Port;
  static Value read(const Port& port) { return port; }
  static void write(Port& port, const Value& value) { port = value; }
};

template <WidePort Port>
struct PortTraits<Port> {
  static constexpr std::size_t kWords = sizeof(Port) / sizeof(std::uint32_t);
  using Value = std::array<std::uint32_t, kWords>;
  static Value read(const Port& port) {
    Value value;
    for (std::size_t i = 0; i < kWords; ++i) value[i] = port.m_storage[i];
    return value;
  }
  static void write(Port& port, const Value& value) {
    for (std::size_t i = 0; i < kWords; ++i) port.m_storage[i] = value[i];
  }
};

/// Several ports as one, such as a stream's data and its byte enables: Pins beat{top.tdata, top.tkeep}. `Ports` are
/// const where they are only read.
template <class... Ports>
struct Pins {
  explicit Pins(Ports&... pins) : ports(pins...) {}
  std::tuple<Ports&...> ports;
};

template <class... Ports>
struct PortTraits<Pins<Ports...>> {
  using Value = std::tuple<typename PortTraits<std::remove_const_t<Ports>>::Value...>;
  static Value read(const Pins<Ports...>& pins) {
    return std::apply(
        [](const Ports&... ports) { return Value(PortTraits<std::remove_const_t<Ports>>::read(ports)...); },
        pins.ports);
  }
  static void write(Pins<Ports...>& pins, const Value& value) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (PortTraits<Ports>::write(std::get<I>(pins.ports), std::get<I>(value)), ...);
    }
    (std::index_sequence_for<Ports...>());
  }
};

/// What a port of that type holds.
template <class Port>
using ValueOf = typename PortTraits<std::remove_const_t<Port>>::Value;

namespace detail {
/// Bits [at + bits - 1 : at] of a word, at most 32.
template <std::unsigned_integral Word>
std::uint32_t bits_at(const Word& word, int at, int bits) {
  return static_cast<std::uint32_t>(std::uint64_t{word} >> at & ((std::uint64_t{1} << bits) - 1));
}
template <std::size_t N>
std::uint32_t bits_at(const std::array<std::uint32_t, N>& words, int at, int bits) {
  const auto i = static_cast<std::size_t>(at / 32);
  const std::uint64_t above = i + 1 < N ? words[i + 1] : 0;
  return bits_at(std::uint64_t{words[i]} | above << 32, at % 32, bits);
}

/// Of pins that move together, the first.
template <class... Words>
std::uint32_t bits_at(const std::tuple<Words...>& words, int at, int bits) {
  return bits_at(std::get<0>(words), at, bits);
}
template <class Word>
inline constexpr std::size_t kBits = 8 * sizeof(Word);
template <class First, class... Others>
inline constexpr std::size_t kBits<std::tuple<First, Others...>> = kBits<First>;

template <std::unsigned_integral Word>
void put_bits(Word& word, int at, std::uint64_t field) {
  word = static_cast<Word>(word | field << at);
}
template <std::size_t N>
void put_bits(std::array<std::uint32_t, N>& words, int at, std::uint64_t field) {
  const auto i = static_cast<std::size_t>(at / 32);
  words[i] |= static_cast<std::uint32_t>(field << at % 32);
  if (i + 1 < N) words[i + 1] |= static_cast<std::uint32_t>(field << at % 32 >> 32);
}
}  // namespace detail

/// Throws base::InputError where fields of `bits` bits, `count` of them from the lowest on, do not fit a word of
/// `word_bits`, or a field is not of 1 .. 32 bits.
void check_fields(int bits, int count, std::size_t word_bits);

/// `count` fields of `bits` bits, 1 .. 32, side by side: field i is the lowest bits of value(i), field 0 lowest. Throws
/// base::InputError where they do not fit the word.
template <class Word, class Values>
Word packed(int bits, int count, Values value) {
  check_fields(bits, count, 8 * sizeof(Word));
  Word word{};
  for (int i = 0; i < count; ++i) {
    const auto field = static_cast<std::uint32_t>(value(i));
    detail::put_bits(word, bits * i, field & ((std::uint64_t{1} << bits) - 1));
  }
  return word;
}

/// A number and the bits of the word that it is from, where that lies in memory: by it a dump shows what is expected of
/// the word (LayerRun::output).
struct Field {
  std::int32_t value;
  const void* word;
  int at, bits;
  // NOLINTNEXTLINE(google-explicit-constructor): it is the number
  operator std::int32_t() const { return value; }
};

/// Bits [at + bits - 1 : at] of a word, as a two's complement number.
template <class Word>
std::int32_t signed_bits(const Word& word, int at, int bits) {
  return static_cast<std::int32_t>(detail::bits_at(word, at, bits) << (32 - bits)) >> (32 - bits);
}

/// Field i of such a word, or of the first of pins that move together, as a two's complement number. Throws
/// base::InputError where the word has no such field.
template <class Word>
Field signed_field(const Word& word, int bits, int i) {
  check_fields(bits, i < 0 ? -1 : i + 1, detail::kBits<Word>);
  return {signed_bits(word, bits * i, bits), &word, bits * i, bits};
}

}  // namespace systole::sequence
