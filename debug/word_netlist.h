// SPDX-License-Identifier: Apache-2.0
#pragma once
// A design at word level as Yosys elaborates it: cells between registers, flat, in the order of evaluation.
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "debug/netlist.h"

namespace systole::debug {

/// What a cell computes; `buffer` is also a port of an instance. `reg`: y is what a was before the edge.
enum class Op : std::uint8_t {
  buffer,
  invert,
  bit_and,
  bit_or,
  bit_xor,
  bit_xnor,
  negate,
  add,
  sub,
  mul,
  eq,
  ne,
  lt,
  le,
  gt,
  ge,
  shift_left,
  shift_right,
  shift_right_signed,
  shift_index,
  reduce_and,
  reduce_or,
  reduce_xor,
  reduce_xnor,
  logic_not,
  logic_and,
  logic_or,
  mux,
  priority_mux,
  mem_read,
  mem_write,
  reg
};

/// Lines of a source file, from 1, both included.
struct SourceRange {
  std::string file;
  int first = 0, last = 0;
  auto operator<=>(const SourceRange&) const = default;
};

/// A cell as its module holds it, once for all instances of the module.
struct CellKind {
  Op op = Op::buffer;
  std::string module;               ///< as the source names it
  std::string name;                 ///< of the cell; of a port of an instance "instance.port"
  std::string port;                 ///< of a port of an instance
  std::string child;                ///< module of that instance
  std::string net;                  ///< a named net of the module that it drives, or empty
  std::vector<SourceRange> source;  ///< the narrowest first; may be empty
  std::vector<std::size_t> cells;   ///< its instances
};

/// Ports of a cell, as Yosys names them: EN of a memory's write port is `s`, its address `a`, its data `b`.
enum Port : std::uint8_t { kA, kB, kS, kPorts };

struct Cell {
  Op op = Op::buffer;
  bool a_signed = false, b_signed = false;
  int memory = -1;  ///< of mem_read and mem_write
  std::size_t kind = 0;
  int instance = 0;                         ///< of its module: the same for all cells of one
  std::array<std::vector<int>, kPorts> in;  ///< nets of one bit each, the least significant first
  std::vector<int> y;
};

struct Memory {
  std::string path;
  int width = 0, words = 0;
};

/// Of a cell's inputs, one byte a bit: its output.
void evaluate(const Cell& cell, const std::uint8_t* a, const std::uint8_t* b, const std::uint8_t* s, std::uint8_t* y);

class WordNetlist {
 public:
  static constexpr int kZero = 0, kOne = 1;         ///< nets of the constants
  static constexpr std::size_t kMostBits = 2048;    ///< of a port of a cell
  static constexpr std::size_t kMostOfNumber = 64;  ///< of one that is taken as a number

  /// Nothing where Yosys is missing or refuses the sources, or the design has a cell that is not known here or wider
  /// than what is computed here.
  static std::optional<WordNetlist> read(const RtlDesign& design);
  /// Of what Yosys' write_json has written.
  static std::optional<WordNetlist> read_json(const std::filesystem::path& file, const std::string& top);

  [[nodiscard]] int nets() const { return nets_; }
  /// Sorted: a cell's inputs come from registers, inputs of the design or cells before it. Registers are at the end.
  [[nodiscard]] const std::vector<Cell>& cells() const { return cells_; }
  /// Whether each cell stands behind all that it reads; else words whose bits depend on each other are in no order.
  [[nodiscard]] bool ordered() const { return ordered_; }
  [[nodiscard]] const std::vector<CellKind>& kinds() const { return kinds_; }
  [[nodiscard]] const std::vector<Memory>& memories() const { return memories_; }
  /// Nets of a signal by its path below the top module, or null.
  [[nodiscard]] const std::vector<int>* find(const std::string& path) const;
  [[nodiscard]] const std::map<std::string, std::vector<int>>& signals() const { return signals_; }
  /// Named nets of an instance of a module, by their names in it.
  [[nodiscard]] const std::map<std::string, std::vector<int>>& signals_of(int instance) const {
    return instance_signals_[static_cast<std::size_t>(instance)];
  }
  /// The net that a net is a mere copy of, through ports of instances.
  [[nodiscard]] int origin(int net) const;
  /// Cells that read a net; the cell that drives it, or -1.
  [[nodiscard]] const std::vector<int>& readers(int net) const { return readers_[static_cast<std::size_t>(net)]; }
  /// The cell of a kind in an instance, or -1.
  [[nodiscard]] int cell_of(std::size_t kind, int instance) const;
  [[nodiscard]] int driver(int net) const { return driver_[static_cast<std::size_t>(net)]; }

 private:
  friend class Elaboration;
  void merge_aliases();
  void sort();
  void index_nets();

  int nets_ = 2;
  bool ordered_ = true;
  std::vector<Cell> cells_;
  std::vector<CellKind> kinds_;
  std::vector<Memory> memories_;
  std::map<std::string, std::vector<int>> signals_;
  std::vector<std::map<std::string, std::vector<int>>> instance_signals_;
  std::vector<std::vector<int>> readers_;
  std::vector<int> driver_;
};

}  // namespace systole::debug
