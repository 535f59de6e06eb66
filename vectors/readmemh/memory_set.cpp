// SPDX-License-Identifier: Apache-2.0
#include "vectors/readmemh/memory_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "accel/lower/check_fits.h"
#include "accel/lower/encoding.h"
#include "accel/lower/tiler.h"
#include "vectors/set/hex_text.h"

namespace systole::vectors {

namespace fs = std::filesystem;

namespace {

constexpr const char *kCfg = "cfg.hex", *kWgt = "wgt.hex", *kAct = "act.hex", *kOut = "out.hex";

void append(base::Beats& to, const std::uint32_t* beats, std::size_t count) {
  const std::size_t first = to.size();
  to.resize(first + count);
  std::copy_n(beats, count * to.words_per_beat(), to[first]);
}

void append_activations(const accel::Command& command, const accel::Stimulus& stimulus, base::Beats& to) {
  const auto pixels = static_cast<std::size_t>(command.header.in_pixels());
  for (const int group : command.group_order) {
    append(to, stimulus.act[static_cast<std::size_t>(group) * pixels], pixels);
  }
}

void append_outputs(const accel::Command& command, const std::vector<std::int32_t>& expected, base::Beats& to) {
  const accel::Geometry& g = command.geometry;
  const std::size_t first = to.size();
  to.resize(first + command.out_beats());
  const std::int32_t* value = expected.data();
  for (std::size_t beat = first; beat < to.size(); ++beat) {
    for (int col = 0; col < g.cols; ++col) base::set_field(to[beat], col * g.psum_width, g.psum_width, *value++);
  }
  base::set_field(to[to.size() - 1], lower::out_bits(g), 1, 1);
}

/// Steps that a command may run without a beat on any stream: its longest pass or group behind the pipeline
/// (docs/timing.md, section 9).
std::size_t longest_quiet(const accel::Command& command) {
  const accel::Geometry& g = command.geometry;
  return static_cast<std::size_t>(std::max({command.header.out_pixels(), command.header.in_pixels(), g.rows}) + g.rows +
                                  g.cols);
}

nlohmann::ordered_json to_json(const accel::Geometry& g) {
  return {{"Rows", g.rows},
          {"Cols", g.cols},
          {"ActWidth", g.act_width},
          {"WgtWidth", g.wgt_width},
          {"PsumWidth", g.psum_width},
          {"ActDepth", g.act_depth},
          {"PsumDepth", g.psum_depth},
          {"ParTiles", g.par_tiles}};
}

std::string shape_json(const MemorySet& set) {
  const nlohmann::ordered_json json{{"parameters", to_json(set.geometry)}, {"quiet_cycles", set.quiet_cycles}};
  return json.dump();
}

accel::Geometry read_geometry(base::JsonObject object) {
  constexpr int kMaxDepth = 1 << 20;
  const auto number = [&](const char* key, int high) { return static_cast<int>(object.integer(key, 1, high)); };
  const accel::Geometry g{.rows = number("Rows", 256),
                          .cols = number("Cols", 32),
                          .act_width = number("ActWidth", 8),
                          .wgt_width = number("WgtWidth", 8),
                          .psum_width = number("PsumWidth", 32),
                          .act_depth = number("ActDepth", kMaxDepth),
                          .psum_depth = number("PsumDepth", kMaxDepth),
                          .par_tiles = number("ParTiles", kMaxDepth)};
  object.finish();
  try {
    lower::check_geometry(g);
  } catch (const std::invalid_argument& error) {
    object.fail("", error.what());
  }
  return g;
}

std::string readme(const MemorySet& set, const Origin& origin, const SetWriter& writer) {
  return fmt::format(
      R"(Memory images for $readmemh of layer {layer} of network {network}, input {input}: what crosses the pins of `accel`
(Rows={rows} Cols={cols} ActWidth={act} WgtWidth={wgt} PsumWidth={psum}), and a bench that plays them.

Hexadecimal, one beat a line in the order of time, most significant digit first; unused top bits of a line are 0.

{table}
In act.hex, wgt.hex and out.hex element 0 is in the least significant bits. What the fields of a beat mean is in Systole's
docs/timing.md, sections 1 and 2; the beats of the layer's commands stand one after another.

bench.v sends the three input streams and compares every beat of the fourth. It needs no C++ and prints one line that starts with
PASS or FAIL; the exit code is 0 for PASS only. RTL is the folder of accel.v; run in this folder:

  iverilog -g2005 -s bench -o bench.vvp bench.v $RTL/*.v && vvp -n bench.vvp
  verilator --binary --timing --top-module bench bench.v $RTL/*.v && obj_dir/Vbench

Arguments of the run:
  +stall=in    beats of cfg, wgt and act are withheld at random
  +stall=out   out_ready_i is withheld at random
  +stall=both  both; +stall=none (the default) neither
  +seed=N      of these choices, {seed} by default

manifest.json holds the parameters, the origin and each file's SHA-256.
)",
      fmt::arg("layer", origin.layer), fmt::arg("network", origin.network), fmt::arg("input", origin.input),
      fmt::arg("rows", set.geometry.rows), fmt::arg("cols", set.geometry.cols), fmt::arg("act", set.geometry.act_width),
      fmt::arg("wgt", set.geometry.wgt_width), fmt::arg("psum", set.geometry.psum_width),
      fmt::arg("table", writer.table()), fmt::arg("seed", origin.seed));
}

void write_files(const MemorySet& set, const Origin& origin, SetWriter& writer) {
  const accel::Geometry& g = set.geometry;
  const auto add = [&](const char* name, const std::string& layout, const base::Beats& beats) {
    writer.add(name, beats.size(), fmt::format("{} bit: {}", beats.bits(), layout), hex_text(beats));
  };
  writer.expect_files(5);
  add(kCfg, "cfg_data_i", set.cfg);
  add(kWgt,
      fmt::format("wgt_data_i, element c at [{0}c+{1}:{0}c], align at [{2}:{3}]", g.wgt_width, g.wgt_width - 1,
                  lower::wgt_bits(g) - 1, lower::wgt_bits(g) - lower::kAlignBits),
      set.wgt);
  add(kAct, fmt::format("act_data_i, element r at [{0}r+{1}:{0}r]", g.act_width, g.act_width - 1), set.act);
  add(kOut,
      fmt::format("out_last_o at [{0}], out_data_o below, element c at [{1}c+{2}:{1}c]", lower::out_bits(g),
                  g.psum_width, g.psum_width - 1),
      set.out);
  const std::string bench = memory_bench(set, origin);
  writer.add(std::string(kBenchFile), static_cast<std::uint64_t>(std::ranges::count(bench, '\n')), "Verilog-2005",
             bench);
}

}  // namespace

MemorySet make_memory_set(const op::Layer& layer, const accel::Geometry& geometry,
                          std::span<const op::Tensor* const> inputs, const op::Tensor& golden_output) {
  MemorySet set{.geometry = geometry,
                .quiet_cycles = 0,
                .cfg = base::Beats(lower::kCfgBits),
                .wgt = base::Beats(lower::wgt_bits(geometry)),
                .act = base::Beats(lower::act_bits(geometry)),
                .out = base::Beats(lower::out_bits(geometry) + 1)};
  accel::Stimulus stimulus;
  std::vector<std::int32_t> expected;
  for (const accel::Command& command : lower::tile(layer, geometry)) {
    lower::stimulate(command, layer, inputs, stimulus);
    lower::expect(command, layer, golden_output, expected);
    append(set.cfg, command.cfg.data(), command.cfg.size());
    append(set.wgt, command.wgt.data(), command.wgt.size());
    append_activations(command, stimulus, set.act);
    append_outputs(command, expected, set.out);
    set.quiet_cycles = std::max(set.quiet_cycles, longest_quiet(command));
  }
  return set;
}

void append(MemorySet& set, const MemorySet& next) {
  set.quiet_cycles = std::max(set.quiet_cycles, next.quiet_cycles);
  append(set.cfg, next.cfg[0], next.cfg.size());
  append(set.wgt, next.wgt[0], next.wgt.size());
  append(set.act, next.act[0], next.act.size());
  append(set.out, next.out[0], next.out.size());
}

void write_memory_set(const MemorySet& set, const Origin& origin, const fs::path& target, SetProgress progress) {
  write_set(
      target,
      [&](SetWriter& writer) {
        write_files(set, origin, writer);
        writer.finish(kMemoryFormat, origin, shape_json(set), readme(set, origin, writer));
      },
      std::move(progress));
}

MemorySet read_memory_set(const fs::path& folder, bool verify) {
  Manifest manifest = read_manifest(folder, kMemoryFormat);
  MemorySet set;
  set.geometry = read_geometry(manifest.shape.object("parameters"));
  set.quiet_cycles = static_cast<std::size_t>(manifest.shape.integer("quiet_cycles", 1, 1 << 30));
  manifest.shape.finish();
  const auto read = [&](const char* name, int bits) {
    return read_hex(folder / name, bits, manifest.words(folder, name), kManifestFile);
  };
  set.cfg = read(kCfg, lower::kCfgBits);
  set.wgt = read(kWgt, lower::wgt_bits(set.geometry));
  set.act = read(kAct, lower::act_bits(set.geometry));
  set.out = read(kOut, lower::out_bits(set.geometry) + 1);
  if (verify) verify_files(folder, manifest);
  return set;
}

}  // namespace systole::vectors
