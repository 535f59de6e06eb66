// SPDX-License-Identifier: Apache-2.0
// tlm_initiator NETWORK LAYER: a DMA engine plays a layer on two TLM-2.0 targets, accel's of the
// package and one of gemm_axis, and every output is compared with the golden. Exit 1 where one
// differs, 2 for bad input.
#include <fmt/format.h>

#include <cstdio>
#include <list>
#include <string>
#include <vector>

#include "Vaccel.h"
#include "accel/bus/accel_target.h"
#include "accel/dut/binding.h"
#include "accel/lower/tiler.h"
#include "base/input_error.h"
#include "dma_engine.h"
#include "gemm_target.h"
#include "golden/fast/op.h"
#include "golden/format/network_file.h"
#include "golden/op/random_fill.h"
#include "sim/tlm/simulation.h"

namespace {

using namespace systole;
const sc_core::sc_time kCycle(10, sc_core::SC_NS), kQuantum(500, sc_core::SC_NS);
constexpr std::size_t kBurst = 96;  // words: whole beats of every stream

/// Of the model of accel that is made here: no register of a cell is public.
struct Built {
  static constexpr bool kHasCells = false;
  static std::span<const dut::Parameter> parameters() {
    static constexpr dut::Parameter kParameters[] = {
        {"Rows", 8},       {"Cols", 8},        {"ActWidth", 8},     {"WgtWidth", 8},
        {"PsumWidth", 32}, {"ActDepth", 4096}, {"PsumDepth", 4096}, {"ParTiles", 8}};
    return kParameters;
  }
};
using AccelModel = dut::VerilatedDut<Vaccel, accel::Binding<Vaccel, Built>, dut::NoTrace>;

/// Memory that the DMA engine reads and writes, and what it does with it.
struct Program {
  std::list<std::vector<std::uint32_t>> memory;
  std::vector<Transfer> transfers;

  std::uint32_t* write(std::uint64_t address, std::vector<std::uint32_t> words) {
    return add(false, address, std::move(words));
  }
  const std::uint32_t* read(std::uint64_t address, std::size_t count) {
    return add(true, address, std::vector<std::uint32_t>(count));
  }

