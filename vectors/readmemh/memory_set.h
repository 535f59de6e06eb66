// SPDX-License-Identifier: Apache-2.0
#pragma once
// Memory images of every stream of `accel` for one layer and one image, with a self-checking Verilog bench
// (docs/vectors.md, `readmemh`).
#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

#include "accel/contract/command.h"
#include "base/beats.h"
#include "golden/op/layer.h"
#include "vectors/set/vector_set.h"

namespace systole::vectors {

inline constexpr std::string_view kMemoryFormat = "readmemh";
inline constexpr std::string_view kBenchFile = "bench.v";

/// The streams of all commands of a layer, one after another, beat by beat as they cross the pins.
struct MemorySet {
  accel::Geometry geometry;
  std::size_t quiet_cycles = 0;  ///< no run is longer without a beat on any stream: limit of the bench's watchdog
  base::Beats cfg, wgt, act;     ///< docs/timing.md, sections 1 and 2
  base::Beats out;               ///< expected beats, out_last_o above out_data_o
  bool operator==(const MemorySet&) const = default;
};

/// Throws base::InputError where the layer does not fit the geometry or a tensor is not the layer's.
[[nodiscard]] MemorySet make_memory_set(const op::Layer& layer, const accel::Geometry& geometry,
                                        std::span<const op::Tensor* const> inputs, const op::Tensor& golden_output);

/// Lets `next`, of the same geometry, follow in the same streams.
void append(MemorySet& set, const MemorySet& next);

/// Verilog-2005 text of the bench for a set of these sizes. Its default stall seed is `seed`.
[[nodiscard]] std::string memory_bench(const MemorySet& set, const Origin& origin);

/// Writes the images and the bench into `target` (write_set).
void write_memory_set(const MemorySet& set, const Origin& origin, const std::filesystem::path& target,
                      SetProgress progress = {});

/// Throws base::InputError naming file, line and what was expected; SHA-256 are checked unless `verify` is false.
[[nodiscard]] MemorySet read_memory_set(const std::filesystem::path& folder, bool verify = true);

}  // namespace systole::vectors
