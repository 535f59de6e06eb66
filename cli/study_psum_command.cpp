// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/input_error.h"
#include "base/interrupt.h"
#include "base/interrupted.h"
#include "base/progress.h"
#include "base/quote.h"
#include "cli/programs.h"
#include "cli/psum_results.h"
#include "cli/shared_options.h"
#include "cli/study_commands.h"
#include "cli/study_output.h"
#include "cli/table_files.h"
#include "golden/fixed/saturate.h"
#include "golden/format/network_file.h"
#include "golden/format/pixels.h"
#include "golden/study/operations.h"
#include "golden/study/psum_study.h"
#include "golden/study/width_search.h"
#include "models/dataset/dataset.h"
#include "sim/session/session.h"

namespace systole::cli {
namespace {

using study::PsumStudy;
using study::Widths;

struct PsumStudyArguments {
  std::string network, to, order = "channelwise", widths = "32,21..15";
  ImageOptions images{.count = 10000};
  std::int64_t rtl = 0;
  int questions = 200;
  TableFiles files;
};

op::PsumOrder order_of(const PsumStudyArguments& a) {
  const auto* const name = std::ranges::find(op::kPsumOrderNames, a.order);
  return static_cast<op::PsumOrder>(name - op::kPsumOrderNames.begin());
}

std::optional<int> parse_width(std::string_view text) {
  int bits = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bits);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole && bits >= 1 && bits <= study::kUnlimitedBits ? std::optional(bits) : std::nullopt;
}

/// What --widths says.
struct WidthList {
  std::vector<int> numbers;  ///< as written, each range spelled out
  bool ranges = false;       ///< at least one was written as a range
};

WidthList parse_widths(const std::string& text) {
  WidthList list;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    const std::string_view item = std::string_view(text).substr(at, comma - at);
    const std::size_t dots = item.find("..");
    const auto from = parse_width(item.substr(0, dots));
    const auto to = dots == std::string_view::npos ? from : parse_width(item.substr(dots + 2));
    if (!from || !to) {
      throw base::InputError("--widths", text,
                             "expected numbers 1 .. 32 and ranges, such as 32,21..15, or one number per layer");
    }
    list.ranges = list.ranges || dots != std::string_view::npos;
    for (int bits = std::min(*from, *to); bits <= std::max(*from, *to); ++bits) list.numbers.push_back(bits);
    at = comma + 1;
  }
  return list;
}

/// The widths to run at, one per layer that accumulates each: "18,16,17,16,17" of a network with five such layers is
/// one run; any other list, say "32,21..15", is a sweep of common widths, widest first.
std::vector<Widths> widths_to_run(const std::string& text, const model::Network& network) {
  const auto layers = static_cast<std::size_t>(
      std::ranges::count_if(network.nodes, [](const model::Node& node) { return study::accumulates(node.layer); }));
  const WidthList list = parse_widths(text);
  if (!list.ranges && list.numbers.size() == layers) return {list.numbers};
  const std::set<int, std::greater<>> common(list.numbers.begin(), list.numbers.end());
  if (!list.ranges && common.size() != list.numbers.size()) {
    throw base::InputError(
        "--widths", text,
        fmt::format("expected {} numbers, one per layer that adds up, or common widths, each once", layers));
  }
  std::vector<Widths> result;
  result.reserve(common.size());
  for (const int bits : common) result.emplace_back(layers, bits);
  return result;
}

/// The images, held in memory: the study runs them again and again.
struct Samples {
  std::vector<study::Sample> images{};
  bool labelled = true;  ///< false: what the network answers takes the labels' place
};

Samples load_samples(const PsumStudyArguments& a, const model::Network& network) {
  constexpr std::int64_t kMostValues = std::int64_t{1} << 28;  // 1 GB
  const model::Input& input = network.input;
  std::optional<model::Executor> unlabelled;
  const auto images = dataset::open_dataset(a.images.dataset, {input.height, input.width, input.channels});
  const std::int64_t count = std::min(a.images.count, images->size());
  const std::int64_t most = kMostValues / (std::int64_t{input.height} * input.width * input.channels);
  if (count < 1) throw base::InputError(a.images.dataset, "", "expected at least one image, found none");
  if (count > most) {
    throw base::InputError("--images", fmt::format("{}", count),
                           fmt::format("expected at most {} of this size: they are held in memory", most));
  }
  Samples result;
  std::vector<study::Sample>& samples = result.images;
  samples.reserve(static_cast<std::size_t>(count));
  base::ProgressBar bar("images read", static_cast<std::uint64_t>(count));
  for (std::int64_t i = 0; i < count; ++i) {
    if (base::interrupted()) throw base::Interrupted();
    const dataset::Image image = images->at(i);
    try {
      samples.push_back({model::to_input(input, image.pixels), image.label});
      if (image.label < 0) {
        if (!unlabelled) unlabelled.emplace(network);
        samples.back().label = op::arg_max(unlabelled->run(samples.back().input).back());
        result.labelled = false;
      }
    } catch (const std::invalid_argument& error) {
      throw base::InputError(a.images.dataset, fmt::format("image {}", i), error.what());
    } catch (const fixed::OverflowError& error) {
      throw base::InputError(a.network, "", error.what());
    }
    bar.set(static_cast<std::uint64_t>(i) + 1);
  }
  return result;
}

