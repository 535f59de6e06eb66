// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>

#include "base/counted.h"
#include "base/input_error.h"
#include "base/interrupt.h"
#include "base/output_file.h"
#include "base/process.h"
#include "base/progress.h"
#include "base/quote.h"
#include "cli/commands.h"
#include "cli/failure.h"
#include "cli/network_images.h"
#include "cli/outputs_file.h"
#include "cli/programs.h"
#include "cli/shared_options.h"
#include "cli/table_files.h"
#include "cli/workers.h"
#include "golden/fixed/saturate.h"
#include "golden/format/network_file.h"
#include "sim/session/junit.h"
#include "sim/session/report.h"
#include "sim/session/session.h"
#include "sim/session/timing.h"

namespace systole::cli {
namespace {

constexpr std::int64_t kImages = 10;  // where no number is given

struct RunArguments {
  std::string network;
  std::string dataset;
  std::vector<std::string> inputs;
  std::optional<std::int64_t> images;
  std::int64_t first_image = 0;
  CheckingOptions checking;
  TraceOptions trace;
  std::string via = "native", kind, report, junit, outputs, record_timing, check_timing;
  int workers = 1;
  std::string failures = std::string(kFailures);
  bool no_failure_folder = false;
  WorkerPlace worker;
  session::RunOptions options;
  TableFiles files;
};

/// The one that runs where none is named.
std::string usual_configuration() {
  return dut::has_adapter() ? std::string(dut::own_configuration()) : session::RunOptions().configuration;
}

/// The command that repeats the run but for its images, seed and trace.
std::string rerun_command(const RunArguments& a) {
  std::string text = own_command() + " run " + base::shell_word(a.network);
  for (const std::string& input : a.inputs) text += " --input " + base::shell_word(input);
  if (a.inputs.empty() && !a.dataset.empty()) text += " --dataset " + base::shell_word(a.dataset);
  if (a.options.configuration != usual_configuration()) text += " --config " + a.options.configuration;
  if (!a.options.layer.empty()) text += " --layer " + base::shell_word(a.options.layer);
  if (a.options.skip_unfit) text += " --skip-unfit";
  if (a.options.via != session::Via::native) text += " --via " + a.via;
  return text + fmt::format(" --check {} --stall {}", a.checking.check, a.checking.stall);
}

/// A network's name as the name of a file in a folder.
std::string file_name(std::string text) {
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

void settle_options(RunArguments& a, const std::string& network_name) {
  a.options.via = a.via == to_string(session::Via::tlm) ? session::Via::tlm : session::Via::native;
  a.checking.settle(a.options);
  a.options.rerun = rerun_command(a);
  a.trace.settle(a.options);
  if (!a.options.trace_window.empty()) a.trace.need_trace("--trace-window");
  if (a.trace.format.empty() || !a.options.trace_file.empty()) return;
  const bool folder = std::filesystem::is_directory("waveforms");
  a.options.trace_file =
      std::filesystem::path(folder ? "waveforms" : ".") / file_name(network_name + "." + a.trace.format);
}

/// Of another process: what decides the results of these images.
std::vector<std::string> arguments_for(const RunArguments& a, std::int64_t first, std::int64_t count) {
  std::vector<std::string> words{"run", a.network};
  const auto option = [&words](const char* name, const std::string& value) {
    if (!value.empty()) words.insert(words.end(), {name, value});
  };
  for (const std::string& input : a.inputs) option("--input", input);
  option("--dataset", a.dataset);
  option("--config", a.options.configuration);
  option("--kind", a.kind);
  option("--layer", a.options.layer);
  if (a.options.skip_unfit) words.emplace_back("--skip-unfit");
  option("--via", a.via);
  option("--check", a.checking.check);
  option("--stall", a.checking.stall);
  option("--seed", std::to_string(a.options.seed));
  const bool limited = a.options.max_cycles != session::RunOptions().max_cycles;
  option("--after-failure", a.options.after_failure == 0 ? "" : std::to_string(a.options.after_failure));
  option("--max-cycles", limited ? std::to_string(a.options.max_cycles) : "");
  option("--images", std::to_string(count));
  option("--first-image", std::to_string(first));
  return words;
}

/// Of a process that shares the images with others; the one that begins with the first makes the dump.
std::vector<std::string> worker_arguments(const RunArguments& a, std::int64_t count, const WorkerPlace& place) {
  std::vector<std::string> words = arguments_for(a, a.first_image, count);
  words.insert(words.end(), {"--jobs", std::to_string(a.workers), "--worker-folder", place.folder.string(), "--worker",
                             std::to_string(place.number)});
  if (place.number != 0 || a.trace.format.empty()) return words;
  words.insert(words.end(), {"--trace", a.trace.format, "--trace-file", a.options.trace_file.string()});
  if (!a.options.trace_window.empty()) words.insert(words.end(), {"--trace-window", a.options.trace_window});
  return words;
}

/// Some of the images; errors of the golden that a network's file causes become bad input.
session::RunReport run_images(const model::Network& network, const RunArguments& a, const session::RunOptions& options,
                              const NetworkImages& images, const Portion& portion, const session::Progress& progress) {
  const session::ImageSource source = [&](std::int64_t i) { return images.at(portion.first + i); };
  try {
    return session::run_network(network, options, source, portion.count, progress);
  } catch (const fixed::OverflowError& error) {
    throw base::InputError(a.network, "", error.what());
  } catch (const std::invalid_argument& error) {
    throw base::InputError(a.network, "", error.what());
  }
}

/// How many images the run has: all files that were named, but not all of a data set.
std::int64_t count_of(const RunArguments& a, const NetworkImages& images) {
  return images.count(a.first_image, a.images.value_or(a.inputs.empty() ? kImages : images.size()));
}

/// A design with an adapter runs the first image of each portion twice.
std::vector<Portion> portions_for(const RunArguments& a, std::int64_t count) {
  return portions_of(a.first_image, count, a.workers, !dut::has_adapter());
}

session::RunReport run_checked(const model::Network& network, const RunArguments& a, const NetworkImages& images) {
  const std::int64_t count = count_of(a, images);
  base::ProgressBar bar("images", static_cast<std::uint64_t>(count));
  const session::Progress progress = [&bar](double done, std::uint64_t cycles) { bar.set(done, cycles); };
  if (a.workers == 1 || count == 1)
    return run_images(network, a, a.options, images, {.first = a.first_image, .count = count}, progress);
  return run_in_workers(
      portions_for(a, count), a.workers, [&](const WorkerPlace& place) { return worker_arguments(a, count, place); },
      progress);
}

/// The dump is of the run's first image.
int run_as_worker(const model::Network& network, const RunArguments& a, const NetworkImages& images) {
  session::RunOptions without_trace = a.options;
  without_trace.trace = dut::TraceFormat::none;
  without_trace.trace_window.clear();
  return exit_code(run_portions(
      a.worker, portions_for(a, count_of(a, images)), [&](const Portion& portion, const session::Progress& progress) {
        const bool first = portion.first == a.first_image;
        return run_images(network, a, first ? a.options : without_trace, images, portion, progress);
      }));
}

OutputsFile outputs_file(const RunArguments& a, const model::Network& network) {
  const std::string& last = network.nodes.back().layer.name;
  if (!a.outputs.empty() && !a.options.layer.empty() && a.options.layer != last) {
    throw base::InputError("--outputs", "",
                           fmt::format("expected with --layer {} or no --layer: the last layer runs", last));
  }
  return {a.outputs, network};
}

/// A run that passed fails where the golden does not answer samples as they say: the framework that the network came
/// from answers otherwise.
void judge_samples(const NetworkImages& images, session::RunReport& report) {
  SampleCheck samples;
  for (const session::Prediction& p : report.predictions) samples.add(p.image, p.output, images.expected(p.image));
  fmt::print("{}", samples.text());
  if (samples.holds() || report.outcome != kernel::Outcome::passed) return;
  report.outcome = kernel::Outcome::differs;
  report.detail = "the network does not answer its samples as expected";
}

/// Keeps the cycles of a run that passed, and compares them with what was kept before.
void judge_timing(const RunArguments& a, const std::optional<session::Timing>& recorded, const std::string& network,
                  session::RunReport& report) {
  if (report.outcome != kernel::Outcome::passed) return;
  const session::Timing now = timing_of(report, a.options, network);
  if (recorded) {
    for (const session::TimingChange& change : compare_timing(a.check_timing, *recorded, now)) {
      const bool slower = change.now > change.recorded;
      const std::string text =
          fmt::format("{} takes {} cycles, recorded are {}", change.layer, change.now, change.recorded);
      fmt::print("{}: {}\n", slower ? "slower" : "faster", text);
      if (!slower || report.outcome != kernel::Outcome::passed) continue;
      report.outcome = kernel::Outcome::slower;
      report.detail = text;
    }
  }
  const bool keep = !a.record_timing.empty() && report.outcome == kernel::Outcome::passed;
  if (keep) base::write_file_at_once(a.record_timing, timing_json(now));
}

/// What Verilator's lint says of the RTL, if anything.
std::string lint_note(const dut::Build& build) {
  if (build.facts.lint_warnings == 0) return {};
  return fmt::format(", RTL with {}",
                     base::counted(static_cast<std::uint64_t>(build.facts.lint_warnings), "lint warning"));
}

ImageChoice choice_of(const RunArguments& a) {
  return {.network = a.network, .inputs = a.inputs, .dataset = a.dataset};
}

/// Where this program's model has no trace and another's has one, that one runs the failing image and leaves the
/// folder.
bool leave_failure_elsewhere(const RunArguments& a, std::int64_t image) {
  const std::filesystem::path program = program_with({a.options.configuration, dut::TraceFormat::fst});
  if (program.empty()) return false;
  RunArguments other = a;
  other.kind.clear();
  std::vector<std::string> words = arguments_for(other, image, 1);
  words.insert(words.begin(), program.string());
  words.insert(words.end(), {"--kind", "edit", "--failures", a.failures});
  const std::string said = base::run_process(words).output;
  const std::size_t start = said.find("\nfailure: ");
  if (start == std::string::npos) return false;
  fmt::print("{}", said.substr(start + 1));
  return true;
}

void leave_failure(const RunArguments& a, const model::Network& network, const NetworkImages& images,
                   const session::RunReport& report) {
  if (a.no_failure_folder) return;
  if (report.outcome == kernel::Outcome::unproven && !dut::has_adapter()) leave_canary_layer(a.options, a.failures);
  if (!report.failure || !leaves_folder(report.outcome)) return;
  const bool traced = dut::find_build(a.options.configuration, dut::TraceFormat::none).trace != dut::TraceFormat::none;
  if (!traced && leave_failure_elsewhere(a, report.failure->image)) return;
  leave_failure(choice_of(a), a.options, network, images, report, a.failures);
}

int run(RunArguments& a) {
  a.files.open();
  const base::InterruptGuard guard;
  for (const std::string& file : {a.report, a.junit}) {
    if (!file.empty()) base::remove_result(file);
  }
  if (!a.record_timing.empty()) base::require_place_for(a.record_timing);
  std::optional<session::Timing> recorded;
  if (!a.check_timing.empty()) recorded = session::read_timing(a.check_timing);
  const model::Network network = model::load_network(a.network);
  settle_options(a, network.name);
  OutputsFile outputs = outputs_file(a, network);
  const ModelNeed need{a.options.configuration, a.options.trace, a.kind};
  const dut::Build& build = require_model(need);
  const NetworkImages images(a.network, network, a.inputs, a.dataset);
  a.options.keep_outputs = outputs.wanted() || images.expected(0) != nullptr || !a.worker.folder.empty();
  if (!a.worker.folder.empty()) return run_as_worker(network, a, images);
  session::RunReport report = run_checked(network, a, images);
  if (report.failure)
    report.failure->token = to_string(token_of(choice_of(a), a.options, images, report.failure->image));
  for (const std::string& skipped : report.skipped) fmt::print("not run: {}\n", skipped);
  for (const std::string& in_part : report.in_part) fmt::print("in part: {}\n", in_part);
  for (const std::string& failure : report.failures) fmt::print("{}\n", failure);
  fmt::print("{}", session::run_table(report, network));
  fmt::print("model {}/{}{}\n", build.configuration, build.kind, lint_note(build));
  judge_samples(images, report);
  judge_timing(a, recorded, network.name, report);
  for (const session::Prediction& p : report.predictions) outputs.add(p.image, p.label, p.output);
  outputs.write();
  fmt::print("{}{}{}\n", to_string(report.outcome), report.detail.empty() ? "" : ": ", report.detail);
  if (report.outcome == kernel::Outcome::passed) fmt::print("{}", cover::missed_text(report.exercised));
  a.files.write(session::layer_table(report));
  if (!a.report.empty()) base::write_file_at_once(a.report, session::run_json(report, a.options, network));
  if (!a.junit.empty()) base::write_file_at_once(a.junit, session::run_junit(report, a.options, network.name));
  if (a.options.trace != dut::TraceFormat::none) {
    fmt::print("waveform: {}{}\n", a.options.trace_file.string(),
               report.trace_empty ? " (empty: the first image ended before --trace-window)" : "");
  }
  leave_failure(a, network, images, report);
  return exit_code(report.outcome);
}

}  // namespace

Command add_run_command(CLI::App& program) {
  auto a = std::make_shared<RunArguments>();
  a->options.configuration = usual_configuration();
  CLI::App* command = program.add_subcommand("run", std::string(description_of("run")));
  command->option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  command->add_option("NETWORK", a->network, "Folder of the network")->required();
  command
      ->add_option("--images", a->images,
                   fmt::format("Number of images: all of the files given, {} of anything else", kImages))
      ->check(CLI::Range(1, 1000000000));
  command->add_option("--first-image", a->first_image, "Index of the first image")
      ->check(CLI::Range(0, 1000000000))
      ->capture_default_str();
  add_input_options(*command, a->inputs, a->dataset);
  command->add_option("--outputs", a->outputs, "Write what the network answered to each image (.npy or .csv)");
  command
      ->add_option("--config", a->options.configuration,
                   "Size of the array: a name of `systole list`, or ROWSxCOLS; built when first used")
      ->capture_default_str();
  command
      ->add_option("--kind", a->kind,
                   "Which model of it: edit (quick to build, FST) or speed; the fastest that is built if not given")
      ->check(CLI::IsMember({"edit", "speed"}));
  command->add_option("--layer", a->options.layer, "Run this layer only");
  command->add_flag("--skip-unfit", a->options.skip_unfit, "Leave out layers that the design cannot run");
  command
      ->add_option(
          "--via", a->via,
          "Streams straight to the pins, or as bursts over TLM-2.0 sockets (docs/tlm.md); goes with every other "
          "option, --stall then acts between the target's queues and the pins")
      ->check(CLI::IsMember(std::vector<std::string>(session::kViaNames.begin(), session::kViaNames.end())))
      ->capture_default_str();
  add_checking_options(*command, a->checking, a->options.seed);
  add_trace_options(*command, a->trace, a->options.trace_file, "Dump the first image", "waveforms/NETWORK.vcd");
  command->add_option("--trace-window", a->options.trace_window,
                      "FIRST:LAST cycles, more of them behind commas, or a layer's name");
  command
      ->add_option("--after-failure", a->options.after_failure,
                   "Go on for so many cycles after the first difference, for a dump that shows what follows")
      ->check(CLI::Range(0, 1000000000));
  command->add_option("--max-cycles", a->options.max_cycles, "Give an image up as unfinished after so many cycles")
      ->check(CLI::Range(1, 1000000000));
  command->add_option("-j,--jobs", a->workers, "Run the images in so many processes; the report is the same")
      ->check(CLI::Range(1, 1024));
  // Of the processes that --jobs starts.
  command->add_option("--worker-folder", a->worker.folder, "")->group("");
  command->add_option("--worker", a->worker.number, "")->group("");
  command->add_option("--report", a->report, "Write a JSON report");
  add_table_options(*command, a->files);
  command->add_option("--junit", a->junit, "Write the verdict of each layer as JUnit XML");
  command
      ->add_option("--failures", a->failures,
                   "Folder in which a failed run leaves dump, view and record of its failure")
      ->capture_default_str();
  command->add_flag("--no-failure-folder", a->no_failure_folder, "Leave none");
  command->add_option("--record-timing", a->record_timing, "Keep the cycles of each layer in this file");
  command->add_option("--check-timing", a->check_timing, "Fail where a layer takes more cycles than this file has");
  command->footer("Example: systole run models/lenet --images 10 --stall both --trace vcd --trace-window conv2");
  return [a] { return run(*a); };
}

}  // namespace systole::cli
