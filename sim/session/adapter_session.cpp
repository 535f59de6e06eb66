// SPDX-License-Identifier: Apache-2.0
#include "sim/session/adapter_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/as_size.h"
#include "base/input_error.h"
#include "golden/fixed/counter_random.h"
#include "golden/fixed/saturate.h"
#include "golden/format/network_file.h"
#include "golden/format/pixels.h"
#include "golden/model/execute.h"
#include "golden/op/validate.h"
#include "sim/check/output_checker.h"
#include "sim/cover/arithmetic.h"
#include "sim/cover/stalls.h"
#include "sim/session/adapter.h"
#include "sim/session/expected_words.h"
#include "sim/session/findings.h"
#include "sim/session/image_dump.h"
#include "sim/session/shape_text.h"
#include "sim/session/verdict.h"
#include "sim/trace/view.h"

namespace systole::session {
namespace {

/// A dump in which the layers of an image, each of which starts at cycle 0, follow each other.
class LayersTrace final : public kernel::TraceSink {
 public:
  explicit LayersTrace(ImageDump& trace) : trace_(trace) {}
  void next_layer(std::uint64_t cycles) { before_ += cycles; }
  bool active(std::uint64_t cycle) override { return trace_.active(before_ + cycle); }
  void dump(std::uint64_t time) override { trace_.dump(kernel::time_of_rising_edge(before_) + time); }

