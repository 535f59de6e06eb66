// SPDX-License-Identifier: Apache-2.0
#include "sim/session/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <stdexcept>

#include "base/input_error.h"
#include "base/interrupted.h"
#include "golden/format/network_file.h"
#include "golden/format/pixels.h"
#include "sim/dut/random_start.h"
#include "sim/dut/registry.h"
#include "sim/kernel/run_loop.h"
#include "sim/session/adapter.h"
#include "sim/session/adapter_session.h"
#include "sim/session/canary.h"
#include "sim/session/image_dump.h"
#include "sim/session/shape_text.h"
#include "sim/session/verdict.h"
#include "sim/session/work_queue.h"
#include "sim/trace/view.h"

namespace systole::session {
namespace {

std::vector<std::string> layer_names(const Plan& plan) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < plan.layers.size(); ++i) names.push_back(plan.layer(i).name);
  return names;
}

class Session {
 public:
  /// The work of image i, called in order; valid until the next call.
  using TakeWork = std::function<const ImageWork&(std::int64_t)>;

  /// `plan` is made for `dut`.
  Session(std::unique_ptr<dut::Dut> dut, Plan plan, const RunOptions& options)
      : options_(options),
        dut_(std::move(dut)),
        plan_(std::move(plan)),
        network_(*plan_.network),
        window_(parse_trace_window(options.trace_window, layer_names(plan_))),
        loop_(*dut_),
        monitor_(*dut_, plan_, options.check, loop_.watchdog()),
        trace_(
            *dut_, monitor_.watch(), [this] { return monitor_.layer(); }, window_),
        driver_(dut_->pins().inputs.size()),
        stats_(network_.nodes.size()) {
    monitor_.keep_going(options.after_failure);
  }

  [[nodiscard]] const Plan& plan() const { return plan_; }
  RunReport run(const TakeWork& take, std::int64_t count, const Progress& progress);

 private:
  bool show_canaries();
  kernel::Outcome run_image(const ImageWork& work);
  kernel::Outcome run_beyond(const ImageWork& work);
  kernel::Outcome run_natively(const ImageWork& work, kernel::StallPattern& stalls);
  void describe(kernel::Outcome outcome, const ImageWork& work);
  [[nodiscard]] std::string where_it_stands() const;
  void add_prediction(const ImageWork& work);
  /// Of the layers that ended in this image.
  void add_stats(const ImageWork& work);
  void fill_layers();
  void store_outputs();
  void judge_counts();
  void write_view() const;

  const RunOptions& options_;
  std::unique_ptr<dut::Dut> dut_;
  Plan plan_;
  const model::Network& network_;
  TraceWindow window_;
  kernel::RunLoop loop_;
  Monitor monitor_;
  ImageDump trace_;
  StreamDriver driver_;
  Canaries canaries_;
  TransportResult image_;                           ///< how the last image ended, whichever way it went
  std::function<void(std::uint64_t)> on_progress_;  ///< with the cycles of this image
  std::vector<fast::RunStats> stats_;
  RunReport report_;
};

kernel::Outcome Session::run_natively(const ImageWork& work, kernel::StallPattern& stalls) {
  driver_.load(plan_, work);
  loop_.reset(options_.seed);
  kernel::Outcome outcome = kernel::Outcome::passed;
  if (options_.record) {
    const std::unique_ptr<kernel::TraceSink> record = options_.record(*dut_, monitor_);
    kernel::TwoSinks both(trace_, *record);
    outcome = loop_.run(driver_, monitor_, both, stalls, options_.max_cycles);
  } else {
    outcome = loop_.run(driver_, monitor_, trace_, stalls, options_.max_cycles);
  }
  image_ = {.outcome = outcome, .cycles = loop_.cycle(), .detail = {}};
  return outcome;
}

kernel::Outcome Session::run_image(const ImageWork& work) {
  monitor_.begin(work);
  // The image's index is part of the key: the same image stalls alike, alone or among others.
  kernel::StallPattern stalls(options_.stall, options_.seed, fmt::format("{}.{}", network_.name, work.index),
                              kernel::stream_names(dut_->pins()));
  if (options_.via == Via::native) return run_natively(work, stalls);
  image_ = bus_transport()->run(*dut_, plan_, work, monitor_, loop_.watchdog(),
                                {.seed = options_.seed,
                                 .stalls = &stalls,
                                 .trace = &trace_,
                                 .max_cycles = options_.max_cycles,
                                 .on_progress = on_progress_});
  return image_.outcome;
}

/// As run_image(), of a design that may already be wrong: how it ends then says less than what differs, and the model
/// that it is compared with may be led where it knows no further.
kernel::Outcome Session::run_beyond(const ImageWork& work) {
  kernel::Outcome outcome = kernel::Outcome::mismatch;
  try {
    outcome = run_image(work);
  } catch (const std::logic_error&) {
    if (!monitor_.findings().any()) throw;
    image_ = {.outcome = outcome, .cycles = loop_.cycle(), .detail = {}};
  }
  const bool stopped = outcome == kernel::Outcome::interrupted;
  return monitor_.findings().any() && !stopped ? kernel::Outcome::mismatch : outcome;
}

