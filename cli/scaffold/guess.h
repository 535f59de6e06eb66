// SPDX-License-Identifier: Apache-2.0
#pragma once
// What ports are for, from their names alone: a person looks at each guess.
#include <optional>
#include <string>
#include <vector>

#include "cli/scaffold/ports.h"

namespace systole::scaffold {

/// A valid/ready stream; `input`: into the design. Without `ready` nobody waits. `keep` moves with the data.
struct Stream {
  std::string name;
  bool input = false;
  Port valid, data;
  std::optional<Port> ready, last, keep;
};

/// An AXI4-Lite slave, its ports in the order of sequence::AxiLitePins, or an AXI4 master, its ports channel by channel
/// as sequence::AxiMemory takes them, the IDs last where it has them.
struct Axi {
  std::string name;
  std::vector<Port> ports;
};

/// A memory that the design reads, writes or both.
struct Memory {
  struct Access {
    Port data;
    std::optional<Port> enable;
    std::optional<Port> lanes;  ///< of writes: enables of equal parts of a word, lane_bits() each
    [[nodiscard]] int lane_bits() const { return data.bits / lanes->bits; }
  };
  std::string name;
  Port address;
  std::optional<Access> read, write;
};

struct Guess {
  std::optional<Port> clock, reset;
  bool reset_active_high = false;
  std::vector<Axi> registers, masters;
  std::vector<Stream> streams;
  std::vector<Memory> memories;
  std::vector<Port> instructions;  ///< words that are there for one cycle each
  std::vector<Port> controls;      ///< start, done and the like
  std::vector<Port> left;          ///< nobody knows
};

Guess guess(const std::vector<Port>& ports);

}  // namespace systole::scaffold