void stop_on_interrupt() {
  if (base::interrupted()) throw base::Interrupted();
}

study::Progress progress_of(base::ProgressBar& bar) {
  return [&bar](std::int64_t done) {
    stop_on_interrupt();
    bar.set(static_cast<std::uint64_t>(done));
  };
}

PsumStudy record(const PsumStudyArguments& a, const model::Network& network,
                 const std::vector<study::Sample>& samples) {
  base::ProgressBar bar("images recorded", samples.size());
  try {
    return {network, order_of(a), samples, progress_of(bar)};
  } catch (const std::invalid_argument& error) {
    throw base::InputError(a.network, "", error.what());
  } catch (const fixed::OverflowError& error) {
    throw base::InputError(a.network, "", error.what());
  }
}

study::LimitedRun run_widths(const PsumStudy& study, const Widths& widths) {
  base::ProgressBar bar(fmt::format("images at {} bits", fmt::join(widths, " ")),
                        static_cast<std::uint64_t>(std::max<std::int64_t>(1, study.affected(widths))));
  return study.run(widths, progress_of(bar));
}

/// The first images at this width on the RTL, whose clamps and flags every pin and cell shows.
session::RunReport run_rtl(const PsumStudyArguments& a, const model::Network& network,
                           const std::vector<study::Sample>& samples, const Widths& widths) {
  const model::Network limited = study::with_psum_bits(network, widths);
  session::RunOptions options;
  options.test = fmt::format("psum_{}", fmt::join(widths, "_"));
  options.rerun = fmt::format("build/systole study psum {} --dataset {} --images {} --order array --widths {} --rtl {}",
                              base::shell_word(a.network), base::shell_word(a.images.dataset), a.images.count,
                              fmt::join(widths, ","), a.rtl);
  options.rerun_takes_image = false;
  options.rerun_takes_trace = false;
  const std::int64_t count = std::min(a.rtl, static_cast<std::int64_t>(samples.size()));
  base::ProgressBar bar(fmt::format("images on the RTL at {} bits", fmt::join(widths, " ")),
                        static_cast<std::uint64_t>(count));
  const auto source = [&samples](std::int64_t i) {
    const study::Sample& sample = samples[static_cast<std::size_t>(i)];
    return session::InputImage{.index = i, .label = sample.label, .input = sample.input};
  };
  session::RunReport report = session::run_network(
      limited, options, source, count, [&bar](double done, std::uint64_t cycles) { bar.set(done, cycles); });
  if (report.outcome == kernel::Outcome::interrupted) throw base::Interrupted();
  return report;
}

std::vector<PsumPoint> sweep(const PsumStudyArguments& a, const model::Network& network,
                             const std::vector<study::Sample>& samples, const PsumStudy& study,
                             const std::vector<Widths>& runs) {
  std::vector<PsumPoint> points;
  for (const Widths& widths : runs) {
    PsumPoint& point = points.emplace_back(PsumPoint{widths, run_widths(study, widths), std::nullopt});
    if (a.rtl > 0) point.rtl = run_rtl(a, network, samples, widths);
  }
  return points;
}

/// Answers whether widths leave at least `correct` images right.
study::Judge judge(PsumStudy& study, std::int64_t correct, base::ProgressBar& bar, const study::Judge*& self) {
  return study::Judge([&study, &bar, &self, correct](const Widths& widths) {
    if (self != nullptr) bar.set(static_cast<std::uint64_t>(self->asked()));
    return study.reaches(correct, widths, stop_on_interrupt);
  });
}

/// Searches A (loses nothing), B (within 1 % of accuracy) and C (per layer, loses nothing).
void search(const PsumStudyArguments& a, int lowest, PsumResults& results) {
  PsumStudy& study = results.study;
  const Widths widest = study.widest();
  const int highest = std::ranges::max(widest);
  std::vector<study::Operations> layers;
  for (const PsumStudy::LayerSums& layer : study.layers()) {
    layers.push_back(study::operations(results.network.nodes[layer.node].layer, order_of(a)));
  }
  const auto keep = [&](const std::string& name, const study::Cost& cost) {
    results.found.push_back({name, cost, run_widths(study, cost.widths).correct});
  };
  const auto uniform = [&](int bits) { return study::cost(layers, Widths(layers.size(), bits)); };
  int nothing_lost = highest;
  std::optional<study::PerLayer> per_layer;
  std::optional<int> within;
  {
    base::ProgressBar bar("questions at most", static_cast<std::uint64_t>(a.questions));
    const study::Judge* asked = nullptr;
    study::Judge lossless = judge(study, study.correct(), bar, asked);
    study::Judge within_one = judge(study, study.correct() - results.images / 100, bar, asked);
    asked = &lossless;
    nothing_lost = study::smallest_common(lossless, layers.size(), lowest, highest).value_or(highest);
    within = study::smallest_common(within_one, layers.size(), lowest, highest);
    Widths start;
    for (const int bits : widest) start.push_back(std::min(nothing_lost, bits));
    per_layer = study::cheapest_per_layer(lossless, layers, start, widest, a.questions);
  }
  keep("A: loses nothing", uniform(nothing_lost));
  keep("B: within 1 %", uniform(within.value_or(highest)));
  keep("C: per layer, loses nothing", per_layer->best);
  results.proved = per_layer->proved;
}

