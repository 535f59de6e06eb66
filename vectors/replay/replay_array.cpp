// SPDX-License-Identifier: Apache-2.0
// Array sets (docs/vectors.md, `array`) against the golden and the RTL.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
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

constexpr std::size_t kMaxShown = 8;  // unread files

/// What the files are like beside their layout.
std::string habits(const ArrayFiles& files) {
  std::string text = files.headers ? files.no_headers ? ", some headers" : ", headers" : ", no headers";
  if (files.psum_in_one) text += ", psums of all kij in one file";
  if (files.psum_in_lines) text += ", those of a kij in one line";
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
    ReplayStep step("files");
    files_ = vectors::read_array_files(options_.folder, stated_ ? stated_->taps() : 0,
                                       [&step](std::size_t done, std::size_t total) { step(done, total); });
  }

  void recognise() {
    const std::vector<ArrayLayout> layouts =
        stated_ ? vectors::array_layouts(files_, *stated_) : vectors::array_layouts(files_);
    const std::vector<ArrayFit> fits = fit(layouts);
    layout_ = fits.front().layout;
    set_ = vectors::decode(files_, layout_);
    fmt::print("array set, {}{}\n", text(layout_), habits(files_));
    fmt::print("{}: {} x activations, {} x weights, {} x psums, {} x outputs\n", base::counted(files_.files, "file"),
               present(files_.activation), present(files_.weight), present(files_.psum), present(files_.output));
    say_unread(files_);
    for (const std::string& line : files_.doubled) fmt::print("{}\n", line);
    say_contradictions(fits.front());
    if (fits.front().missed > 0) say_tried(layouts, fits);
    if (fits.front().missed == 0) say_equals(fits);
  }

  [[nodiscard]] std::vector<ArrayFit> fit(const std::vector<ArrayLayout>& layouts) const {
    ReplayStep step("layouts");
    return vectors::fit_layouts(files_, layouts, [&step](std::size_t done, std::size_t total) { step(done, total); });
  }

  [[nodiscard]] std::string text(const ArrayLayout& layout) const { return to_string(layout, !files_.output.empty()); }

  /// Files for one place that differ: a finding, whichever of them is right.
  void say_contradictions(const ArrayFit& fit) {
    if (files_.contradictions.empty()) return;
    const bool right = fit.compared > 0 && fit.missed == 0;
    log_.finding(fmt::format("{}; {}", files_.contradictions.front(),
                             right ? "psums and outputs follow the first" : "the first is taken"));
  }

  /// The layout that misses least, and of each orientation of the weights and place of the outputs the usual one.
  void say_tried(const std::vector<ArrayLayout>& layouts, const std::vector<ArrayFit>& fits) const {
    fmt::print("no layout fits every value; of the {} tried, the closest and the usual ones missed the golden's by:\n",
               fits.size());
    const auto say = [this](const ArrayFit& fit) {
      fmt::print("{:>8} of {}  {}\n", fit.missed, fit.compared, text(fit.layout));
    };
    say(fits.front());
    std::set<std::pair<bool, bool>> shown;
    for (const ArrayLayout& usual : layouts) {
      if (!shown.emplace(usual.transposed, usual.shape.relu).second || usual == layout_) continue;
      say(*std::find_if(fits.begin(), fits.end(), [&usual](const ArrayFit& fit) { return fit.layout == usual; }));
    }
  }

  /// Layouts that read other numbers from the same words and fit too.
  void say_equals(const std::vector<ArrayFit>& fits) const {
    if (fits.front().compared == 0) {
      fmt::print("no psums and no outputs to tell the layout by: taken as the usual one\n");
      return;
    }
    for (const ArrayFit& other : fits) {
      const bool reads_alike = other.layout.transposed == layout_.transposed &&
                               other.layout.shape.rows == layout_.shape.rows &&
                               other.layout.shape.cols == layout_.shape.cols;
      if (other.missed == 0 && !reads_alike) fmt::print("fits as well: {}\n", text(other.layout));
    }
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
    if (gaps > 0 && !layout_.outputs_in_one) {
      fmt::print("not checked: outputs of {} of {} oc tiles are missing, the first is {}\n", gaps, files_.output.size(),
                 vectors::output_file(first_gap(files_.output)));
    }
  }

  void add_up_psums() {
    const auto sums = vectors::outputs_of_psums(set_, layout_);
    if (!sums) return;
    log_.compared("output", "file against psums", vectors::compare_outputs(files_, set_, *sums, "sum of psums"));
  }

  void compare(const std::string& name, const ArrayValues& values) {
    const std::string sources = "file against " + name;
    if (!values.psum.empty()) log_.compared("psum", sources, vectors::compare_psums(files_, set_, values, name));
    if (!values.output.empty()) log_.compared("output", sources, vectors::compare_outputs(files_, set_, values, name));
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
