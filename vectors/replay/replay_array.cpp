// SPDX-License-Identifier: Apache-2.0
// Array sets (docs/vectors.md, `array`) against the golden and the RTL.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/counted.h"
#include "base/input_error.h"
#include "base/quote.h"
#include "vectors/array/array_set.h"
#include "vectors/array/array_writer.h"
#include "vectors/replay/replay.h"

namespace systole::replay {
namespace {

using vectors::ArrayFiles;
using vectors::ArrayFit;
using vectors::ArrayLayout;
using vectors::ArraySet;
using vectors::ArrayValues;

constexpr std::size_t kMaxShown = 8;  // unread files, and layouts that fit as well
constexpr std::string_view kStationary = "output-stationary";

/// What the files are like beside their layout.
std::string habits(const ArrayFiles& files) {
  std::string text = files.headers ? files.no_headers ? ", some headers" : ", headers" : ", no headers";
  if (files.psum_in_one) text += ", psums of all kij in one file";
  if (files.psum_in_lines) text += ", psums of a kij in one line";
  if (files.kij_from_1) text += ", kij from 1";
  if (files.blank_lines) text += ", blank lines";
  if (files.crlf) text += ", CRLF";
  if (!files.own_names) text += ", other file names";
  return text;
}

std::size_t present(const std::vector<vectors::WordSlice>& slots) {
  return static_cast<std::size_t>(
      std::count_if(slots.begin(), slots.end(), [](const vectors::WordSlice& s) { return bool{s}; }));
}

int first_gap(const std::vector<vectors::WordSlice>& slots) {
  return static_cast<int>(std::find_if(slots.begin(), slots.end(), [](const vectors::WordSlice& s) { return !s; }) -
                          slots.begin());
}

void say_unread(const ArrayFiles& files) {
  std::string names;
  std::size_t count = 0;
  for (const std::string& name : files.unread) {
    if (name == "README.txt" || name == "manifest.json") continue;
    if (++count <= kMaxShown) names += fmt::format(" {}", base::terminal_text(name));
  }
  if (count > 0) fmt::print("not part of an array set, not read:{}{}\n", names, count > kMaxShown ? " ..." : "");
  if (files.other_schedule.empty()) return;
  fmt::print("{} of another schedule, not read, the first is {}: {}\n",
             base::counted(files.other_schedule.size(), "file"), base::terminal_text(files.other_schedule.front()),
             files.output_stationary ? "without --layout output-stationary they are"
                                     : "--layout output-stationary reads them");
}

/// One set on its way from files to a verdict.
class ArrayReplay {
 public:
  ArrayReplay(const ReplayOptions& options, const std::string& format, ReplayLog& log)
      : options_(options), format_(format), log_(log) {}

  void run() {
    read();
    recognise();
    say_missing();
    if (files_.activation.empty() || files_.weight.empty()) return add_up_psums();
    golden_ = vectors::array_golden(set_, layout_);
    compare("golden", golden_);
    drive();
  }

 private:
  void read() {
    if (!format_.empty()) {
      report_changed_files(options_, vectors::read_manifest(options_.folder, format_), log_);
      stated_ = vectors::read_array_shape(options_.folder);
    }
    files_ = read_files(false, options_.layout.find(kStationary) != std::string::npos);
  }

  [[nodiscard]] ArrayFiles read_files(bool all_in_one_counts, bool output_stationary) const {
    ReplayStep step("files");
    return vectors::read_array_files(options_.folder,
                                     {.taps = stated_ ? stated_->taps() : 0,
                                      .all_in_one_counts = all_in_one_counts,
                                      .output_stationary = output_stationary},
                                     [&step](std::size_t done, std::size_t total) { step(done, total); });
  }

  void recognise() {
    std::vector<ArrayFit> fits = files_.maybe_stationary ? fit_schedules() : fit(files_);
    std::string followed;
    if (!files_.contradictions.empty()) followed = settle_contradictions(fits);
    layout_ = fits.front().layout;
    set_ = vectors::decode(files_, layout_);
    fmt::print("array set, {}{}\n", text(layout_), habits(files_));
    fmt::print("{}: {} x activations, {} x weights, {} x psums, {} x outputs\n",
               base::counted(static_cast<std::uint64_t>(files_.files), "file"), present(files_.activation),
               present(files_.weight), present(files_.psum), present(files_.output));
    if (!stated_) say_reading();
    say_unread(files_);
    for (const std::string& line : files_.doubled) fmt::print("{}\n", line);
    for (const std::string& line : files_.contradictions) log_.finding(line + followed);
    if (fits.front().missed() > 0) say_tried(fits);
    say_ties(fits);
  }