/// The RTL's verdict: that of the first run that did not pass.
kernel::Outcome rtl_outcome(const PsumResults& r) {
  kernel::Outcome outcome = kernel::Outcome::passed;
  for (const PsumPoint& point : r.sweep) {
    if (point.rtl) outcome = first_failure(outcome, point.rtl->outcome);
  }
  return outcome;
}

void print(const PsumResults& r, const PsumStudyArguments& a) {
  for (const PsumPoint& point : r.sweep) {
    if (!point.rtl) continue;
    for (const std::string& failure : point.rtl->failures) fmt::print("{}\n", failure);
  }
  fmt::print("{} images, {} order, without clamp {:.2f} % right{}\n\n{}\n", r.images, a.order,
             r.percent(r.study.correct()), r.labelled ? "" : ", no labels: agreement with itself",
             terminal_table(layers_table(r)));
  fmt::print("{}\n{}", terminal_table(sweep_table(r, order_of(a), a.rtl > 0)), terminal_table(overflow_summary(r)));
  if (!r.found.empty()) fmt::print("\n{}", terminal_table(search_table(r)));
  if (!r.proved) fmt::print("C: ended after {} questions, never worse than the greedy descent\n", a.questions);
}

int study_psum(const PsumStudyArguments& a) {
  a.files.open();
  const base::InterruptGuard guard;
  if (a.rtl > 0 && order_of(a) != op::PsumOrder::array) {
    throw base::InputError("--rtl", "", "needs --order array, the order in which the RTL adds up");
  }
  if (a.rtl > 0) require_model({.configuration = session::RunOptions().configuration});
  const StudyFolder folder(a.to, "psum", a.network);
  const model::Network network = model::load_network(a.network);
  const std::vector<Widths> runs = widths_to_run(a.widths, network);
  const auto [samples, labelled] = load_samples(a, network);
  PsumStudy study = record(a, network, samples);
  PsumResults results{network, study, static_cast<std::int64_t>(samples.size()), {}, {}};
  results.labelled = labelled;
  results.sweep = sweep(a, network, samples, study, runs);
  const bool searches = runs.size() > 1 || runs[0] == Widths(runs[0].size(), runs[0][0]);  // not one width per layer
  if (searches) search(a, runs.back()[0], results);
  print(results, a);
  std::vector<base::Table> printed{layers_table(results), sweep_table(results, order_of(a), a.rtl > 0),
                                   overflow_summary(results)};
  if (!results.found.empty()) printed.push_back(search_table(results));
  a.files.write(printed);
  if (!a.to.empty()) {
    std::vector<base::Table> tables{layers_table(results), histogram_table(results),
                                    sweep_table(results, order_of(a), a.rtl > 0), overflow_table(results)};
    std::vector<StudyPlot> plots{histogram_plot(results)};
    if (searches) {
      tables.push_back(search_table(results));
      plots.push_back(accuracy_plot(results));
    }
    folder.write(tables, plots);
  }
  return exit_code(rtl_outcome(results));
}

}  // namespace

Command add_study_psum_command(CLI::App& study) {
  auto a = std::make_shared<PsumStudyArguments>();
  CLI::App* command = study.add_subcommand(
      "psum", "Histogram of every partial sum, accuracy with width-limited saturating ones, narrowest widths");
  command->add_option("NETWORK", a->network, "Folder of the network")->required();
  add_image_options(*command, a->images, "Number of images");
  command->add_option("--order", a->order, "Order of accumulation (docs/numerics.md, section 4)")
      ->check(CLI::IsMember(std::vector<std::string>(op::kPsumOrderNames.begin(), op::kPsumOrderNames.end())))
      ->capture_default_str();
  command
      ->add_option(
          "--widths", a->widths,
          "Widths b to run at, common to all layers, or one for each layer: clamp to [-2^b, 2^b - 1]; 32: no clamp")
      ->capture_default_str();
  command->add_option("--rtl", a->rtl, "Run the first images at every width on the RTL too, every cell checked")
      ->check(CLI::Range(1, 1000000000));
  command->add_option("--questions", a->questions, "Combinations of widths that the search per layer tries at most")
      ->check(CLI::Range(1, 1000000000))
      ->capture_default_str();
  command->add_option("-o,--output", a->to, "Folder of the tables (CSV) and plots (SVG) to write");
  add_table_options(*command, a->files);
  command->footer(
      "Examples: systole study psum models/lenet -o study-psum\n"
      "          systole study psum models/lenet --widths 18,16,17,16,17\n"
      "          systole study psum models/lenet --order array --widths 18..14 --images 1000 --rtl 10");
  return [a] { return study_psum(*a); };
}

}  // namespace systole::cli
