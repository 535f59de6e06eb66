// SPDX-License-Identifier: Apache-2.0
#pragma once
// Registers and memories of a Verilated model by hierarchical name: found through the symbol table that
// `public_flat_rd` fills, so that no generated (mangled) name appears in our code.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/dut/dut.h"

class VerilatedContext;
class VerilatedVar;

namespace systole::dut {

/// The storage of a variable; `scope` is "TOP." and the instances down to it. Throws std::logic_error where the
/// design's .vlt does not make it public.
port::Storage find_variable(VerilatedContext& context, const std::string& scope, const std::string& name);

/// Whether find_variable() finds it.
bool has_variable(VerilatedContext& context, const std::string& scope, const std::string& name);

/// A variable of a model: below the top, no parameter.
struct Variable {
  std::string name;  ///< with its scope
  VerilatedVar* var;
  /// Values that depend on (seed, name, element); all 0 for kZeros. Before the first evaluation.
  void fill(std::uint64_t seed) const;
};
inline constexpr std::uint64_t kZeros = ~std::uint64_t{0};

/// Those that are public, of modules below "TOP", in the order of their names.
std::vector<Variable> every_variable(VerilatedContext& context);

/// Dut::variables().
std::vector<PublicVariable> public_variables(VerilatedContext& context);

/// Dut::fill_unreset_state: seeded values into every public variable but ports, parameters and those that the bench may
/// write (public_flat_rw). Those of the last seed are kept, since each image of a run starts from the same ones and
/// drawing them takes as long as some hundred cycles.
class StateFill {
 public:
  /// `context` is the same in every call.
  void fill(VerilatedContext& context, std::uint64_t seed);

 private:
  /// Where a variable is in the model, and where its values begin.
  struct Part {
    unsigned char* to;
    std::size_t first, bytes;
  };
  void draw(VerilatedContext& context, std::uint64_t seed);

  std::optional<std::uint64_t> seed_;  ///< of what is kept
  std::vector<Part> parts_;
  std::vector<unsigned char> values_;
};

}  // namespace systole::dut
