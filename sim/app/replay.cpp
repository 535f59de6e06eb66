#include "sim/app/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <tuple>

#include "golden/fixed/saturate.h"
#include "golden/model/execute.h"
#include "golden/model/input_error.h"
#include "sim/app/interrupted.h"
#include "sim/dut/dut.h"
#include "sim/kernel/interrupt.h"
#include "vectors/tiler.h"

namespace systole::app {
namespace {

struct Candidate {
  std::string configuration;
  cycle::Geometry geometry;
};

/// Every configuration built with that trace, the most fitting first.
std::vector<Candidate> candidates(int rows, int cols, dut::TraceFormat trace) {
  std::vector<Candidate> found;
  for (const dut::Build& build : dut::builds()) {
    const auto same = [&](const Candidate& c) { return c.configuration == build.configuration; };
    if (std::any_of(found.begin(), found.end(), same)) continue;
    if (trace != dut::TraceFormat::none && build.trace != trace) continue;
    found.push_back({std::string(build.configuration), build.make()->geometry()});
  }
  std::stable_sort(found.begin(), found.end(), [&](const Candidate& a, const Candidate& b) {
    const auto key = [&](const cycle::Geometry& g) {
      return std::tuple(g.rows < rows || g.cols < cols, std::abs(g.rows * g.cols - rows * cols), g.act_width);
    };
    return key(a.geometry) < key(b.geometry);
  });
  return found;
}

/// Why the jobs do not run there; empty where they do.
std::string obstacle(const std::vector<ReplayJob>& jobs, const cycle::Geometry& geometry) {
  try {
    for (const ReplayJob& job : jobs) {
      if (kernel::interrupted()) throw Interrupted();
      for (const model::Node& node : job.network.nodes) (void)vectors::tile(node.layer, geometry);
      model::Executor(job.network).run(job.input);
    }
  } catch (const model::InputError& error) {
    return error.what();
  } catch (const fixed::OverflowError& error) {
    return error.what();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return {};
}

std::string trace_name(const ReplayOptions& options, const model::Network& network) {
  const std::string set = options.folder.filename().string();
  const char* extension = options.run.trace == dut::TraceFormat::vcd ? "vcd" : "fst";
  return fmt::format("{}.{}.{}", set.empty() ? "replay" : set, network.name, extension);
}

}  // namespace

void ReplayStep::operator()(std::size_t done, std::size_t total, std::uint64_t cycles) {
  if (kernel::interrupted()) throw Interrupted();
  if (!bar_) bar_ = std::make_unique<ProgressBar>(unit_, std::max<std::size_t>(total, 1));
  bar_->set(done, cycles);
}

void ReplayLog::finding(const std::string& text) {
  fmt::print("{}\n", text);
  outcome_ = kernel::first_failure(outcome_, kernel::Outcome::mismatch);
}

void ReplayLog::compared(std::string_view what, std::string_view sources, std::uint64_t values, std::uint64_t differ,
                         const std::string& first) {
  if (values == 0) return;
  fmt::print("{:<8} {:<20} {:>10} compared  {:>8} differ\n", what, sources, values, differ);
  compared_ += values;
  differ_ += differ;
  if (differ > 0) finding(first);
}

void ReplayLog::ran(std::string_view what, const RunReport& report) {
  for (const std::string& failure : report.failures) fmt::print("{}\n", failure);
  fmt::print("{:<8} {:<20} {:>10} compared  {:>8} differ  {} cycles\n", what, "RTL against golden", report.compared,
             report.mismatches, report.cycles);
  if (!report.detail.empty()) fmt::print("{}: {}\n", to_string(report.outcome), report.detail);
  compared_ += report.compared;
  differ_ += report.mismatches;
  outcome_ = kernel::first_failure(outcome_, report.outcome);
}

kernel::Outcome ReplayLog::finish() const {
  const bool nothing = outcome_ == kernel::Outcome::passed && compared_ == 0;
  const kernel::Outcome outcome = nothing ? kernel::Outcome::nothing_compared : outcome_;
  fmt::print("{}: {} values compared, {} differ\n", to_string(outcome), compared_, differ_);
  return outcome;
}

ReplayTarget choose_target(const ReplayOptions& options, int rows, int cols, const ReplayJobs& jobs) {
  std::string reasons;
  const std::string& wanted = options.run.configuration;
  if (!wanted.empty()) (void)dut::make_dut(wanted, options.run.trace);
  for (const Candidate& candidate : candidates(rows, cols, options.run.trace)) {
    if (!wanted.empty() && candidate.configuration != wanted) continue;
    ReplayTarget target{.configuration = candidate.configuration,
                        .psum_width = candidate.geometry.psum_width,
                        .jobs = jobs(candidate.geometry.psum_width)};
    const std::string problem = obstacle(target.jobs, candidate.geometry);
    if (problem.empty()) {
      fmt::print("configuration {}{}\n", target.configuration, reasons.empty() ? "" : " (not" + reasons + ")");
      return target;
    }
    reasons += fmt::format("{} {}: {}", reasons.empty() ? "" : ";", candidate.configuration, problem);
  }
  throw model::InputError(options.folder.string(), "", "no built configuration takes this set:" + reasons);
}

void report_changed_files(const ReplayOptions& options, const vectors::Manifest& manifest, ReplayLog& log) {
  std::vector<std::string> changed;
  {
    ReplayStep step("files");
    changed = vectors::changed_files(options.folder, manifest,
                                     [&step](std::uint64_t done, std::uint64_t total) { step(done, total); });
  }
  for (const std::string& line : changed) log.finding(line);
}

RunReport run_job(const ReplayJob& job, const ReplayTarget& target, const ReplayOptions& options,
                  const std::string& rerun, bool traced, ReplayStep& step, std::size_t done, std::size_t total) {
  RunOptions run = options.run;
  run.test = "replay";
  run.configuration = target.configuration;
  run.rerun = fmt::format("build/systole replay {} --config {} {} --stall {}", options.folder.string(),
                          target.configuration, rerun, to_string(run.stall));
  run.rerun_takes_image = false;
  if (!traced) run.trace = dut::TraceFormat::none;
  if (run.trace != dut::TraceFormat::none && run.trace_file.empty()) {
    const bool folder = std::filesystem::is_directory("waveforms");
    run.trace_file = std::filesystem::path(folder ? "waveforms" : ".") / trace_name(options, job.network);
  }
  const ImageSource source = [&job](std::int64_t i) { return InputImage{.index = i, .label = -1, .input = job.input}; };
  const Progress progress = [&](std::uint64_t, std::uint64_t cycles) {
    if (!kernel::interrupted()) step(done, total, cycles);
  };
  step(done, total);
  RunReport report = run_network(job.network, run, source, 1, progress);
  if (run.trace != dut::TraceFormat::none) fmt::print("waveform: {}\n", run.trace_file.string());
  return report;
}

}  // namespace systole::app
