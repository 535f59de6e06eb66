// SPDX-License-Identifier: Apache-2.0
#pragma once
// One Verilated design as the bench sees it: pins, watched registers, one evaluation. No Verilator header, so that
// everything above this folder compiles without generated code.
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/port/pin_map.h"

namespace systole::dut {

enum class TraceFormat { none, vcd, fst };

/// A value of the bench's own that a dump shows beside the design's signals.
struct TraceSignal {
  std::string scope;  ///< levels separated by a space: "golden", "golden pe[0][3]"
  std::string name;
  int bits = 1;
  const std::uint32_t* value = nullptr;  ///< words, the least significant first; read at each dump; must live until the
                                         ///< trace is closed
};

/// A parameter that the model was built with.
struct Parameter {
  std::string_view name;
  std::int64_t value = 0;
};

/// A register, wire or memory of a model that its .vlt makes public.
struct PublicVariable {
  std::string path;       ///< below the top module
  port::Storage at;       ///< of a memory, its word 0
  std::size_t words = 1;  ///< of a memory
};

class Dut {
 public:
  Dut() = default;
  Dut(const Dut&) = delete;
  Dut& operator=(const Dut&) = delete;
  Dut(Dut&&) = delete;
  Dut& operator=(Dut&&) = delete;
  virtual ~Dut() = default;

  [[nodiscard]] const port::PinMap& pins() const { return pins_; }
  /// The built parameters, as the generated class states them.
  [[nodiscard]] virtual std::span<const Parameter> parameters() const = 0;
  [[nodiscard]] virtual TraceFormat trace_format() const = 0;
  /// What else the model shows, in the order of the paths; parameters and ports of the design left out.
  [[nodiscard]] virtual std::vector<PublicVariable> variables() const { return {}; }

  /// Settles the model for the pins as they stand.
  virtual void eval() = 0;

  /// Writes seeded values into all state that the design's .vlt names and reset does not clear, and into its registers.
  /// A value depends on (seed, hierarchical name, element) only, so it is the same in every build. Call before the
  /// first eval().
  virtual void fill_unreset_state(std::uint64_t seed) = 0;

  /// Starts a dump of all signals and of `extra`, which a model built without a shell for them leaves out. Throws
  /// base::InputError where the file cannot be written or this build has no trace.
  virtual void open_trace(const std::filesystem::path& file, std::span<const TraceSignal> extra) = 0;
  void open_trace(const std::filesystem::path& file) { open_trace(file, {}); }
  /// Writes the signals at `time`; `extra_changed`: those of the bench's own may have other values than at the last
  /// dump. Throws base::InputError when the file takes no more.
  virtual void dump(std::uint64_t time, bool extra_changed) = 0;
  void dump(std::uint64_t time) { dump(time, true); }
  /// Completes the file; checks that all of it was written, else throws base::InputError. Without an open trace:
  /// nothing.
  virtual void close_trace() = 0;

 protected:
  port::PinMap pins_;
};

std::string_view to_string(TraceFormat format);

}  // namespace systole::dut
