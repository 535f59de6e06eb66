// SPDX-License-Identifier: Apache-2.0
#pragma once
// A plan of regressions as a file has it (docs/regress.md): blocks of axes, of which every combination is a job.
#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace systole::regress {

/// What jobs differ in. A job has a value of each; those that its block says nothing of are empty.
enum class Axis : std::uint8_t { network, vectors, layer, design, via, check, stall, seed, images };
inline constexpr std::size_t kAxes = 9;
/// As plans spell them.
inline constexpr std::array<std::string_view, kAxes> kAxisNames{"networks", "vectors", "layers", "designs", "via",
                                                                "checks",   "stalls",  "seeds",  "images"};
constexpr std::string_view to_string(Axis axis) { return kAxisNames[static_cast<std::size_t>(axis)]; }

/// One value of each axis, or some of each.
template <class T>
struct ByAxis {
  std::array<T, kAxes> values{};
  [[nodiscard]] T& operator[](Axis axis) { return values[static_cast<std::size_t>(axis)]; }
  [[nodiscard]] const T& operator[](Axis axis) const { return values[static_cast<std::size_t>(axis)]; }
  bool operator==(const ByAxis&) const = default;
};
using Point = ByAxis<std::string>;
using Values = ByAxis<std::vector<std::string>>;

/// Starts the name of a design that is a program of systole_add_dut: "dut:gemm_axis". Any other is a configuration.
inline constexpr std::string_view kDut = "dut:";
/// The layer that stands for no --layer.
inline constexpr std::string_view kAllLayers = "all";

struct Block {
  Values axes;
  std::int64_t auto_seeds = 0;  ///< seeds that are drawn anew for each run
  std::string dataset, kind;    ///< as of `systole run`; empty: not given
  bool skip_unfit = false;
  double weight = 1;            ///< share of the blocks' turns
  std::vector<Values> exclude;  ///< a point is left out that has one of the values of each axis that is named
};

/// What a job may use before it is ended.
struct Limits {
  std::int64_t seconds = 3600;
  std::int64_t memory_mb = 0;  ///< of all its processes, resident (regress/memory.h); 0: not limited
};

struct Plan {
  std::string name;
  Limits limits;
  std::vector<Block> blocks;
  std::string text;        ///< of the file
  std::string own_design;  ///< of blocks that name none
};

/// Reads a plan. `own_design`: the design of blocks that name none. Throws base::InputError with file, key and what was
/// expected; unknown keys are refused. Whether networks, sets and designs exist is not looked at.
[[nodiscard]] Plan read_plan(const std::filesystem::path& file, const std::string& own_design);

/// The points of a block in the order of the axes, those excluded left out. Seeds that the block draws are made of
/// `drawn_from`, the same for the same text.
[[nodiscard]] std::vector<Point> points_of(const Block& block, const std::string& drawn_from);

}  // namespace systole::regress
