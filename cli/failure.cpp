// SPDX-License-Identifier: Apache-2.0
#include "cli/failure.h"

#include <fmt/format.h>

#include <exception>
#include <filesystem>

#include "base/input_error.h"
#include "base/interrupted.h"
#include "base/progress.h"
#include "base/quote.h"
#include "base/standard_streams.h"
#include "cli/programs.h"
#include "debug/failure_folder.h"
#include "golden/format/network_file.h"
#include "golden/model/execute.h"
#include "sim/dut/registry.h"
#include "sim/session/canary.h"

namespace systole::cli {

debug::Token token_of(const ImageChoice& choice, const session::RunOptions& options, const NetworkImages& images,
                      std::int64_t index) {
  const bool usual = choice.inputs.empty() && choice.dataset.empty();
  return {.rtl = debug::short_hash(std::string(dut::rtl_hash())),
          .network = debug::short_hash(debug::network_sha256(choice.network)),
          .design = options.configuration,
          .seed = options.seed,
          .via = options.via,
          .stall = options.stall,
          .image = index,
          .input = usual ? "" : debug::short_hash(debug::tensor_sha256(images.at(index).input)),
          .layer = options.layer};
}

bool leaves_folder(kernel::Outcome outcome) {
  switch (outcome) {
    case kernel::Outcome::mismatch:
    case kernel::Outcome::timeout:
    case kernel::Outcome::input_left:
    case kernel::Outcome::early_last:
    case kernel::Outcome::unexpected_output:
      return true;
    default:
      return false;
  }
}

namespace {

debug::FailureFolder make_folder(const debug::FailedRun& run, const std::string& place) {
  constexpr std::uint64_t kPercent = 100;
  base::ProgressBar bar("% of the failure folder", kPercent);
  return debug::leave_failure_folder(run, place,
                                     [&bar](double part) { bar.set(part * static_cast<double>(kPercent)); });
}

}  // namespace

void leave_failure(const ImageChoice& choice, const session::RunOptions& options, const model::Network& network,
                   const NetworkImages& images, const session::RunReport& report, const std::string& place) {
  const debug::FailedRun run{.network = network,
                             .options = options,
                             .image = images.at(report.failure->image),
                             .outcome = fmt::format("{}: {}", to_string(report.outcome), report.detail),
                             .token = report.failure->token,
                             .command = options.rerun,
                             .folder = choice.network,
                             .inputs = choice.inputs,
                             .dataset = choice.dataset};
  std::string problem;
  try {
    const debug::FailureFolder folder = make_folder(run, place);
    fmt::print("failure: {} ({} in {})\n", folder.path.string(), folder.in_all, place);
    for (const std::string& line : folder.blame) fmt::print("  {}\n", line);
    fmt::print("  again: {} rerun {}\n", own_command(), base::shell_word(run.token));
    return;
  } catch (const base::Interrupted&) {
    problem = "interrupted, incomplete";
  } catch (const std::exception& error) {  // the verdict stands, whatever the disk says
    problem = error.what();
  }
  base::print_error(base::terminal_text(fmt::format("{}: no whole failure folder: {}", place, problem)));
}

void leave_canary_layer(const session::RunOptions& options, const std::string& place) {
  const auto dut = dut::make_dut(options.configuration, dut::TraceFormat::none);
  const auto canary = session::failing_canary(*dut, options.check, options.seed, options.via);
  if (!canary) return;
  const std::filesystem::path folder =
      std::filesystem::path(place) / fmt::format("canary.{}-{}", options.configuration, options.seed);
  const op::Tensor expected = model::Executor(canary->network).run(canary->input).back();
  try {
    model::save_network(canary->network, folder, {{.input = canary->input, .expected = expected}});
  } catch (const base::InputError& error) {  // the verdict stands, whatever the disk says
    base::print_error(base::terminal_text(error.what()));
    return;
  }
  fmt::print("canary layer: {}, which fails by itself: {} run {} --config {} --check {} --seed {}\n", folder.string(),
             own_command(), base::shell_word(folder.string()), options.configuration, to_string(options.check),
             options.seed);
}

}  // namespace systole::cli