 private:
  ImageDump& trace_;
  std::uint64_t before_ = 0;  ///< cycles of the layers before
};

std::vector<std::string> names_of(const std::vector<LayerReport>& layers) {
  std::vector<std::string> names;
  names.reserve(layers.size());
  for (const LayerReport& layer : layers) names.push_back(layer.name);
  return names;
}

/// A layer that runs, one line of the report.
struct Line {
  std::size_t node;
  std::optional<InPart> part;
};

/// A layer, and how its sequence ended.
struct LayerResult {
  LayerRun run;
  sequence::Ended ended = {};
};

/// Of a sequence that came to its end: it must have handed all outputs over, whatever it has left in streams.
void require_outputs(const LayerResult& result) {
  using kernel::Outcome;
  const auto& [run, ended] = result;
  const bool came_to_its_end = ended.outcome == Outcome::passed || ended.outcome == Outcome::input_left ||
                               ended.outcome == Outcome::unexpected_output;
  if (!came_to_its_end || run.missing() == 0) return;
  throw base::InputError(
      "adapter", run.layer().name,
      fmt::format("ended before {} of {} outputs had come, first {}{}{}", run.missing(), run.outputs().data.size(),
                  run.first_missing(), ended.detail.empty() ? "" : "; ", ended.detail));
}

/// What a layer did otherwise on the other model, one line or empty.
std::string difference_of(const LayerResult& result, const LayerResult& other, bool same_cycles) {
  const auto& [run, ended] = result;
  const auto& [again, end] = other;
  if (end.outcome != kernel::Outcome::passed) return fmt::format("{}, {}", to_string(end.outcome), end.detail);
  if (again.missing() != 0) return fmt::format("{} outputs did not come", again.missing());
  const op::Layer& layer = run.layer();
  for (int oh = 0; oh < layer.out_h; ++oh) {
    for (int ow = 0; ow < layer.out_w; ++ow) {
      for (int oc = 0; oc < layer.out_c; ++oc) {
        const std::int32_t value = run.outputs().at(oh, ow, oc), otherwise = again.outputs().at(oh, ow, oc);
        if (value != otherwise) return fmt::format("oc {} oh {} ow {} is {}, not {}", oc, oh, ow, otherwise, value);
      }
    }
  }
  if (!same_cycles || ended.cycles == end.cycles) return {};
  return fmt::format("it takes {} cycles, not {}", end.cycles, ended.cycles);
}

/// What the adapter does with a layer. Whatever it throws is bad input, not an error in here.
template <class Call>
auto ask(const op::Layer& layer, const Call& call) {
  try {
    return call();
  } catch (...) {
    rethrow_of_adapter(layer.name);
  }
}

bool blank(std::string_view text) { return text.find_first_not_of(" \t\n") == text.npos; }

/// Reports name what is left out, or the rule.
void require_named(const InPart& part, const op::Layer& layer) {
  if (part.own.apply ? !blank(part.own.name) : !blank(part.without) && blank(part.own.name)) return;
  throw base::InputError("adapter", layer.name,
                         part.own.apply ? "in_part gives a rule without a name"
                         : blank(part.own.name)
                             ? "in_part does not say what the design leaves out, \"requantization\" say"
                             : "in_part gives the name of a rule, '" + part.own.name + "', and no function");
}

/// What the adapter computes of a layer, if that is not all; a layer that the golden can compute too.
std::optional<InPart> part_of(const Adapter& adapter, const op::Layer& layer) {
  std::optional<InPart> part = ask(layer, [&] { return adapter.in_part(layer); });
  if (!part) return part;
  require_named(*part, layer);
  const auto shape = [](const op::Layer& l) { return std::tuple(l.in_h, l.in_w, l.in_c, l.out_h, l.out_w, l.out_c); };
  if (shape(part->layer) != shape(layer)) {
    throw base::InputError("adapter", layer.name,
                           fmt::format("in_part gives {}, expected the shape of the layer, {}", shape_text(part->layer),
                                       shape_text(layer)));
  }
  try {
    op::validate(part->layer);
  } catch (const std::invalid_argument& error) {
    throw base::InputError("adapter", layer.name, fmt::format("in_part gives no valid layer: {}", error.what()));
  }
  return part;
}

/// What the golden says of the part. Sums wider than psum_width are the adapter's fault: it gave the layer.
op::Tensor sums_of(const op::Layer& part, std::span<const op::Tensor* const> inputs, fast::RunStats& stats) {
  try {
    return fast::run_layer(part, inputs, &stats);
  } catch (const fixed::OverflowError& error) {
    throw base::InputError("adapter", part.name, fmt::format("of what in_part gives, {}", error.what()));
  }
}

/// The same, and then the design's own rule.
op::Tensor golden_of(const InPart& part, std::span<const op::Tensor* const> inputs, fast::RunStats& stats) {
  op::Tensor output = sums_of(part.layer, inputs, stats);
  if (!part.own.apply) return output;
  for (Eigen::Index pixel = 0; pixel < output.data.rows(); ++pixel) {
    for (int oc = 0; oc < output.channels(); ++oc) {
      std::int32_t& value = output.data(pixel, oc);
      value = ask(part.layer, [&] { return part.own.apply(value, oc); });
    }
  }
  return output;
}

class AdapterSession {
 public:
  AdapterSession(dut::Dut& dut, dut::Dut& other, const model::Network& network, const RunOptions& options)
      : adapter_(*adapter_of(dut)),
        other_(*adapter_of(other)),
        network_(network),
        options_(options),
        executor_(network) {
    if (options.check > check::CheckLevel::outputs) {
      throw base::InputError("--check", std::string(to_string(options.check)),
                             "expected none or outputs: this design's adapter shows no more");
    }
    if (options.via != Via::native) throw base::InputError("--via", "tlm", "this design has no TLM-2.0 sockets");
    choose_layers();
    stats_.resize(network.nodes.size());
    const TraceWindow window = parse_trace_window(options.trace_window, names_of(report_.layers));
    traced_layer_ = window.layer;
    const auto update = [this](std::uint64_t time) {
      words_.update(adapter_.clock(), time, line_);
      return true;
    };
    trace_.emplace(
        dut, ImageDump::Extra{words_.signals(), update}, [this] { return line_; }, window);
    layers_trace_.emplace(*trace_);
    adapter_.clock().on_withheld([this](std::uint64_t cycle, sequence::Sides sides) {
      stalls_.add(report_.cycles + cycle, (sides.input ? 1U : 0U) | (sides.output ? 2U : 0U), 1);
    });
    adapter_.clock().trace(options.trace == dut::TraceFormat::none ? nullptr : &*layers_trace_);
  }

  RunReport run(const ImageSource& source, std::int64_t count, const Progress& progress);