/// What the design says of its state and, stream by stream, who waits for whom.
std::string Session::where_it_stands() const {
  const std::string status = design().status(*dut_);
  return status + (status.empty() ? "" : "; ") + kernel::who_waits(dut_->pins());
}

void Session::describe(kernel::Outcome outcome, const ImageWork& work) {
  const std::size_t layer = std::min(monitor_.layer(), plan_.layers.size() - 1);
  const std::string& layer_name = plan_.layer(layer).name;
  const std::string image =
      options_.rerun_takes_image ? fmt::format(" --images 1 --first-image {}", work.index) : std::string();
  const dut::TraceFormat own = dut::find_build(options_.configuration, options_.trace).trace;
  const std::string_view format = to_string(own == dut::TraceFormat::none ? dut::TraceFormat::fst : own);
  const std::string trace =
      options_.rerun_takes_trace ? fmt::format(" --seed {} --trace {}", options_.seed, format) : std::string();
  const Findings& findings = monitor_.findings();
  report_.failure = {.image = work.index,
                     .layer = layer_name,
                     .token = {},
                     .cycle = image_.cycles,
                     .origin = findings.origin(),
                     .detection = findings.detection(),
                     .first = findings.first(),
                     .series = findings.series()};
  std::string window;
  if (options_.rerun_takes_image && options_.rerun_takes_trace && findings.origin()) {
    window = fmt::format(" --trace-window {} --after-failure {}", to_string({range_around(findings.origin()->cycle)}),
                         kCyclesAfter);
  }
  const std::string rerun = options_.rerun + image + trace + window;
  const std::string test = failing_test(options_, network_.name, layer_name);
  if (findings.origin()) {
    report_.failures.push_back(failure_lines(
        *findings.origin(), {.test = test, .seed = options_.seed, .also = findings.others(), .rerun = rerun}));
  }
  if (outcome == kernel::Outcome::mismatch) {
    report_.detail = fmt::format("{} of image {}: {}", layer_name, work.index, differing(findings.count()));
    return;
  }
  report_.detail =
      fmt::format("{} of image {}, cycle {}: {}", layer_name, work.index, image_.cycles, where_it_stands());
  if (!image_.detail.empty()) {
    report_.detail += "; " + image_.detail;
  } else if (outcome == kernel::Outcome::timeout) {
    report_.detail += fmt::format("; {} cycles without stall since the last command ended, limit {}",
                                  loop_.watchdog().waited(), loop_.watchdog().limit());
  }
  report_.failures.push_back(failure_lines(test, outcome, report_.detail, options_.seed, rerun));
}

void Session::add_prediction(const ImageWork& work) {
  const std::size_t last = network_.nodes.size() - 1;
  if (plan_.layers.back().node != last) return;
  const op::Tensor& output = monitor_.rtl_output(plan_.layers.size() - 1);
  report_.predictions.push_back({.image = work.index,
                                 .label = work.label,
                                 .rtl = op::arg_max(output),
                                 .golden = op::arg_max(work.outputs[last]),
                                 .largest = model::largest_text(network_, output),
                                 .output = options_.keep_outputs ? output : op::Tensor()});
}

void Session::add_stats(const ImageWork& work) {
  for (std::size_t i = 0; i < monitor_.layer(); ++i) {
    const std::size_t node = plan_.layers[i].node;
    stats_[node].psum_min = std::min(stats_[node].psum_min, work.stats[node].psum_min);
    stats_[node].psum_max = std::max(stats_[node].psum_max, work.stats[node].psum_max);
  }
}

void Session::fill_layers() {
  report_.macs_per_cycle = plan_.macs_per_cycle;
  for (const port::Counter& counter : dut_->pins().counters) report_.counters.push_back(counter.name);
  for (std::size_t i = 0; i < plan_.layers.size(); ++i) {
    const PlannedLayer& planned = plan_.layers[i];
    const op::Layer& layer = network_.nodes[planned.node].layer;
    LayerReport line{.name = layer.name,
                     .kind = std::string(model::to_string(layer.kind)),
                     .shape = shape_text(layer),
                     .totals = monitor_.totals()[i]};
    const LoweredLayer& lowered = *planned.lowered;
    set_utilisation(line, report_.macs_per_cycle);
    line.roofline =
        static_cast<double>(lowered.macs()) / (report_.macs_per_cycle * static_cast<double>(lowered.roofline_cycles()));
    const fast::RunStats& stats = stats_[planned.node];
    if (stats.psum_min <= stats.psum_max) {
      line.psum_min = stats.psum_min;
      line.psum_max = stats.psum_max;
    }
    report_.layers.push_back(std::move(line));
  }
}

void Session::store_outputs() {
  for (std::size_t i = 0; i < plan_.layers.size(); ++i) report_.outputs.push_back(monitor_.rtl_output(i));
}

