// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a design looks like from outside: where its model keeps clock, reset, streams, output pins and the registers
// that are watched. Plain addresses, so that whoever drives or checks a design needs neither its model nor its
// protocol.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace systole::port {

/// A port or variable in a model: `bits` bits in `bytes` bytes of little-endian words, bits above them 0.
struct Storage {
  void* data = nullptr;
  std::size_t bytes = 0;
  int bits = 0;
};

/// A stream into the design: a beat is taken at an edge where `valid` and `ready` are 1.
struct InStream {
  std::string name;                            ///< of the stream: "act"
  std::string valid_pin, ready_pin, data_pin;  ///< of its ports: "act_valid_i"
  std::uint8_t* valid = nullptr;
  const std::uint8_t* ready = nullptr;
  Storage data;
  int lanes = 0, lane_bits = 0;  ///< signed elements of a beat, packed from its least significant bit; 0: not such
};

/// A stream out of the design. A beat carries `lanes` signed elements of `lane_bits` bits, packed from the least
/// significant bit.
struct OutStream {
  std::string name;
  std::string valid_pin, ready_pin, last_pin, data_pin;
  const std::uint8_t* valid = nullptr;
  std::uint8_t* ready = nullptr;
  const std::uint8_t* last = nullptr;  ///< 1 with the last beat of a command
  Storage data;
  int lanes = 0, lane_bits = 0;
};

/// An output of at most 32 bits whose value is watched in every cycle.
struct OutPin {
  std::string name;  ///< of the port: "state_o"
  const void* data = nullptr;
  std::size_t bytes = 0;  ///< 1, 2 or 4
  int bits = 0;
};

/// One register of every cell of an array (row major), of every column, or a single one: address of its storage, which
/// holds `bits` bits in little-endian words, zeros above them. Or one memory of each, of which a word at a time is
/// looked at.
struct RegisterBank {
  std::string name;               ///< what it holds: "weight"
  std::vector<std::string> path;  ///< of each below the top module: "u_array.g_row[0].g_col[0].u_c.weight_q"
  std::vector<const void*> at;    ///< of a memory, its word 0
  int bits = 0;
  std::size_t bytes = 0;  ///< 1, 2, or a multiple of 4
  bool is_signed = true;  ///< two's complement
  int lane_bits = 0;      ///< of the signed numbers that it holds side by side; 0: it is one number
  bool deep = false;      ///< compared at CheckLevel::all only
  bool optional = false;  ///< a model may lack it; `at` is then empty
  std::size_t depth = 0;  ///< words of a memory; 0: a register

  /// 32-bit words of an expected value.
  [[nodiscard]] std::size_t words() const { return static_cast<std::size_t>(bits + 31) / 32; }
};

/// A counter of the design's own, read when a command ends and summed over a layer.
struct Counter {
  std::string name;  ///< "busy"
  std::string pin;   ///< "cnt_busy_o"
  const std::uint32_t* value = nullptr;
};

/// Inputs are written before an evaluation, outputs read after it. The reset is asynchronous and active low.
struct PinMap {
  std::string clock_pin;  ///< "clk_i"
  std::uint8_t* clock = nullptr;
  std::uint8_t* reset_n = nullptr;
  std::vector<InStream> inputs;
  OutStream output;
  std::vector<OutPin> watched;          ///< in the order in which a reference lists its expected values
  std::vector<RegisterBank> registers;  ///< in the order of the data path, what is nearest to the inputs first
  std::vector<Counter> counters;        ///< the first counts the cycles in which the design is busy
};

/// Handshake inputs of the cycle that an edge ends.
struct Handshakes {
  std::uint32_t valid = 0;    ///< bit i: input stream i offers a beat
  bool ready = false;         ///< the output stream takes one
  std::uint32_t stalled = 0;  ///< bit i: input stream i is withheld while the design waits for it; next bit: the output
};

/// `lanes` signed elements of `bits` bits (2 .. 32) from packed little-endian words.
void unpack_lanes(const void* packed, int lanes, int bits, std::int32_t* values);

/// The lanes of the beat on the output pins.
inline void read_lanes(const OutStream& stream, std::int32_t* values) {
  unpack_lanes(stream.data.data, stream.lanes, stream.lane_bits, values);
}

}  // namespace systole::port