  [[nodiscard]] std::vector<ArrayFit> fit(const ArrayFiles& files) const {
    std::vector<ArrayLayout> layouts =
        stated_ ? vectors::array_layouts(files, *stated_) : vectors::array_layouts(files);
    if (!options_.layout.empty()) layouts = vectors::named_layouts(layouts, options_.layout, vectors::kinds_of(files));
    ReplayStep step("layouts");
    return vectors::fit_layouts(files, layouts, [&step](std::size_t done, std::size_t total) { step(done, total); });
  }

  /// Of both schedules the one that has more evidence, the usual one of equals.
  std::vector<ArrayFit> fit_schedules() {
    const auto fit_if_any = [this](const ArrayFiles& files) -> std::vector<ArrayFit> {
      try {
        return fit(files);
      } catch (const base::InputError&) {
        return {};
      }
    };
    ArrayFiles stationary = read_files(false, true);
    std::vector<ArrayFit> other = fit_if_any(stationary);
    if (other.empty()) return fit(files_);
    std::vector<ArrayFit> usual = fit_if_any(files_);
    if (!usual.empty() && usual.front().matched_bits() >= other.front().matched_bits()) return usual;
    files_ = std::move(stationary);
    return other;
  }

  [[nodiscard]] std::string text(const ArrayLayout& layout) const { return to_string(layout, !files_.output.empty()); }

  [[nodiscard]] std::string name(const ArrayLayout& layout) const {
    return fmt::format("{}", fmt::join(vectors::layout_words(layout, vectors::kinds_of(files_)), ","));
  }

  void say_reading() const {
    for (const std::string& line : vectors::reading(files_, layout_)) fmt::print("  {}\n", line);
    fmt::print("layout {}\n", name(layout_));
  }

  /// Files for one place that differ: those are taken that psums and outputs follow. Says which, behind the finding,
  /// which is one whichever of them is right.
  std::string settle_contradictions(std::vector<ArrayFit>& fits) {
    ArrayFiles other = read_files(true, files_.output_stationary);
    std::vector<ArrayFit> other_fits = fit(other);
    const ArrayFit& first = fits.front();
    const ArrayFit& second = other_fits.front();
    if (first.compared() == 0) return "; no psums and no outputs say which is right: the first is taken";
    const bool equal = first.missed() == second.missed() && first.matched_bits() == second.matched_bits();
    if (equal) return "; psums and outputs agree with both alike: the first is taken";
    const bool second_wins =
        second.matched_bits() > first.matched_bits() ||
        (second.matched_bits() == first.matched_bits() && second.missed_bits() < first.missed_bits());
    const std::uint64_t missed = second_wins ? second.missed() : first.missed();
    if (second_wins) {
      other.doubled = files_.doubled;
      other.contradictions = files_.contradictions;
      files_ = std::move(other);
      fits = std::move(other_fits);
    }
    return fmt::format("; psums and outputs follow the {}{}", second_wins ? "second" : "first",
                       missed > 0 ? ", but not everywhere" : "");
  }

  /// The layout taken, and the same with the other orientation of the weights or place of the ReLU.
  void say_tried(const std::vector<ArrayFit>& fits) const {
    fmt::print(
        "no layout fits every value; of the {} tried, the one taken and its nearest kin missed the golden's by:\n",
        fits.size());
    for (const ArrayFit& fit : fits) {
      ArrayLayout layout = fit.layout;
      layout.transposed = layout_.transposed;
      layout.shape.relu = layout_.shape.relu;
      if (layout == layout_) fmt::print("{:>8} of {}  {}\n", fit.missed(), fit.compared(), text(fit.layout));
    }
  }

  /// Other readings of the same words for which as much speaks, or nearly.
  void say_ties(const std::vector<ArrayFit>& fits) const {
    const ArrayFit& best = fits.front();
    if (best.compared() == 0) {
      fmt::print("no psums and no outputs to tell the layout by: taken as the usual one\n");
      return;
    }
    if (best.matched_bits() == 0) {
      fmt::print("psums and outputs say nothing of the layout, all that agree are 0 or -1: taken as the usual one\n");
      return;
    }
    const std::vector<ArrayFit> ties = vectors::near_ties(files_, fits);
    for (std::size_t i = 0; i < std::min(ties.size(), kMaxShown); ++i) {
      const bool equal = ties[i].missed_bits() == best.missed_bits() && ties[i].matched_bits() == best.matched_bits();
      fmt::print("{}: {} (missed {} of {}, taken: {} of {}); --layout {}\n",
                 equal ? "fits as well" : "fits nearly as well", text(ties[i].layout), ties[i].missed(),
                 ties[i].compared(), best.missed(), best.compared(), name(ties[i].layout));
    }
    if (ties.size() > kMaxShown) fmt::print("and {} more fit nearly as well\n", ties.size() - kMaxShown);
  }

