// SPDX-License-Identifier: Apache-2.0
#pragma once
// One run of a network on the RTL, from options to a report.
#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "golden/model/network.h"
#include "sim/cover/cover.h"
#include "sim/dut/dut.h"
#include "sim/kernel/outcome.h"
#include "sim/kernel/stall.h"
#include "sim/session/monitor.h"
#include "sim/session/plan.h"
#include "sim/session/trace_window.h"
#include "sim/session/transport.h"

namespace systole::session {

struct RunOptions {
  std::string test = "run";  ///< key of the random choices and first word of a failure line
  std::string configuration = "8x8";
  std::string layer = {};  ///< only this one; empty: all
  check::CheckLevel check = check::CheckLevel::pe;
  Via via = Via::native;
  kernel::Stall stall = kernel::Stall::none;
  std::uint64_t seed = 1;
  dut::TraceFormat trace = dut::TraceFormat::none;
  std::filesystem::path trace_file = {};
  std::string trace_window = {};    ///< as parse_trace_window() reads it; empty: all of the first image
  std::string rerun = {};           ///< command without --first-image and --trace, for failure lines
  bool rerun_takes_trace = true;    ///< the command has --seed and --trace
  bool rerun_takes_image = true;    ///< the command has --images, --first-image, --trace-window and --after-failure
  std::uint64_t after_failure = 0;  ///< cycles that are run after the first that differs (Monitor::keep_going)
  bool skip_unfit = false;          ///< layers that the design cannot run are left out, not refused
  bool keep_outputs = false;        ///< of every image, in its prediction
  std::uint64_t max_cycles = std::numeric_limits<std::uint64_t>::max();  ///< of one image
  /// Makes what sees each image besides the dump, after the reset; empty: nothing does. Via::tlm has none.
  std::function<std::unique_ptr<kernel::TraceSink>(const dut::Dut&, const Monitor&)> record = {};
};

/// An input with what is known of it.
struct InputImage {
  std::int64_t index = 0;
  int label = -1;
  op::Tensor input;  ///< in the network's input type
};

struct LayerReport {
  std::string name, kind, shape;
  LayerTotals totals;
  double utilisation = 0, roofline = 0;     ///< of the products that the design computes at most; 0: not known
  std::int64_t psum_min = 0, psum_max = 0;  ///< of the images in which the layer ended; 0 where it never did
};

/// Cycles in which the design was busy with the layer: its first counter.
[[nodiscard]] inline std::uint64_t busy_cycles(const LayerReport& layer) {
  return layer.totals.counters.empty() ? 0 : layer.totals.counters.front();
}

/// `macs_per_cycle`: what the design computes at most; 0 where it is not known.
void set_utilisation(LayerReport& layer, double macs_per_cycle);

struct Prediction {
  std::int64_t image = 0;
  int label = -1;  ///< -1: unknown
  int rtl = -1;    ///< class of the largest output, the first of equals
  int golden = -1;
  std::string largest;  ///< the RTL's largest output, as model::largest_text() writes it
  op::Tensor output;    ///< the RTL's last layer; empty unless RunOptions::keep_outputs
};

/// Where a run failed.
struct FailurePoint {
  std::int64_t image = 0;
  std::string layer;
  std::string token;                                 ///< of debug/token.h, where somebody made one
  std::uint64_t cycle = 0;                           ///< in which the run ended
  std::optional<check::Mismatch> origin, detection;  ///< of Findings
  std::vector<check::Mismatch> first;                ///< what differs in the origin's cycle, Findings::kKept at most
  std::vector<check::Mismatch> series;               ///< of Findings
};

struct RunReport {
  kernel::Outcome outcome = kernel::Outcome::nothing_compared;
  std::string detail;  ///< why it is not `passed`, one line or empty
  std::string configuration;
  std::vector<LayerReport> layers;
  std::vector<Prediction> predictions;  ///< of the images completed; empty where the last layer did not run
  std::uint64_t images = 0, cycles = 0, compared = 0, expected_compared = 0, mismatches = 0;
  std::array<std::uint64_t, check::kCheckers> compared_by{};  ///< `compared` by checker, in the order of check::Checker
  double macs_per_cycle = 0;                                  ///< of the design at most; 0: not known
  double seconds = 0;
  std::vector<std::string> failures;    ///< a block of lines for each
  std::vector<op::Tensor> outputs;      ///< the RTL's for the last image, one per layer that ran; of a run that passed
  std::vector<std::string> counters;    ///< names of LayerTotals::counters
  std::vector<std::string> skipped;     ///< layers that the design cannot run, each with its reason
  std::vector<std::string> in_part;     ///< layers of which the design computes a part, each with what is left out
  std::vector<std::string> canaries;    ///< checkers that were shown one wrong bit before the run, and saw it
  cover::Cover exercised;               ///< by the images completed
  std::optional<FailurePoint> failure;  ///< of a run that an image did not pass
  bool trace_empty = false;             ///< a dump was asked for, and the first image ended before its window
};

/// Called now and then: images run so far, the part of the one under way included, and cycles.
using Progress = std::function<void(double images, std::uint64_t cycles)>;
/// Gives image i, 0 <= i < count.
using ImageSource = std::function<InputImage(std::int64_t)>;

/// Runs `count` images, each from reset with its own random choices (keyed by the image's index), so that one image
/// alone repeats what it did among many. A second thread computes the next image's golden values and streams meanwhile.
/// Stops at the first failure. Throws base::InputError for bad input (configuration, layer, image, trace file).
RunReport run_network(const model::Network& network, const RunOptions& options, const ImageSource& source,
                      std::int64_t count, const Progress& progress = {});

/// The same for one image whose commands and streams are there already, as those of a vector set are. `plan` is made
/// for the configuration; its network gives the layers their names and shapes and is not executed.
RunReport run_work(Plan plan, const ImageWork& work, const RunOptions& options, const Progress& progress = {});

}  // namespace systole::session