 private:
  std::uint32_t* add(bool read, std::uint64_t address, std::vector<std::uint32_t> words) {
    memory.push_back(std::move(words));
    transfers.push_back({read, address, memory.back().data(), memory.back().size()});
    return memory.back().data();
  }
};

std::vector<std::uint32_t> words_of(const base::Beats& beats) {
  return {beats.data(), beats.data() + beats.size() * beats.words_per_beat()};
}

/// Plays `program` on a target's socket; throws what was not answered with OK.
template <class Socket>
void simulate(Program& program, Socket& socket, const std::string& target) {
  DmaEngine dma("dma", program.transfers, kBurst, kQuantum);
  dma.socket.bind(socket);
  sc_core::sc_start();
  if (!dma.done()) {
    ::tlm::tlm_generic_payload payload;
    payload.set_response_status(dma.response());
    throw base::InputError(target, "", payload.get_response_string());
  }
  fmt::print("{}: {} transfers, {}\n", target, program.transfers.size(), dma.time().to_string());
}

void run_on_accel(session::LayerRun& run, const op::Tensor& input) {
  const systole::tlm::Simulation simulation;
  AccelModel model;
  bus::AccelTarget target("target", model);
  const std::vector<accel::Command> commands =
      lower::tile(run.layer(), accel::geometry_of(Built::parameters()));
  Program program;
  std::vector<const std::uint32_t*> outputs;
  const op::Tensor* const inputs[] = {&input};
  for (const accel::Command& command : commands) {
    const accel::Stimulus stimulus = lower::stimulate(command, run.layer(), inputs);
    program.write(bus::kCfgBase, words_of(command.cfg));
    program.write(bus::kWgtBase, words_of(command.wgt));
    std::vector<std::uint32_t> act;
    for (std::size_t i = 0; i < command.act_beats(); ++i) {
      const std::uint32_t* beat = accel::act_beat(command, stimulus, i);
      act.insert(act.end(), beat, beat + stimulus.act.words_per_beat());
    }
    program.write(bus::kActBase, std::move(act));
    outputs.push_back(program.read(bus::kOutBase, command.out_beats() * 8));
  }
  simulate(program, target.socket, "accel");
  for (std::size_t c = 0; c < commands.size(); ++c) {
    for (std::size_t beat = 0; beat < commands[c].out_beats(); ++beat) {
      for (int lane = 0; lane < 8; ++lane) {
        const auto place = commands[c].place(beat, lane);
        const auto value = static_cast<std::int32_t>(outputs[c][beat * 8 + lane]);
        if (place) run.output(place->oc, place->oh, place->ow, value);
      }
    }
  }
}

void run_on_gemm(session::LayerRun& run) {
  constexpr int kN = 8;
  const systole::tlm::Simulation simulation;
  GemmTarget target("target", kCycle);
  const op::Layer& l = run.layer();
  const int pixels = l.out_h * l.out_w, products = static_cast<int>(l.weights.cols());
  Program program;
  const auto set = [&program](std::uint64_t address, std::int32_t value) {
    program.write(address, {static_cast<std::uint32_t>(value)});
  };
  struct Tile {
    int oc, pixel, rows;
    const std::uint32_t *outputs, *busy;
  };
  std::vector<Tile> tiles;
  set(0x004, products - 1);
  set(0x00c, l.zero_in);
  set(0x010, l.out.zero_out);
  set(0x014, l.out.act_min);
  set(0x018, l.out.act_max);
  for (int oc = 0; oc < l.out_c; oc += kN) {
    for (int c = 0; c < kN && oc + c < l.out_c; ++c) {
      set(0x100 + 4U * c, run.bias(oc + c));
      set(0x200 + 4U * c, of_channel(l.out.m0, oc + c));
      set(0x300 + 4U * c, of_channel(l.out.n, oc + c));
    }
    for (int pixel = 0; pixel < pixels; pixel += kN) {
      std::vector<std::uint32_t> a, b;
      for (int k = 0; k < products; ++k) {
        const auto act = [&](int i) { return pixel + i < pixels ? run.window(pixel + i, k) : 0; };
        const auto weight = [&](int i) { return oc + i < l.out_c ? l.weights(oc + i, k) : 0; };
        for (int half = 0; half < 2; ++half) {
          a.push_back(packed<std::uint32_t>(8, 4, [&](int i) { return act(4 * half + i); }));
          b.push_back(packed<std::uint32_t>(8, 4, [&](int i) { return weight(4 * half + i); }));
        }
      }
      const int rows = std::min(kN, pixels - pixel);
      set(0x008, rows - 1);
      set(0x000, 1);
      program.write(GemmTarget::kA, std::move(a));
      program.write(GemmTarget::kB, std::move(b));
      const std::uint32_t* outputs = program.read(GemmTarget::kY, 2 * std::size_t(rows));
      tiles.push_back({oc, pixel, rows, outputs, program.read(0x000, 1)});
    }
  }
  simulate(program, target.socket, "gemm_axis");
  for (const Tile& tile : tiles) {
    if (*tile.busy != 0) throw base::InputError("gemm_axis", "", "busy after its last output");
    for (int r = 0; r < tile.rows; ++r) {
      const std::uint32_t* half = tile.outputs + 2 * std::ptrdiff_t(r);
      const QData word = half[0] | QData{half[1]} << 32;
      run.channels(tile.oc, tile.pixel + r, word, 8, kN);
    }
  }
}

/// Values that differ; the first is printed.
int compare(const char* target, const session::LayerRun& run, const op::Tensor& golden) {
  int differ = 0;
  const op::Layer& layer = run.layer();
  for (int oh = 0; oh < layer.out_h; ++oh) {
    for (int ow = 0; ow < layer.out_w; ++ow) {
      for (int oc = 0; oc < layer.out_c; ++oc) {
        const int value = run.outputs().at(oh, ow, oc), expected = golden.at(oh, ow, oc);
        if (value == expected || differ++ != 0) continue;
        fmt::print("{}: {}  oc {} oh {} ow {}  rtl {}  golden {}\n", target, layer.name, oc, oh, ow,
                   value, expected);
      }
    }
  }
  fmt::print("{}: {} values compared, {} differ\n", target, golden.data.size(), differ);
  return differ;
}

int run(const std::string& folder, const std::string& name) {
  const model::Network network = model::load_network(folder);
  for (const auto& node : network.nodes) {
    const op::Layer& layer = node.layer;
    if (layer.name != name) continue;
    if (layer.weights.size() == 0 || layer.kind == op::Kind::depthwise ||
        layer.out.rule != fixed::Rounding::double_rounding) {
      throw base::InputError(
          folder, name,
          "expected a convolution or fully connected layer with double rounding: "
          "that is what gemm_axis does");
    }
    op::Tensor input(layer.in_h, layer.in_w, layer.in_c);
    op::random_fill(input.data, {1, "tlm_initiator", "input"}, -128, 127);
    const op::Tensor* const inputs[] = {&input};
    const op::Tensor golden = fast::run_layer(layer, inputs);
    session::LayerRun on_accel(layer, inputs), on_gemm(layer, inputs);
    run_on_accel(on_accel, input);
    run_on_gemm(on_gemm);
    const int differ = compare("accel", on_accel, golden) + compare("gemm_axis", on_gemm, golden);
    return differ == 0 ? 0 : 1;
  }
  throw base::InputError(folder, "", "no layer is named " + name);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc != 3) throw base::InputError("tlm_initiator", "", "expected NETWORK LAYER");
    return run(argv[1], argv[2]);
  } catch (const base::InputError& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 2;
  }
}
