// SPDX-License-Identifier: Apache-2.0
#pragma once
// The token of a run, and the folder that a failed one leaves.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cli/network_images.h"
#include "debug/token.h"
#include "golden/model/network.h"
#include "sim/session/session.h"

namespace systole::cli {

/// Where failures go if nothing else is said.
inline constexpr std::string_view kFailures = "failures";

/// What was given of a run's images.
struct ImageChoice {
  std::string network;              ///< folder
  std::vector<std::string> inputs;  ///< files
  std::string dataset;
};

/// Of the run of one image, or of the image `index` that a run failed with.
debug::Token token_of(const ImageChoice& choice, const session::RunOptions& options, const NetworkImages& images,
                      std::int64_t index);

/// Whether a run that ended so leaves a folder: something in it is wrong, and will be again.
bool leaves_folder(kernel::Outcome outcome);

/// Makes the folder in `place` and prints where it is and what it says; where it cannot be made, prints why. `run`
/// failed with that report, whose `failure` is set, with its token.
void leave_failure(const ImageChoice& choice, const session::RunOptions& options, const model::Network& network,
                   const NetworkImages& images, const session::RunReport& report, const std::string& place);

/// After a run that a canary left unproven: where the canary layer itself differs, writes it to `place` as a network
/// and prints the command that runs it, which fails as any other.
void leave_canary_layer(const session::RunOptions& options, const std::string& place);

}  // namespace systole::cli