  void say_missing() const {
    if (files_.activation.empty()) fmt::print("not checked: no activations, so neither golden nor RTL can be run\n");
    if (files_.weight.empty()) fmt::print("not checked: no weights, so neither golden nor RTL can be run\n");
    if (files_.psum.empty()) fmt::print("not checked: no psums\n");
    if (files_.output.empty()) fmt::print("not checked: no outputs\n");
    if (const std::size_t gaps = files_.psum.size() - present(files_.psum); gaps > 0) {
      const int first = first_gap(files_.psum), taps = files_.taps, tiles = files_.oc_tiles;
      fmt::print("not checked: psums of {} of {} weight tiles are missing, the first is {}\n", gaps, files_.psum.size(),
                 vectors::psum_file(first / taps / tiles, first / taps % tiles, first % taps));
    }
    const std::size_t gaps = files_.output.size() - present(files_.output);
    if (gaps > 0 && layout_.output_tiles == vectors::OutputTiles::apart) {
      fmt::print("not checked: outputs of {} of {} oc tiles are missing, the first is {}\n", gaps, files_.output.size(),
                 vectors::output_file(first_gap(files_.output)));
    }
  }

  void add_up_psums() {
    const auto sums = vectors::outputs_of_psums(set_, layout_);
    if (!sums) return;
    log_.compared("output", "file against psums",
                  vectors::compare_outputs(files_, set_, layout_, *sums, "sum of psums"));
  }

  void compare(const std::string& name, const ArrayValues& values) {
    const std::string sources = "file against " + name;
    if (!values.psum.empty()) log_.compared("psum", sources, vectors::compare_psums(files_, set_, values, name));
    if (!values.output.empty())
      log_.compared("output", sources, vectors::compare_outputs(files_, set_, layout_, values, name));
  }

  [[nodiscard]] int first_tile() const { return options_.ic_tile.value_or(0); }
  [[nodiscard]] int tiles() const {
    if (options_.dut == ReplayDut::accel) return 0;
    return options_.ic_tile ? 1 : set_.shape.ic_tiles;
  }
  [[nodiscard]] bool whole_layer() const { return options_.dut != ReplayDut::array && !options_.ic_tile; }

  /// The psum passes of each ic tile, then the whole layer.
  [[nodiscard]] std::vector<ReplayJob> jobs(int psum_width) const {
    std::vector<ReplayJob> all;
    for (int i = first_tile(); i < first_tile() + tiles(); ++i) {
      all.push_back({.network = vectors::psum_network(set_, i, psum_width), .input = vectors::psum_input(set_, i)});
    }
    if (whole_layer()) {
      all.push_back(
          {.network = vectors::layer_network(set_, layout_, psum_width), .input = vectors::layer_input(set_)});
    }
    return all;
  }

  void drive() {
    if (options_.ic_tile && *options_.ic_tile >= set_.shape.ic_tiles) {
      throw base::InputError("--itile", std::to_string(*options_.ic_tile),
                             fmt::format("the set has {} ic tiles", set_.shape.ic_tiles));
    }
    const vectors::ArrayShape& s = set_.shape;
    const ReplayTarget target = choose_target(options_, s.rows, s.cols, [this](int width) { return jobs(width); });
    ArrayValues rtl;
    const session::RunReport psums = run_psums(target, rtl);
    if (tiles() > 0) log_.ran("psum", psums);
    if (whole_layer()) {
      ReplayStep step("layers");
      const session::RunReport report = run_job(target.jobs.back(), target, options_, "--dut accel", true, step, 0, 1);
      step.end();
      log_.ran("output", report);
      if (!report.outputs.empty()) vectors::put_outputs(layout_, report.outputs[0], rtl);
    }
    compare("RTL", rtl);
  }

  session::RunReport run_psums(const ReplayTarget& target, ArrayValues& rtl) const {
    ReplayStep step("ic tiles");
    session::RunReport total;
    const auto count = static_cast<std::size_t>(tiles());
    for (std::size_t i = 0; i < count; ++i) {
      const int tile = first_tile() + static_cast<int>(i);
      session::RunReport report = run_job(target.jobs[i], target, options_, fmt::format("--dut array --itile {}", tile),
                                          i == 0, step, i, count);
      if (!report.outputs.empty()) vectors::put_psums(set_.shape, tile, report.outputs, rtl);
      add(total, std::move(report));
      if (total.outcome != kernel::Outcome::passed) break;
    }
    return total;
  }

  const ReplayOptions& options_;
  const std::string& format_;
  ReplayLog& log_;
  std::optional<vectors::ArrayShape> stated_;  ///< by the manifest
  ArrayFiles files_;
  ArrayLayout layout_;
  ArraySet set_;
  ArrayValues golden_;
};

}  // namespace

void replay_array(const ReplayOptions& options, const std::string& format, ReplayLog& log) {
  ArrayReplay(options, format, log).run();
}

}  // namespace systole::replay
