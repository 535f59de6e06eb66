// SPDX-License-Identifier: Apache-2.0
#include "vectors/replay/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <stdexcept>
#include <tuple>

#include "accel/lower/tiler.h"
#include "base/counted.h"
#include "base/input_error.h"
#include "base/interrupt.h"
#include "base/interrupted.h"
#include "base/quote.h"
#include "golden/fixed/saturate.h"
#include "golden/model/execute.h"
#include "sim/dut/dut.h"

namespace systole::replay {
namespace {

/// The most fitting first.
std::vector<Candidate> sorted(std::vector<Candidate> found, int rows, int cols) {
  std::stable_sort(found.begin(), found.end(), [&](const Candidate& a, const Candidate& b) {
    const auto key = [&](const accel::Geometry& g) {
      return std::tuple(g.rows < rows || g.cols < cols, std::abs(g.rows * g.cols - rows * cols), g.act_width);
    };
    return key(a.geometry) < key(b.geometry);
  });
  return found;
}

/// Why the jobs do not run there; empty where they do.
std::string obstacle(const std::vector<ReplayJob>& jobs, const accel::Geometry& geometry) {
  try {
    for (const ReplayJob& job : jobs) {
      if (base::interrupted()) throw base::Interrupted();
      for (const model::Node& node : job.network.nodes) (void)lower::tile(node.layer, geometry);
      model::Executor(job.network).run(job.input);
    }
  } catch (const base::InputError& error) {
    return error.what();
  } catch (const fixed::OverflowError& error) {
    return error.what();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return {};
}

/// Of a design that says nothing of its psums.
constexpr int kWidestPsum = 32;

std::string trace_name(const ReplayOptions& options, const std::string& name) {
  const std::string set = options.folder.filename().string();
  const char* extension = options.run.trace == dut::TraceFormat::vcd ? "vcd" : "fst";
  return fmt::format("{}.{}.{}", set.empty() ? "replay" : set, name, extension);
}

}  // namespace

void ReplayStep::operator()(double done, std::size_t total, std::uint64_t cycles) {
  if (base::interrupted()) throw base::Interrupted();
  if (!bar_) bar_ = std::make_unique<base::ProgressBar>(unit_, std::max<std::size_t>(total, 1));
  bar_->set(done, cycles);
}

void ReplayLog::finding(const std::string& text) {
  fmt::print("{}\n", text);
  outcome_ = kernel::first_failure(outcome_, kernel::Outcome::mismatch);
}

void ReplayLog::compared(std::string_view what, std::string_view sources, const vectors::Comparison& comparison) {
  if (comparison.compared == 0) return;
  fmt::print("{:<8} {:<20} {:>10} compared  {:>8} differ\n", what, sources, comparison.compared, comparison.differ);
  compared_ += comparison.compared;
  of_files_ += comparison.compared;
  differ_ += comparison.differ;
  if (comparison.differ == 0) return;
  finding(comparison.first);
  if (comparison.negative_zeros > 0) {
    fmt::print(
        "hint: {} of the {} are the sign bit alone where {} has 0, as -0 of sign and magnitude; in two's complement 0 "
        "is all zeros\n",
        comparison.negative_zeros, comparison.differ, sources.substr(sources.rfind(' ') + 1));
  }
}

void ReplayLog::ran(std::string_view what, const session::RunReport& report) {
  for (const std::string& failure : report.failures) fmt::print("{}\n", failure);
  fmt::print("{:<8} {:<20} {:>10} compared  {:>8} differ  {} cycles\n", what, "RTL against golden", report.compared,
             report.mismatches, report.cycles);
  if (!report.detail.empty()) fmt::print("{}: {}\n", to_string(report.outcome), report.detail);
  compared_ += report.compared;
  differ_ += report.mismatches;
  outcome_ = kernel::first_failure(outcome_, report.outcome);
}

kernel::Outcome ReplayLog::finish() const {
  const bool nothing = outcome_ == kernel::Outcome::passed && of_files_ == 0;
  const kernel::Outcome outcome = nothing ? kernel::Outcome::nothing_compared : outcome_;
  if (nothing && compared_ > 0) fmt::print("no value of a file was compared, only the RTL with the golden\n");
  fmt::print("{}: {} values compared, {} differ\n", to_string(outcome), compared_, differ_);
  return outcome;
}

ReplayTarget choose_target(const ReplayOptions& options, int rows, int cols, const ReplayJobs& jobs) {
  if (!options.own_design.empty()) {
    options.use_configuration(options.own_design);
    fmt::print("design {}\n", options.own_design);
    return {.configuration = options.own_design, .psum_width = kWidestPsum, .jobs = jobs(kWidestPsum)};
  }
  std::string reasons;
  for (const Candidate& candidate : sorted(options.candidates, rows, cols)) {
    ReplayTarget target{.configuration = candidate.configuration,
                        .psum_width = candidate.geometry.psum_width,
                        .jobs = jobs(candidate.geometry.psum_width)};
    const std::string problem = obstacle(target.jobs, candidate.geometry);
    if (problem.empty()) {
      options.use_configuration(candidate.configuration);
      fmt::print("configuration {}{}\n", target.configuration, reasons.empty() ? "" : " (not" + reasons + ")");
      return target;
    }
    reasons += fmt::format("{} {}: {}", reasons.empty() ? "" : ";", candidate.configuration, problem);
  }
  throw base::InputError(options.folder.string(), "", "no configuration takes this set:" + reasons);
}

void report_changed_files(const ReplayOptions& options, const vectors::Manifest& manifest, ReplayLog& log) {
  std::vector<std::string> changed;
  {
    ReplayStep step("files");
    changed = vectors::changed_files(options.folder, manifest,
                                     [&step](std::uint64_t done, std::uint64_t total) { step(done, total); });
  }
  for (const std::string& line : changed) log.finding(line);
  if (changed.empty())
    fmt::print("{}, all as {} says\n", base::counted(manifest.files.size(), "file"), vectors::kManifestFile);
}

void add(session::RunReport& total, session::RunReport&& part) {
  total.outcome = part.outcome;
  total.detail = std::move(part.detail);
  total.compared += part.compared;
  total.mismatches += part.mismatches;
  total.cycles += part.cycles;
  std::move(part.failures.begin(), part.failures.end(), std::back_inserter(total.failures));
}

session::RunReport run_rtl(const RtlRun& rtl, const std::string& name, const std::string& configuration,
                           const ReplayOptions& options, const std::string& rerun, bool traced, ReplayStep& step,
                           const session::Progress& draw) {
  session::RunOptions run = options.run;
  run.test = "replay";
  run.configuration = configuration;
  run.rerun = fmt::format("{} replay {}{}{}{} --check {} --stall {}", options.program,
                          base::shell_word(options.folder.string()),
                          options.own_design.empty() ? " --config " + configuration : "", rerun.empty() ? "" : " ",
                          rerun, to_string(run.check), to_string(run.stall));
  run.rerun_takes_image = false;
  if (!traced) run.trace = dut::TraceFormat::none;
  if (run.trace != dut::TraceFormat::none && run.trace_file.empty()) {
    const bool folder = std::filesystem::is_directory("waveforms");
    run.trace_file = std::filesystem::path(folder ? "waveforms" : ".") / trace_name(options, name);
  }
  draw(0, 0);
  session::RunReport report = rtl(run, [&draw](double part, std::uint64_t cycles) {
    if (!base::interrupted()) draw(part, cycles);
  });
  if (run.trace == dut::TraceFormat::none) return report;
  step.end();
  fmt::print("waveform: {}\n", run.trace_file.string());
  return report;
}

namespace {
/// Outputs of a part are no values of a file, unless it is the whole of this layer on this input.
void leave_out_part(const ReplayJob& job, session::RunReport& report, ReplayStep& step) {
  if (report.in_part.empty() || report.outputs.empty()) return;
  if (report.outputs.back().data == model::Executor(job.network).run(job.input).back().data) return;
  report.outputs.clear();
  step.end();
  for (const std::string& part : report.in_part) fmt::print("not checked: file against RTL, in part: {}\n", part);
}
}  // namespace

session::RunReport run_job(const ReplayJob& job, const ReplayTarget& target, const ReplayOptions& options,
                           const std::string& rerun, bool traced, ReplayStep& step, std::size_t done,
                           std::size_t total) {
  const session::ImageSource source = [&job](std::int64_t i) {
    return session::InputImage{.index = i, .label = -1, .input = job.input};
  };
  const RtlRun run = [&](session::RunOptions run_options, const session::Progress& progress) {
    run_options.layer = job.only;
    return session::run_network(job.network, run_options, source, 1, progress);
  };
  session::RunReport report =
      run_rtl(run, job.network.name, target.configuration, options, rerun, traced, step,
              [&](double part, std::uint64_t cycles) { step(static_cast<double>(done) + part, total, cycles); });
  leave_out_part(job, report, step);
  return report;
}

}  // namespace systole::replay
