// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/interrupt.h"
#include "base/progress.h"
#include "cli/network_options.h"
#include "cli/shared_options.h"
#include "cli/study_commands.h"
#include "cli/study_output.h"
#include "cli/table_files.h"
#include "golden/format/graph_check.h"
#include "golden/model/float_network.h"
#include "golden/study/bits_study.h"
#include "golden/study/parallel.h"

namespace systole::cli {
namespace {

struct BitsStudyArguments {
  std::string from, to;
  ImageOptions images;
  CalibrationOptions calibration;
  std::vector<int> bits{4, 8, 12, 16};
  TableFiles files;
};

/// Settings and what they came to, in the same order.
struct Study {
  std::string network;
  double real = 0;   ///< accuracy of the float network
  std::string note;  ///< of LabelledImages
  std::vector<study::BitsSetting> settings;
  std::vector<study::BitsOutcome> outcomes;
  std::size_t widths = 0;  ///< settings that differ in their bits alone stand side by side, so many of them
};

std::string_view quantized(const study::BitsSetting& s) { return s.weights_only ? "weights" : "weights+activations"; }
std::string_view zero_points(const study::BitsSetting& s) { return s.symmetric ? "symmetric" : "asymmetric"; }
std::string_view range(const study::BitsSetting& s) { return s.optimal ? "optimal" : "full"; }
std::string_view scale(const study::BitsSetting& s) {
  if (s.scale == quant::ScaleShare::network) return "network";
  return s.scale == quant::ScaleShare::layer ? "layer" : "channel";
}

base::Cell word(std::string_view text) { return std::string(text); }

/// One row a setting, all that is known of it.
base::Table all_settings(const Study& study) {
  base::Table table{"bits",
                    {"quantized", "scale", "zero points", "range", "bits", "accuracy %", "loss", "SQNR dB", "size kB",
                     "weight range gain dB", "weights clipped %", "activation range gain dB", "activations clipped %",
                     "sum bits", "weight bits given up", "problem"}};
  for (std::size_t i = 0; i < study.settings.size(); ++i) {
    const study::BitsSetting& s = study.settings[i];
    const study::BitsOutcome& o = study.outcomes[i];
    std::vector<base::Cell> row{word(quantized(s)), word(scale(s)), word(zero_points(s)), word(range(s)),
                                std::int64_t{s.bits}};
    if (o.problem.empty()) {
      row.insert(row.end(),
                 {100 * o.accuracy, 100 * (study.real - o.accuracy), o.sqnr, static_cast<double>(o.bytes) / 1000,
                  o.weights.decibels(), 100 * o.weights.clipped_fraction()});
      if (s.weights_only) {
        row.insert(row.end(), {base::Cell{}, base::Cell{}, base::Cell{}, base::Cell{}});
      } else {
        row.insert(row.end(), {o.activations.decibels(), 100 * o.activations.clipped_fraction(),
                               std::int64_t{o.sum_bits}, o.bits_given_up});
      }
    }
    row.resize(table.columns.size() - 1);
    row.emplace_back(o.problem.empty() ? base::Cell{} : base::Cell{o.problem});
    table.rows.push_back(std::move(row));
  }
  return table;
}

/// The terminal's view: one row for all widths.
base::Table by_width(const Study& study) {
  base::Table table{"accuracy", {"quantized", "scale", "zero points", "range"}};
  for (std::size_t i = 0; i < study.widths; ++i) {
    table.columns.push_back(fmt::format("{} bit %", study.settings[i].bits));
  }
  for (std::size_t i = 0; i < study.widths; ++i) {
    table.columns.push_back(fmt::format("{} bit dB", study.settings[i].bits));
  }
  for (std::size_t first = 0; first < study.settings.size(); first += study.widths) {
    const study::BitsSetting& s = study.settings[first];
    std::vector<base::Cell> row{word(quantized(s)), word(scale(s)), word(zero_points(s)), word(range(s))};
    for (const bool accuracy : {true, false}) {
      for (std::size_t i = first; i < first + study.widths; ++i) {
        const study::BitsOutcome& o = study.outcomes[i];
        row.push_back(o.problem.empty() ? base::Cell{accuracy ? 100 * o.accuracy : o.sqnr} : base::Cell{"refused"});
      }
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

/// What each width costs: parameters, and the worst of all settings' demands on the accumulator.
base::Table costs(const Study& study) {
  base::Table table{"cost", {"bits", "size kB", "sum bits wanted", "weight bits given up to 32-bit sums"}};
  for (std::size_t width = 0; width < study.widths; ++width) {
    study::BitsOutcome worst;
    for (std::size_t i = width; i < study.outcomes.size(); i += study.widths) {
      const study::BitsOutcome& o = study.outcomes[i];
      worst.bytes = std::max(worst.bytes, o.bytes);
      worst.sum_bits = std::max(worst.sum_bits, o.sum_bits);
      worst.bits_given_up = std::max(worst.bits_given_up, o.bits_given_up);
    }
    table.rows.push_back({std::int64_t{study.settings[width].bits}, static_cast<double>(worst.bytes) / 1000,
                          std::int64_t{worst.sum_bits}, worst.bits_given_up});
  }
  return table;
}

/// Accuracy or SQNR over the widths, a curve for each way of quantizing.
StudyPlot plot(const Study& study, bool weights_only, bool accuracy) {
  StudyPlot result{fmt::format("{}_{}", accuracy ? "accuracy" : "sqnr", weights_only ? "weights" : "both"),
                   fmt::format("{}: {}", study.network, weights_only ? "weights only" : "weights and activations"),
                   "bits",
                   accuracy ? "accuracy in %" : "SQNR at the output in dB",
                   {}};
  for (std::size_t first = 0; first < study.settings.size(); first += study.widths) {
    const study::BitsSetting& s = study.settings[first];
    if (s.weights_only != weights_only) continue;
    Curve curve{fmt::format("{}, {}, {}", scale(s), zero_points(s), range(s)), {}};
    for (std::size_t i = first; i < first + study.widths; ++i) {
      const study::BitsOutcome& o = study.outcomes[i];
      const double y = accuracy ? 100 * o.accuracy : o.sqnr;
      if (o.problem.empty() && std::isfinite(y)) curve.points.emplace_back(study.settings[i].bits, y);
    }
    if (!curve.points.empty()) result.curves.push_back(std::move(curve));
  }
  return result;
}

Study measure(const BitsStudyArguments& a) {
  const model::FloatNetwork network = model::load_float_network(a.from);
  const session::LabelledImages images = a.images.open(network);
  const std::vector<op::Tensor> calibration = a.calibration.load(a.images.dataset, model::tensor_shape(network, 0));
  Study result{network.name, 0, images.note(), study::bits_settings(a.bits), {}, a.bits.size()};
  result.outcomes.resize(result.settings.size());
  base::ProgressBar bar("settings", result.settings.size());
  result.real = images.accuracy(network);
  const study::BitsStudy study(network, calibration);
  const study::BitsAccuracy accuracy{[&images](const model::FloatNetwork& made) { return images.accuracy(made); },
                                     [&images](const model::Network& made) { return images.accuracy(made); }};
  struct Worker {};
  (void)study::for_each_index(
      static_cast<std::int64_t>(result.settings.size()), [] { return Worker{}; },
      [&](Worker&, std::int64_t i) {
        const auto setting = static_cast<std::size_t>(i);
        result.outcomes[setting] = study.run(result.settings[setting], accuracy);
        return true;
      },
      [&bar](std::int64_t done) { bar.set(static_cast<std::uint64_t>(done)); });
  return result;
}

int study_bits(BitsStudyArguments a) {
  std::ranges::sort(a.bits);
  a.bits.erase(std::unique(a.bits.begin(), a.bits.end()), a.bits.end());
  a.files.open();
  const base::InterruptGuard guard;
  const StudyFolder folder(a.to, "bits", a.from);
  const Study study = measure(a);
  fmt::print("{}: float {:.2f} %{}\n\n{}\n{}", study.network, 100 * study.real, study.note,
             terminal_table(by_width(study)), terminal_table(costs(study)));
  a.files.write(std::vector{by_width(study), costs(study)});
  if (a.to.empty()) return 0;
  std::vector<StudyPlot> plots;
  for (const bool weights_only : {true, false}) {
    for (const bool accuracy : {true, false}) {
      plots.push_back(plot(study, weights_only, accuracy));
      if (plots.back().curves.empty()) plots.pop_back();
    }
  }
  folder.write(std::vector{all_settings(study), costs(study)}, plots);
  return 0;
}

}  // namespace

Command add_study_bits_command(CLI::App& study) {
  auto a = std::make_shared<BitsStudyArguments>();
  CLI::App* command = study.add_subcommand("bits", "Widths, zero points, ranges and scales of the affine scheme");
  command->add_option("NETWORK", a->from, "Folder of the float network")->required();
  command->add_option("-o,--output", a->to, "Folder of the tables (CSV) and plots (SVG) to write");
  add_table_options(*command, a->files);
  add_image_options(*command, a->images);
  add_calibration_options(*command, a->calibration, "activation ranges");
  command->add_option("--bits", a->bits, "Widths of weights and activations")
      ->check(CLI::IsMember({4, 8, 12, 16}))
      ->delimiter(',')
      ->capture_default_str();
  command->footer(
      "Examples:\n"
      "  systole study bits models/lenet-float\n"
      "  systole study bits models/resnet-float --images 10000 --bits 4,8 -o study-bits");
  return [a] { return study_bits(*a); };
}

}  // namespace systole::cli