 private:
  void choose_layers();
  kernel::Outcome run_image(const InputImage& image, const Progress& progress);
  kernel::Outcome run_layer(std::size_t line, const InputImage& image);
  void judge_layer(std::size_t line, const LayerResult& result, const op::Tensor& golden, kernel::Outcome& outcome);
  void add_findings(std::vector<check::Mismatch> found, const LayerRun& run);
  void describe(std::size_t line, const InputImage& image, kernel::Outcome outcome);
  [[nodiscard]] bool is_dumped(std::size_t line) const;
  LayerResult run_on(Adapter& adapter, const op::Layer& layer, std::span<const op::Tensor* const> inputs,
                     const op::Tensor* follow = nullptr);
  sequence::Ended run_to_end(Adapter& adapter, LayerRun& run) const;
  [[nodiscard]] std::unordered_map<std::size_t, std::uint64_t> cycles_of_outputs(const LayerRun& run);
  void judge_other(const LayerResult& result, const LayerResult& other, kernel::Outcome& outcome);
  void write_view() const;
  void show_canary(const op::Tensor& rtl, const op::Tensor& golden);
  void add_stalls();
  void judge_counts();

  Adapter &adapter_, &other_;  ///< of the model that starts from 0, and from random bits
  const model::Network& network_;
  const RunOptions& options_;
  model::Executor executor_;
  std::vector<fast::RunStats> stats_;
  std::vector<Line> lines_;
  check::TensorChecker checker_;
  std::uint64_t tensors_ = 0;
  Findings findings_;
  cover::Stalls stalls_;
  std::string detail_;
  std::string canary_missing_ = "no layer ended, and so no canary was shown";
  const std::vector<op::Tensor>* outputs_ = nullptr;  ///< golden, of the image under way
  std::vector<op::Tensor> rtl_;                       ///< by line
  std::size_t line_ = 0;                              ///< under way
  ExpectedWords words_;
  std::optional<std::size_t> traced_layer_;  ///< or all of them
  std::optional<ImageDump> trace_;
  std::optional<LayersTrace> layers_trace_;
  RunReport report_;
};

void AdapterSession::choose_layers() {
  std::string unfit;
  bool named = options_.layer.empty();
  for (std::size_t i = 0; i < network_.nodes.size(); ++i) {
    const op::Layer& layer = network_.nodes[i].layer;
    if (!options_.layer.empty() && layer.name != options_.layer) continue;
    named = true;
    const std::string reason = ask(layer, [&] { return adapter_.cannot_run(layer); });
    if (!reason.empty() && blank(reason))
      throw base::InputError("adapter", layer.name, "cannot_run gives blanks, expected a reason, or nothing");
    if (reason.empty()) {
      lines_.push_back({.node = i, .part = part_of(adapter_, layer)});
      if (lines_.back().part) {
        const InPart& part = *lines_.back().part;
        const std::string how = part.own.apply ? "by a rule of its own, " + part.own.name : "without " + part.without;
        report_.in_part.push_back(fmt::format("{}: {}", layer.name, how));
      }
      report_.layers.push_back({.name = layer.name,
                                .kind = std::string(model::to_string(layer.kind)),
                                .shape = shape_text(layer),
                                .totals = {.counters = {0}}});
      continue;
    }
    report_.skipped.push_back(layer.name + ": " + reason);
    unfit += (unfit.empty() ? "" : "; ") + report_.skipped.back();
  }
  if (!named) throw base::InputError(network_.name, "", "no layer is named " + options_.layer);
  if (lines_.empty()) throw base::InputError(network_.name, "", "the design can run none of it: " + unfit);
  if (!unfit.empty() && !options_.skip_unfit) {
    throw base::InputError(network_.name, "",
                           "the design cannot run all of it (--skip-unfit leaves that out): " + unfit);
  }
  report_.counters = {"cycles"};
  report_.exercised.leave_out("tiling");  // how the design cuts a layer is its adapter's affair
  rtl_.resize(lines_.size());
}

/// Before the first tensor counts: the same comparison with one expected bit flipped must name exactly that element.
void AdapterSession::show_canary(const op::Tensor& rtl, const op::Tensor& golden) {
  check::TensorChecker checker;
  const fixed::CounterRandom random(options_.seed, "canary", "place");
  const auto index = random.below(4, static_cast<std::uint32_t>(golden.data.size()));
  checker.plant({.at = 0, .index = index, .bit = 2});
  const std::vector<check::Mismatch> clean = check::TensorChecker().compare(0, 0, rtl, golden, 2);
  if (!clean.empty()) {  // the run itself says so
    canary_missing_ = "the first layer differs, and so no canary was shown";
    return;
  }
  const std::vector<check::Mismatch> seen = checker.compare(0, 0, rtl, golden, 2);
  if (seen.size() == 1 && seen[0].index == index) {
    report_.canaries = {"tensor"};
    canary_missing_.clear();
    return;
  }
  canary_missing_ = fmt::format("one bit planted in tensor {} was reported {} times", index, seen.size());
}

/// By element the cycle in which its word left: of the layer on the other model, since only that run is followed. None
/// of those that the adapter did not take from a word, and none at all where the other model may take other cycles.
std::unordered_map<std::size_t, std::uint64_t> AdapterSession::cycles_of_outputs(const LayerRun& run) {
  std::unordered_map<std::size_t, std::uint64_t> cycles;
  if (!ask(run.layer(), [&] { return other_.same_cycles(); })) return cycles;
  sequence::WordLog log;
  LayerRun again(run.layer(), run.all_inputs());
  again.on_output([&](const sequence::Field& field, int oc, int oh, int ow) {
    if (const auto origin = log.at(field.word)) cycles[again.index_of(oc, oh, ow)] = origin->cycle;
  });
  other_.clock().log(&log);
  try {
    (void)run_to_end(other_, again);
  } catch (const base::InputError&) {  // the finding stands, whatever the other model does
  }
  other_.clock().log(nullptr);
  return cycles;
}

/// The first to leave the design first.
void AdapterSession::add_findings(std::vector<check::Mismatch> found, const LayerRun& run) {
  if (found.empty()) return;
  const std::unordered_map<std::size_t, std::uint64_t> cycles = cycles_of_outputs(run);
  for (check::Mismatch& mismatch : found) {
    if (const auto known = cycles.find(mismatch.index); known != cycles.end()) mismatch.cycle = known->second;
  }
  std::ranges::stable_sort(found, {}, &check::Mismatch::cycle);
  for (check::Mismatch& mismatch : found) findings_.add(std::move(mismatch));
}

void AdapterSession::judge_layer(std::size_t line, const LayerResult& result, const op::Tensor& golden,
                                 kernel::Outcome& outcome) {
  const LayerRun& run = result.run;
  rtl_[line] = run.outputs();
  if (options_.check == check::CheckLevel::none) return;
  if (tensors_ == 0) show_canary(run.outputs(), golden);
  const std::uint64_t before = checker_.compared();
  std::vector<check::Mismatch> found =
      checker_.compare(tensors_++, result.ended.cycles, run.outputs(), golden, base::as_size(golden.data.size()));
  LayerReport& layer = report_.layers[line];
  layer.totals.compared += checker_.compared() - before;
  layer.totals.mismatches += found.size();
  report_.expected_compared += static_cast<std::uint64_t>(golden.data.size());
  if (!found.empty()) outcome = kernel::Outcome::mismatch;
  add_findings(std::move(found), run);
}

/// Whether the dump shows the layer.
bool AdapterSession::is_dumped(std::size_t line) const {
  return options_.trace != dut::TraceFormat::none && report_.images == 0 && traced_layer_.value_or(line) == line;
}

LayerResult AdapterSession::run_on(Adapter& adapter, const op::Layer& layer, std::span<const op::Tensor* const> inputs,
                                   const op::Tensor* follow) {
  LayerResult result{.run = LayerRun(layer, inputs)};
  sequence::Bench& clock = adapter.clock();
  if (follow != nullptr) words_.follow(clock, result.run, *follow);
  result.ended = run_to_end(adapter, result.run);
  if (follow != nullptr) words_.end(clock);
  return result;
}

sequence::Ended AdapterSession::run_to_end(Adapter& adapter, LayerRun& run) const {
  return ask(run.layer(), [&] {
    const std::uint64_t most = std::min(options_.max_cycles, adapter.most_cycles(run.layer()));
    return adapter.clock().run(adapter.run(run), most);
  });
}

kernel::Outcome AdapterSession::run_layer(std::size_t line, const InputImage& image) {
  const auto& [node, part] = lines_[line];
  const op::Layer& layer = part ? part->layer : network_.nodes[node].layer;
  std::vector<const op::Tensor*> inputs;
  for (const int tensor : network_.nodes[node].inputs) {
    inputs.push_back(tensor == 0 ? &image.input : &(*outputs_)[static_cast<std::size_t>(tensor) - 1]);
  }
  fast::RunStats stats;
  stats.count_output = true;
  const op::Tensor of_part = part ? golden_of(*part, inputs, stats) : op::Tensor();
  if (!part) stats = stats_[node];
  const op::Tensor& golden = part ? of_part : (*outputs_)[node];
  for (Adapter* adapter : {&adapter_, &other_}) {
    adapter->clock().choose(options_.stall, options_.seed,
                            fmt::format("{}.{}.{}", network_.name, image.index, layer.name));
  }
  line_ = line;
  LayerReport& report = report_.layers[line];
  const bool checked = options_.check != check::CheckLevel::none;
  std::optional<LayerResult> other;
  // Before a dump, which then knows what is expected of each word.
  if (checked && is_dumped(line)) other.emplace(run_on(other_, layer, inputs, &golden));
  const LayerResult result = run_on(adapter_, layer, inputs);
  layers_trace_->next_layer(adapter_.clock().now() + 1);
  report.totals.counters[0] += result.ended.cycles;
  report_.cycles += result.ended.cycles;
  kernel::Outcome outcome = result.ended.outcome;
  detail_ = result.ended.detail;
  require_outputs(result);
  const bool input_left = outcome == kernel::Outcome::input_left;
  if (input_left) outcome = kernel::Outcome::passed;  // unless its outputs differ, which says more
  if (outcome == kernel::Outcome::passed) judge_layer(line, result, golden, outcome);
  if (input_left && outcome == kernel::Outcome::passed) throw base::InputError("adapter", layer.name, detail_);
  if (outcome == kernel::Outcome::passed && checked && report.totals.images == 0) {
    if (!other) other.emplace(run_on(other_, layer, inputs));
    judge_other(result, *other, outcome);
  }
  if (outcome == kernel::Outcome::passed) {
    const bool first = report.totals.images++ == 0;
    report.psum_min = first ? stats.psum_min : std::min(report.psum_min, stats.psum_min);
    report.psum_max = first ? stats.psum_max : std::max(report.psum_max, stats.psum_max);
    cover::add_arithmetic(report_.exercised, layer, stats);
  }
  return outcome;
}

/// The layer on the model that starts from random bits: reset alone must decide what it does.
void AdapterSession::judge_other(const LayerResult& result, const LayerResult& other, kernel::Outcome& outcome) {
  if (other.ended.outcome == kernel::Outcome::interrupted) {
    outcome = other.ended.outcome;
    return;
  }
  const bool same_cycles = ask(result.run.layer(), [&] { return adapter_.same_cycles(); });
  const std::string difference = difference_of(result, other, same_cycles);
  if (difference.empty()) return;
  outcome = kernel::Outcome::mismatch;
  detail_ = "from random bits, not 0, in what reset does not set: " + difference;
}

/// The dump's GTKWave view, opened where the first word differs; none beside a device.
void AdapterSession::write_view() const {
  if (options_.trace == dut::TraceFormat::none || !std::filesystem::is_regular_file(options_.trace_file)) return;
  trace::DesignView design;
  design.groups = words_.groups();
  trace::write_view({.design = design,
                     .dump = options_.trace_file,
                     .layer_names = names_of(report_.layers),
                     .first = trace_->first(),
                     .marker = words_.first_difference()});
}

void AdapterSession::describe(std::size_t line, const InputImage& image, kernel::Outcome outcome) {
  const std::string& layer = report_.layers[line].name;
  const std::string where = options_.rerun_takes_image ? fmt::format(" --images 1 --first-image {}", image.index) : "";
  const std::string rerun = fmt::format("{}{} --seed {} --trace fst", options_.rerun, where, options_.seed);
  const std::string test = failing_test(options_, network_.name, layer);
  report_.failure = {.image = image.index,
                     .layer = layer,
                     .token = {},
                     .cycle = adapter_.clock().now(),
                     .origin = findings_.origin(),
                     .detection = findings_.detection(),
                     .first = findings_.first(),
                     .series = findings_.series()};
  if (findings_.origin()) {
    report_.failures.push_back(failure_lines(
        *findings_.origin(), {.test = test, .seed = options_.seed, .also = findings_.others(), .rerun = rerun}));
    report_.detail = fmt::format("{} of image {}: {}", layer, image.index, differing(findings_.count()));
    return;
  }
  report_.detail = fmt::format("{} of image {}: {}", layer, image.index, detail_);
  report_.failures.push_back(failure_lines(test, outcome, report_.detail, options_.seed, rerun));
}

kernel::Outcome AdapterSession::run_image(const InputImage& image, const Progress& progress) {
  for (fast::RunStats& stats : stats_) {
    stats = {};
    stats.count_output = true;
  }
  outputs_ = &executor_.run(image.input, &stats_);
  for (std::size_t line = 0; line < lines_.size(); ++line) {
    if (progress) {
      const double part = static_cast<double>(line) / static_cast<double>(lines_.size());
      adapter_.clock().on_progress([&progress, this, part](std::uint64_t cycle) {
        progress(static_cast<double>(report_.images) + part, report_.cycles + cycle);
      });
    }
    const kernel::Outcome outcome = run_layer(line, image);
    if (outcome == kernel::Outcome::passed) continue;
    if (outcome != kernel::Outcome::interrupted) describe(line, image, outcome);
    return outcome;
  }
  return kernel::Outcome::passed;
}

void AdapterSession::judge_counts() {
  report_.compared = checker_.compared();
  report_.compared_by[static_cast<std::size_t>(check::Checker::tensor)] = report_.compared;
  report_.mismatches = findings_.count();
  session::judge_counts(report_, options_.check, canary_missing_);
}

/// What --stall made the design wait for; a side without a stream that may wait is not missed.
void AdapterSession::add_stalls() {
  report_.exercised.merge(stalls_.cover());
  const sequence::Sides may = adapter_.clock().may_withhold();
  using cover::Item;
  if (!may.input) report_.exercised.leave_out(Item::stall_in);
  if (!may.output) report_.exercised.leave_out(Item::stall_out);
  if (!may.input || !may.output) report_.exercised.leave_out(Item::stall_both);
  if (!may.input && !may.output) report_.exercised.leave_out(Item::stall_burst);
}

RunReport AdapterSession::run(const ImageSource& source, std::int64_t count, const Progress& progress) {
  report_.configuration = options_.configuration;
  report_.outcome = kernel::Outcome::passed;
  const auto start = std::chrono::steady_clock::now();
  const bool whole = lines_.back().node + 1 == network_.nodes.size() && !lines_.back().part;
  for (std::int64_t i = 0; i < count && report_.outcome == kernel::Outcome::passed; ++i) {
    const InputImage image = source(i);
    // Not before the first image is known to be good: bad input leaves the dump of before alone.
    if (i == 0 && options_.trace != dut::TraceFormat::none) trace_->open(options_.trace_file);
    report_.outcome = run_image(image, progress);
    trace_->enable(false);
    if (report_.outcome != kernel::Outcome::passed) break;
    ++report_.images;
    if (!whole) continue;
    const op::Tensor& output = rtl_.back();
    report_.predictions.push_back({.image = image.index,
                                   .label = image.label,
                                   .rtl = op::arg_max(output),
                                   .golden = op::arg_max(outputs_->back()),
                                   .largest = model::largest_text(network_, output),
                                   .output = options_.keep_outputs ? output : op::Tensor()});
  }
  trace_->close();
  report_.trace_empty = options_.trace != dut::TraceFormat::none && trace_->empty();
  write_view();
  report_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (report_.outcome == kernel::Outcome::passed) report_.outputs = rtl_;
  add_stalls();
  judge_counts();
  return std::move(report_);
}

}  // namespace

RunReport run_with_adapter(dut::Dut& dut, dut::Dut& other, const model::Network& network, const RunOptions& options,
                           const ImageSource& source, std::int64_t count, const Progress& progress) {
  return AdapterSession(dut, other, network, options).run(source, count, progress);
}

}  // namespace systole::session
