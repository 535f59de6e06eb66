// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/own_dut.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace systole::bench {
namespace {

constexpr std::uint64_t kMostCycles = 1'000'000;

template <class Port>
Port& port_of(const port::Storage& storage) {
  if (storage.bytes != sizeof(Port)) throw std::logic_error("own_dut: expected the streams of an 8x8 model");
  return *static_cast<Port*>(storage.data);
}

}  // namespace

OwnDut::OwnDut(dut::Dut& dut, const session::Plan& plan, const session::ImageWork& work)
    : bench_(dut, {.clock = dut.pins().clock, .reset = dut.pins().reset_n}),
      cfg_(source<Cfg>(dut.pins().inputs[0])),
      wgt_(source<Wgt>(dut.pins().inputs[1])),
      act_(source<Act>(dut.pins().inputs[2])),
      out_(bench_, "out", *dut.pins().output.valid, *dut.pins().output.ready, port_of<Out>(dut.pins().output.data),
           dut.pins().output.last) {
  session::StreamDriver driver(dut.pins().inputs.size());
  driver.load(plan, work);
  cfg_beats_ = beats<Cfg>(driver, 0);
  wgt_beats_ = beats<Wgt>(driver, 1);
  act_beats_ = beats<Act>(driver, 2);
  for (std::size_t layer = 0; layer < plan.layers.size(); ++layer) {
    for (std::size_t command = 0; command < plan.layers[layer].lowered->commands().size(); ++command) {
      expected_.push_back(work.layers[layer]->expected(command));
    }
  }
}

template <class Port>
sequence::Source<Port> OwnDut::source(const port::InStream& stream) {
  return {bench_, stream.name, *stream.valid, *stream.ready, port_of<Port>(stream.data)};
}

template <class Port>
OwnDut::Beats<Port> OwnDut::beats(session::StreamDriver& driver, std::size_t stream) {
  Beats<Port> all;
  while (const std::uint32_t* beat = driver.front(stream)) {
    std::memcpy(&all.emplace_back(), beat, sizeof(all.back()));
    driver.pop(stream);
  }
  return all;
}

template <class Port>
sequence::Task OwnDut::send(sequence::Source<Port>& stream, const Beats<Port>& beats) {
  co_await stream.send(beats);
}

sequence::Task OwnDut::image() {
  bench_.fork(send(cfg_, cfg_beats_), "cfg");
  bench_.fork(send(wgt_, wgt_beats_), "wgt");
  bench_.fork(send(act_, act_beats_), "act");
  for (const std::span<const std::int32_t> command : expected_) {
    came_.resize(command.size() / kLanes);
    co_await out_.receive(came_, true);
    for (std::size_t i = 0; i < command.size(); ++i) {
      if (static_cast<std::int32_t>(came_[i / kLanes][i % kLanes]) != command[i]) ++wrong_;
    }
  }
}

std::uint64_t OwnDut::run() {
  const sequence::Ended ended = bench_.run(image(), kMostCycles);
  if (ended.outcome != kernel::Outcome::passed || wrong_ != 0) throw std::runtime_error("own_dut: " + ended.detail);
  return bench_.now();
}

}  // namespace systole::bench
