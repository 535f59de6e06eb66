#pragma once
// Proof, before every run, that the checkers can see: a small layer replayed once clean and once per checker with one
// expected bit flipped, which exactly that checker must report, at exactly that place.
#include <cstdint>

#include "sim/app/bus.h"
#include "sim/app/monitor.h"
#include "sim/dut/dut.h"

namespace systole::app {

/// A convolution of rows channels to cols channels on a 4 x 4 map with values from `seed`, in the ranges of `geometry`.
model::Network canary_network(const cycle::Geometry& geometry, std::uint64_t seed);

/// Over the sockets where `via` says so. Throws std::logic_error naming the checker that is blind or the value that
/// differs unplanted, and Interrupted on SIGINT. `dut` is reset.
void run_canaries(dut::Dut& dut, CheckLevel level, std::uint64_t seed, Via via = Via::native);

}  // namespace systole::app
