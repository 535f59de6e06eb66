// SPDX-License-Identifier: Apache-2.0
#pragma once
// A value that differs from the golden, and the line that tells a reader all about it.
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace systole::check {

/// What is compared: out beats and output tensors; watched pins as well, each cycle; the registers of every cell as
/// well; every watched register.
enum class CheckLevel { none, outputs, pins, pe, all };
inline constexpr std::array<std::string_view, 5> kCheckLevelNames{"none", "outputs", "pins", "pe", "all"};
constexpr std::string_view to_string(CheckLevel level) { return kCheckLevelNames[static_cast<std::size_t>(level)]; }

/// Who looks: every pin each cycle, every cell register each cycle, every output beat, a layer's whole output tensor.
enum class Checker { pins, registers, outputs, tensor };
inline constexpr int kCheckers = 4;

std::string_view to_string(Checker checker);

/// One expected bit flipped on purpose: the checker must report exactly this value. `index` counts the checker's values
/// in the order it compares them.
struct PlantedFault {
  std::uint64_t at = ~std::uint64_t{0};  ///< which comparison, as the checker counts them: clock edge since reset
                                         ///< (pins, registers), beat (outputs) or tensor; the default never comes
  std::size_t index = 0;
  int bit = 0;
};

struct Mismatch {
  Checker checker = Checker::pins;
  std::string signal;       ///< pin, path of a register below the top module, `out[lane]` or `tensor`
  std::uint64_t cycle = 0;  ///< edges since reset
  std::size_t index = 0;    ///< place among the checker's values
  std::int64_t rtl = 0, golden = 0;
  std::string coordinate;  ///< "oc 13 oh 4 ow 7 ..."; empty where no beat stands there or the column has no channel
};

/// What a failure line says besides the mismatch itself.
struct FailureContext {
  std::string test;  ///< "system.lenet.conv2.stall_both"
  std::uint64_t seed = 0;
  std::string also;   ///< what else differs, counted, or empty
  std::string rerun;  ///< command that shows the failure again
};

/// One block: a line with test, signal, cycle, coordinate, both values and seed; one on what else differs; the command
/// to re-run it.
std::string failure_lines(const Mismatch& mismatch, const FailureContext& context);

}  // namespace systole::check