/// A pass is earned: something was compared, and as much as the shapes say.
void Session::judge_counts() {
  report_.compared = monitor_.compared();
  report_.compared_by = monitor_.compared_by();
  report_.expected_compared = monitor_.expected_compared(report_.cycles);
  report_.mismatches = monitor_.findings().count();
  session::judge_counts(report_, options_.check, canaries_.missing);
}

/// The dump's GTKWave view, opened at the first mismatch; none beside a device.
void Session::write_view() const {
  if (options_.trace == dut::TraceFormat::none || !std::filesystem::is_regular_file(options_.trace_file)) return;
  trace::ViewSettings view{.pins = &dut_->pins(),
                           .design = design().view(*dut_),
                           .check = options_.check,
                           .dump = options_.trace_file,
                           .state_filter = {},
                           .layer_names = layer_names(plan_),
                           .first = trace_.first(),
                           .marker = {}};
  if (report_.images == 0 && monitor_.findings().any()) {
    view.wrong = monitor_.findings().first();
    view.marker = kernel::time_of_rising_edge(monitor_.findings().origin()->cycle);
    const auto& detection = monitor_.findings().detection();
    if (detection) view.detection = kernel::time_of_rising_edge(detection->cycle);
  }
  trace::write_view(view);
}

/// False where SIGINT came meanwhile; the report then says so.
bool Session::show_canaries() {
  try {
    canaries_ = run_canaries(*dut_, options_.check, options_.seed, options_.via);
    report_.canaries = canaries_.shown;
    return true;
  } catch (const base::Interrupted&) {
    report_.outcome = kernel::Outcome::interrupted;
    report_.detail = "before the first image";
    fill_layers();
    return false;
  }
}

RunReport Session::run(const TakeWork& take, std::int64_t count, const Progress& progress) {
  report_.configuration = options_.configuration;
  report_.outcome = kernel::Outcome::passed;
  if (!show_canaries()) return std::move(report_);
  if (progress) {
    on_progress_ = [this, &progress](std::uint64_t cycle) {
      progress(static_cast<double>(report_.images) + monitor_.done_part(), report_.cycles + cycle);
    };
    loop_.on_progress(on_progress_);
  }
  const auto start = std::chrono::steady_clock::now();
  for (std::int64_t i = 0; i < count && report_.outcome == kernel::Outcome::passed; ++i) {
    const ImageWork& work = take(i);
    // Not before the first image is known to be good: bad input leaves the dump of before alone.
    if (i == 0 && options_.trace != dut::TraceFormat::none) trace_.open(options_.trace_file);
    report_.outcome = run_beyond(work);
    report_.cycles += image_.cycles;
    monitor_.end_image();
    add_stats(work);
    trace_.enable(false);
    if (report_.outcome != kernel::Outcome::passed) {
      describe(report_.outcome, work);
      break;
    }
    ++report_.images;
    add_prediction(work);
    report_.exercised.merge(exercised_by(plan_, work));
  }
  report_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (report_.outcome == kernel::Outcome::passed) store_outputs();
  trace_.close();
  report_.trace_empty = options_.trace != dut::TraceFormat::none && trace_.empty();
  write_view();
  report_.exercised.merge(monitor_.stalls().cover());
  fill_layers();
  judge_counts();
  return std::move(report_);
}

}  // namespace

void set_utilisation(LayerReport& layer, double macs_per_cycle) {
  const double most = macs_per_cycle * static_cast<double>(busy_cycles(layer));
  layer.utilisation = most > 0 ? static_cast<double>(layer.totals.macs) / most : 0;
}

RunReport run_network(const model::Network& network, const RunOptions& options, const ImageSource& source,
                      std::int64_t count, const Progress& progress) {
  if (options.via == Via::tlm && bus_transport() == nullptr) {
    throw base::InputError("--via", "tlm", "this program was built without TLM-2.0 sockets");
  }
  std::unique_ptr<dut::Dut> dut = dut::make_dut(options.configuration, options.trace);
  if (adapter_of(*dut) != nullptr) {
    const dut::RandomStart random(options.seed);
    const std::unique_ptr<dut::Dut> other = dut::make_dut(options.configuration, dut::TraceFormat::none);
    return run_with_adapter(*dut, *other, network, options, source, count, progress);
  }
  Plan plan = make_plan(network, *design().lowering(*dut), options.layer);
  Session session(std::move(dut), std::move(plan), options);
  WorkQueue queue(session.plan(), source, count);
  return session.run([&queue](std::int64_t i) -> const ImageWork& { return queue.take(i); }, count, progress);
}

RunReport run_work(Plan plan, const ImageWork& work, const RunOptions& options, const Progress& progress) {
  Session session(dut::make_dut(options.configuration, options.trace), std::move(plan), options);
  return session.run([&work](std::int64_t) -> const ImageWork& { return work; }, 1, progress);
}

}  // namespace systole::session
