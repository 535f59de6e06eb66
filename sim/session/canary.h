// SPDX-License-Identifier: Apache-2.0
#pragma once
// Proof, before every run, that the checkers can see: a small layer replayed once clean and once per checker with one
// expected bit flipped, which exactly that checker must report, at exactly that place.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "golden/model/network.h"
#include "sim/dut/dut.h"
#include "sim/session/transport.h"

namespace systole::session {

/// What the canaries showed.
struct Canaries {
  std::vector<std::string> shown;  ///< checkers that were seen red: "pins", "registers weight", "tensor"
  std::string missing;             ///< why not all were shown, or empty; such a run has not passed
};

/// Over the bus where `via` says so. CheckLevel::none shows nothing, and nothing is missing. Where the clean replay
/// already differs, none can be shown: the run proper then says what is wrong with the design. Throws
/// base::Interrupted on SIGINT. `dut` is reset.
Canaries run_canaries(dut::Dut& dut, check::CheckLevel level, std::uint64_t seed, Via via = Via::native);

/// The canary layer where the design answers it otherwise than the golden, without a planted bit: a fault that the
/// layers of the run itself may not show. Throws and leaves `dut` as run_canaries.
struct FailingCanary {
  model::Network network;
  op::Tensor input;
};
[[nodiscard]] std::optional<FailingCanary> failing_canary(dut::Dut& dut, check::CheckLevel level, std::uint64_t seed,
                                                          Via via = Via::native);

}  // namespace systole::session
