// SPDX-License-Identifier: Apache-2.0
#pragma once
// Proof, before every run, that the checkers can see: a small layer replayed once clean and once per checker with one
// expected bit flipped, which exactly that checker must report, at exactly that place.
#include <cstdint>

#include "sim/dut/dut.h"
#include "sim/session/bus.h"
#include "sim/session/monitor.h"

namespace systole::session {

/// A convolution of rows channels to cols channels on a 4 x 4 map with values from `seed`, in the ranges of `geometry`.
model::Network canary_network(const accel::Geometry& geometry, std::uint64_t seed);

/// Over the sockets where `via` says so. Throws std::logic_error naming the checker that is blind or the value that
/// differs unplanted, and base::Interrupted on SIGINT. `dut` is reset.
void run_canaries(dut::Dut& dut, CheckLevel level, std::uint64_t seed, Via via = Via::native);

}  // namespace systole::session
