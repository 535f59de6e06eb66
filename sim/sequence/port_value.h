// SPDX-License-Identifier: Apache-2.0
#pragma once
// Ports of a Verilated class as values: CData, SData, IData and QData are themselves, a wide port (VlWide) is an array
// of 32-bit words, least significant first.
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace systole::sequence {

template <class Port>
concept WidePort = requires(Port& port) {
  port.m_storage[0];
};

template <class Port>
struct PortTraits {
  static_assert(std::unsigned_integral<Port>, "a port of a Verilated class");
  using Value = Port;
  static Value read(const Port& port) { return port; }
  static void write(Port& port, const Value& value) { port = value; }
  static Value complement(const Value& value, const Value& within) { return static_cast<Value>(~value & within); }
  static Value either(const Value& a, const Value& b) { return static_cast<Value>(a | b); }
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
  static Value complement(const Value& value, const Value& within) {
    Value result;
    for (std::size_t i = 0; i < kWords; ++i) result[i] = ~value[i] & within[i];
    return result;
  }
  static Value either(const Value& a, const Value& b) {
    Value result;
    for (std::size_t i = 0; i < kWords; ++i) result[i] = a[i] | b[i];
    return result;
  }
};

/// What a port of that type holds.
template <class Port>
using ValueOf = typename PortTraits<std::remove_const_t<Port>>::Value;

}  // namespace systole::sequence
