// SPDX-License-Identifier: Apache-2.0
#pragma once
// The images of a run, spread over several processes of this program.
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sim/session/session.h"

namespace systole::cli {

/// The arguments that let a process of this program run `count` images from `first` on and write its result
/// (session::result_text) to `result`.
using WorkerArguments =
    std::function<std::vector<std::string>(std::int64_t first, std::int64_t count, const std::string& result)>;

/// Runs images first .. first + count - 1 in `workers` processes at a time, neighbouring images in one each, and gives
/// the report that one process would have given. Where an image does not pass, processes with later images are ended.
/// A wish to end (base::interrupted) goes to all. Throws base::InputError with what a worker says of bad input; one
/// that ends without a word and without a result makes the run `lost`.
session::RunReport run_in_workers(std::int64_t first, std::int64_t count, int workers, const WorkerArguments& arguments,
                                  const session::Progress& progress);

/// Progress of a worker, for the process that started it: now and then a line on standard output.
session::Progress worker_progress();

}  // namespace systole::cli
