// SPDX-License-Identifier: Apache-2.0
#pragma once
// A vector set of any origin driven through the RTL: what every kind of set shares (docs/vectors.md, "Replay").
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "accel/contract/command.h"
#include "base/progress.h"
#include "golden/model/one_layer.h"
#include "sim/session/session.h"
#include "vectors/set/comparison.h"
#include "vectors/set/vector_set.h"

namespace systole::replay {

enum class ReplayDut { both, array, accel };

/// A configuration of the accelerator.
struct Candidate {
  std::string configuration;
  accel::Geometry geometry;
};

struct ReplayOptions {
  std::filesystem::path folder;
  ReplayDut dut = ReplayDut::both;
  std::optional<int> ic_tile;  ///< only this one's psum passes; empty: all
  std::string layout;          ///< of an array set, words of layout_words with commas between; empty: by evidence
  session::RunOptions run;
  std::vector<Candidate> candidates;  ///< configurations to choose from, the default first
  std::string own_design;             ///< the design with an adapter that this program has instead; empty: none
  std::string program;                ///< how the user starts this program, for lines that repeat a run
  /// Called with the one chosen, before the first run: makes its model this program's, or throws base::InputError.
  std::function<void(const std::string& configuration)> use_configuration;
};

/// Draws the progress of one step, from its first call on until end(), and gives up where Ctrl-C came.
class ReplayStep {
 public:
  explicit ReplayStep(std::string unit) : unit_(std::move(unit)) {}
  /// Throws base::Interrupted after SIGINT.
  void operator()(double done, std::size_t total, std::uint64_t cycles = 0);
  template <std::integral Count>
  void operator()(Count done, std::size_t total, std::uint64_t cycles = 0) {
    (*this)(static_cast<double>(done), total, cycles);
  }
  /// Clears the line, so that results may be printed.
  void end() { bar_.reset(); }

 private:
  std::string unit_;
  std::unique_ptr<base::ProgressBar> bar_;
};

/// Prints what a replay finds and remembers how it ends.
class ReplayLog {
 public:
  /// A finding: one line, and the replay ends as a mismatch.
  void finding(const std::string& text);
  /// A row of the table: how many values of `what` were compared between two sources and how many differ.
  void compared(std::string_view what, std::string_view sources, const vectors::Comparison& comparison);
  /// An RTL run, whose values were all compared with the golden's.
  void ran(std::string_view what, const session::RunReport& report);
  /// Prints the last line. A replay that compared no value of a
  /// file has not passed.
  kernel::Outcome finish() const;

 private:
  kernel::Outcome outcome_ = kernel::Outcome::passed;
  std::uint64_t compared_ = 0, differ_ = 0;
  std::uint64_t of_files_ = 0;  ///< of what was compared, values of a file
};

/// One run of the RTL.
using ReplayJob = model::LayerJob;

/// What a set asks the RTL to do, made for a psum width.
using ReplayJobs = std::function<std::vector<ReplayJob>(int psum_width)>;

/// The array that jobs of a `rows` x `cols` set run on.
struct ReplayTarget {
  std::string configuration;
  int psum_width = 32;
  std::vector<ReplayJob> jobs;  ///< made for it
};

/// The smallest of the candidates that holds a tile of the set, takes every job's element types and keeps its psums;
/// where none holds a tile, the nearest. Prints which, and why not a nearer one. Throws base::InputError where none
/// does. A design with an adapter is the only one to choose, and says itself what it cannot run.
ReplayTarget choose_target(const ReplayOptions& options, int rows, int cols, const ReplayJobs& jobs);

/// A run of the RTL with the options and the progress that replay gives it.
using RtlRun = std::function<session::RunReport(const session::RunOptions&, const session::Progress&)>;

/// Runs what `name` names on the RTL, checked cycle by cycle. `rerun` are the options that select this run alone;
/// `draw`
/// gets how much of it is done, 0 .. 1, and the cycles so far.
session::RunReport run_rtl(const RtlRun& run, const std::string& name, const std::string& configuration,
                           const ReplayOptions& options, const std::string& rerun, bool traced, ReplayStep& step,
                           const session::Progress& draw);

/// Runs one job on the RTL, checked cycle by cycle. `rerun` are the options that select this job alone. The report has
/// no outputs where the run did not pass, or the design computes less than the layer (session::Adapter::in_part).
session::RunReport run_job(const ReplayJob& job, const ReplayTarget& target, const ReplayOptions& options,
                           const std::string& rerun, bool traced, ReplayStep& step, std::size_t done,
                           std::size_t total);

/// Adds a run to the whole of several, which ends as its last one does.
void add(session::RunReport& total, session::RunReport&& part);

/// A finding for each file whose SHA-256 or number of words is not the manifest's, else a line that says so: what is
/// wrong behind it is not the files' damage.
void report_changed_files(const ReplayOptions& options, const vectors::Manifest& manifest, ReplayLog& log);

/// Replays an array set, with a manifest (`format` is then its own) or without.
void replay_array(const ReplayOptions& options, const std::string& format, ReplayLog& log);
/// The same for a ClipQ set.
void replay_clipq(const ReplayOptions& options, const std::string& format, ReplayLog& log);
/// The tensors of one layer as NumPy files.
void replay_tensors(const ReplayOptions& options, ReplayLog& log);
/// The memory images of one layer's streams.
void replay_memory(const ReplayOptions& options, ReplayLog& log);

}  // namespace systole::replay
