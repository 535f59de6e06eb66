// SPDX-License-Identifier: Apache-2.0
#include "cli/psum_results.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace systole::cli {

using study::PsumStudy;
using study::Widths;

namespace {

std::uint64_t total(const fast::PartialSums& sums) {
  std::uint64_t count = 0;
  for (const fast::PartialSums::Bin& bin : sums.bins()) count += bin.count;
  return count;
}

/// The bins of the whole network: those of the layer with the widest ones, of which the others' are parts.
std::map<std::int64_t, std::uint64_t> common_bins(const std::vector<fast::PartialSums::Bin>& bins, int shift) {
  std::map<std::int64_t, std::uint64_t> common;
  for (const fast::PartialSums::Bin& bin : bins) common[(bin.low >> shift) * (std::int64_t{1} << shift)] += bin.count;
  return common;
}

int common_shift(const PsumStudy& study) {
  int shift = 0;
  for (const PsumStudy::LayerSums& layer : study.layers()) shift = std::max(shift, layer.sums.shift());
  return shift;
}

}  // namespace

base::Figure PsumPoint::name() const {
  const bool common = std::ranges::all_of(widths, [&](int bits) { return bits == widths[0]; });
  return {common ? fmt::to_string(widths[0]) : fmt::format("{}", fmt::join(widths, " "))};
}

base::Table layers_table(const PsumResults& r) {
  base::Table table{"layers", {"layer", "partial sums", "min", "max", "untouched from b"}};
  fast::Extent all;
  std::uint64_t count = 0;
  const auto add = [&table](const std::string& name, std::uint64_t sums, const fast::Extent& extent) {
    table.rows.push_back(
        {name, static_cast<std::int64_t>(sums), extent.low, extent.high, std::int64_t{extent.psum_bits()}});
  };
  for (std::size_t i = 0; i < r.study.layers().size(); ++i) {
    const fast::PartialSums& sums = r.study.layers()[i].sums;
    add(r.name(i), total(sums), sums.total());
    all.widen(sums.total());
    count += total(sums);
  }
  add("all", count, all);
  return table;
}

base::Table histogram_table(const PsumResults& r) {
  base::Table table{"histogram", {"layer", "from", "to", "partial sums"}};
  const auto add = [&table](const std::string& name, std::int64_t low, int shift, std::uint64_t count) {
    table.rows.push_back({name, low, low + (std::int64_t{1} << shift) - 1, static_cast<std::int64_t>(count)});
  };
  const int shift = common_shift(r.study);
  std::map<std::int64_t, std::uint64_t> all;
  for (std::size_t i = 0; i < r.study.layers().size(); ++i) {
    const fast::PartialSums& sums = r.study.layers()[i].sums;
    for (const fast::PartialSums::Bin& bin : sums.bins()) add(r.name(i), bin.low, sums.shift(), bin.count);
    for (const auto& [low, count] : common_bins(sums.bins(), shift)) all[low] += count;
  }
  for (const auto& [low, count] : all) add("all", low, shift, count);
  return table;
}

base::Table sweep_table(const PsumResults& r, op::PsumOrder order, bool with_rtl) {
  base::Table table{"sweep", {"b", "correct", "accuracy %", "energy"}};
  if (with_rtl) table.columns.insert(table.columns.end(), {"rtl images", "rtl"});
  for (const PsumPoint& point : r.sweep) {
    table.rows.push_back(
        {point.name(), point.run.correct, r.percent(point.run.correct), study::energy(r.network, order, point.widths)});
    if (!point.rtl) continue;
    table.rows.back().emplace_back(static_cast<std::int64_t>(point.rtl->images));
    table.rows.back().emplace_back(std::string(to_string(point.rtl->outcome)));
  }
  return table;
}

base::Table overflow_summary(const PsumResults& r) {
  base::Table table{"images", {"images that overflow"}};
  for (const PsumPoint& point : r.sweep) table.columns.push_back(fmt::format("b {}", point.name().text));
  for (std::size_t i = 0; i < r.study.layers().size(); ++i) {
    table.rows.push_back({r.name(i)});
    for (const PsumPoint& point : r.sweep) table.rows.back().emplace_back(point.run.overflows[i].images);
  }
  return table;
}

base::Table overflow_table(const PsumResults& r) {
  base::Table table{"overflow", {"b", "layer", "images", "flags"}};
  for (const PsumPoint& point : r.sweep) {
    for (std::size_t i = 0; i < r.study.layers().size(); ++i) {
      const study::Overflows& overflows = point.run.overflows[i];
      table.rows.push_back({point.name(), r.name(i), overflows.images, overflows.flags});
    }
  }
  return table;
}

base::Table search_table(const PsumResults& r) {
  base::Table table{"search", {"search", "b", "correct", "accuracy %", "energy"}};
  for (const PsumFound& found : r.found) {
    table.rows.push_back({found.search, fmt::format("{}", fmt::join(found.cost.widths, " ")), found.correct,
                          r.percent(found.correct), found.cost.energy});
  }
  return table;
}

StudyPlot histogram_plot(const PsumResults& r) {
  StudyPlot plot{"histogram",
                 fmt::format("Partial sums of {}, {} images", r.network.name, r.images),
                 "partial sum",
                 fmt::format("how many, in bins of {}", std::int64_t{1} << common_shift(r.study)),
                 {}};
  plot.log_y = true;
  for (std::size_t i = 0; i < r.study.layers().size(); ++i) {
    Curve& curve = plot.curves.emplace_back(Curve{r.name(i), {}});
    for (const auto& [low, count] : common_bins(r.study.layers()[i].sums.bins(), common_shift(r.study))) {
      curve.points.emplace_back(static_cast<double>(low), static_cast<double>(count));
    }
  }
  return plot;
}

StudyPlot accuracy_plot(const PsumResults& r) {
  StudyPlot plot{"accuracy",
                 fmt::format("Saturating partial sums of {}, {} images", r.network.name, r.images),
                 "b: every accumulation clamped to [-2^b, 2^b - 1]",
                 "accuracy in %",
                 {{r.network.name, {}}}};
  for (const PsumPoint& point : r.sweep) {
    plot.curves[0].points.emplace_back(static_cast<double>(point.widths[0]), r.percent(point.run.correct));
  }
  return plot;
}

}  // namespace systole::cli
