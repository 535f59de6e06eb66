// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a failed run leaves behind: the failing image run again by itself, and a folder with what that showed.
#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "golden/model/network.h"
#include "sim/session/session.h"

namespace systole::debug {

/// A run that failed, and what repeats it.
struct FailedRun {
  const model::Network& network;
  const session::RunOptions& options;
  session::InputImage image;  ///< the one that did not pass
  std::string outcome;        ///< the run's, with its detail
  std::string token, command;
  std::filesystem::path folder;     ///< of the network
  std::vector<std::string> inputs;  ///< files that were given, or none
  std::string dataset;              ///< named, or empty
};

struct FailureFolder {
  std::filesystem::path path;
  std::size_t in_all = 0;          ///< folders of failures in that place, this one included
  std::vector<std::string> blame;  ///< lines of blame.txt
};

/// Runs the image twice more with every value of the design's highest check level compared: up to the first difference
/// that shows outside, then with a dump around both. Makes PLACE/NETWORK.LAYER-HASH (HASH: eight digits of the token's
/// SHA-256; "-2", "-3" behind it where that is taken) with
///   failure.json  what failed and how to repeat it (docs/debugging.md); "complete" is false until the rest is there
///   window.*      the dump, as FST and VCD where GTKWave's converters are found, and window.gtkw, its view; none where
///                 this program's model has no trace
///   blame.txt     the first wrong value and the first that shows outside, in words
/// `progress` is called with the part that is done, 0 .. 1. Throws base::InputError where a file cannot be written,
/// base::Interrupted; what was made stays, incomplete.
FailureFolder leave_failure_folder(const FailedRun& run, const std::filesystem::path& place,
                                   const std::function<void(double)>& progress);

/// The view in a failure's folder. Throws base::InputError where it has none.
[[nodiscard]] std::filesystem::path view_of_failure(const std::filesystem::path& folder);

/// The view of the newest failure in `place` that has one, or an empty path.
[[nodiscard]] std::filesystem::path newest_failure_view(const std::filesystem::path& place);

}  // namespace systole::debug
