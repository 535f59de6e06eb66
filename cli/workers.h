// SPDX-License-Identifier: Apache-2.0
#pragma once
// The images of a run, spread over several processes of this program.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "sim/session/session.h"

namespace systole::cli {

/// Neighbouring images of a run, which one process runs.
struct Portion {
  std::int64_t first = 0, count = 0;
};

/// The images first .. first + count - 1 in portions, in their order: one of the same size for each of `workers`
/// processes, and where `share_rest`, seven eighths of the images in these, seven eighths of what is left in the next
/// and so on, so that the processes end at nearly the same time.
[[nodiscard]] std::vector<Portion> portions_of(std::int64_t first, std::int64_t count, int workers, bool share_rest);

/// What makes a process of this program a worker of another.
struct WorkerPlace {
  std::filesystem::path folder;  ///< of the portions that are taken, each with its result; empty: it is none
  std::size_t number = 0;        ///< the portion that it begins with
};

/// The arguments of a worker, which is to call run_portions() with the same portions.
using WorkerArguments = std::function<std::vector<std::string>(const WorkerPlace&)>;

/// Runs the portions in `workers` processes, each of which takes the next as soon as it has ended one, and gives the
/// report that one process would have given. Where an image does not pass, processes with later images are ended. A
/// wish to end (base::interrupted) goes to all. Throws base::InputError with what a worker says of bad input; one that
/// ends without a word and without a result makes the run `lost`.
session::RunReport run_in_workers(const std::vector<Portion>& portions, int workers, const WorkerArguments& arguments,
                                  const session::Progress& progress);

/// In a worker: runs its first portion and then others that nobody has taken, in their order, until there is none or
/// an image of one has not passed; leaves each result in the folder, and tells the process that started it how far it
/// is, on standard output. Gives the last outcome. Throws base::InputError.
kernel::Outcome run_portions(
    const WorkerPlace& place, const std::vector<Portion>& portions,
    const std::function<session::RunReport(const Portion& portion, const session::Progress& progress)>& run);

}  // namespace systole::cli
