// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
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
#include "golden/quant/conversion.h"
#include "golden/study/bfp_study.h"

namespace systole::cli {
namespace {

struct BfpStudyArguments {
  std::string from, to;
  ImageOptions images;
  CalibrationOptions calibration;
  std::vector<int> groups{1, 8, 16, 0};
  bool as_published = false;
  TableFiles files;
};

/// What is swept, and how it is called.
struct Axis {
  std::string column, label;
  int quant::BfpOptions::*value;
};

Axis axis_of(const study::BfpSweep& sweep) {
  if (sweep.name == "mantissa") return {"mantissa bits", "bits of a mantissa", &quant::BfpOptions::mantissa_bits};
  if (sweep.name == "exponent") {
    return {"exponent bits", "bits of a shared exponent", &quant::BfpOptions::exponent_bits};
  }
  return {"group channels", "channels of a block (0: the whole tensor)", &quant::BfpOptions::group};
}

/// A sweep's outcomes: settings 2 k and 2 k + 1 are one value with KL and with the maximum's exponents.
base::Table table(const study::BfpSweep& sweep, const std::vector<study::BfpOutcome>& outcomes, double real) {
  const Axis axis = axis_of(sweep);
  base::Table result{sweep.name, {axis.column, "KL %", "KL loss", "maximum %", "maximum loss", "size kB"}};
  for (std::size_t i = 0; i < outcomes.size(); i += 2) {
    const double kl = outcomes[i].accuracy, maximum = outcomes[i + 1].accuracy;
    result.rows.push_back({std::int64_t{sweep.settings[i].*axis.value}, 100 * kl, 100 * (real - kl), 100 * maximum,
                           100 * (real - maximum), static_cast<double>(outcomes[i].bytes) / 1000});
  }
  return result;
}

StudyPlot plot(const study::BfpSweep& sweep, const std::vector<study::BfpOutcome>& outcomes, double real,
               const std::string& network) {
  const Axis axis = axis_of(sweep);
  StudyPlot result{sweep.name,
                   fmt::format("Static block floating point: {}", network),
                   axis.label,
                   "accuracy in %",
                   {{"KL divergence", {}}, {"maximum", {}}, {"float", {}}}};
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const double x = sweep.settings[i].*axis.value;
    result.curves[i % 2].points.emplace_back(x, 100 * outcomes[i].accuracy);
    if (i % 2 == 0) result.curves[2].points.emplace_back(x, 100 * real);
  }
  return result;
}

int study_bfp(const BfpStudyArguments& a) {
  a.files.open();
  const base::InterruptGuard guard;
  const StudyFolder folder(a.to, "bfp", a.from);
  const model::FloatNetwork network = quant::with_binary_pixels(model::load_float_network(a.from));
  const session::LabelledImages images = a.images.open(network);
  const std::vector<op::Tensor> calibration = a.calibration.load(a.images.dataset, model::tensor_shape(network, 0));
  const std::vector<study::BfpSweep> sweeps = study::bfp_sweeps(a.groups);
  std::vector<quant::BfpOptions> settings;
  for (const study::BfpSweep& sweep : sweeps) {
    settings.insert(settings.end(), sweep.settings.begin(), sweep.settings.end());
  }
  double real = 0;
  std::vector<study::BfpOutcome> outcomes;
  {
    base::ProgressBar bar("settings", settings.size() + 1);
    real = images.accuracy(network);
    const study::Progress progress = [&](std::int64_t done) { bar.set(static_cast<std::uint64_t>(done) + 1); };
    if (a.as_published) {
      const auto accuracy = [&](const quant::PublishedBfp& made) {
        return images.accuracy(made.network, {}, made.as_quantized());
      };
      outcomes = study::run_published_bfp_study(network, calibration, settings, accuracy, progress);
    } else {
      const auto accuracy = [&](const model::Network& made) { return images.accuracy(made); };
      outcomes = study::run_bfp_study(network, calibration, settings, accuracy, progress);
    }
  }
  fmt::print("{} images, float {:.2f} %{}{}\n", images.count(), 100 * real, images.note(),
             a.as_published ? ", in the authors' arithmetic" : "");
  std::vector<base::Table> tables;
  std::vector<StudyPlot> plots;
  auto next = outcomes.begin();
  for (const study::BfpSweep& sweep : sweeps) {
    const auto last = next + static_cast<std::ptrdiff_t>(sweep.settings.size());
    const std::vector<study::BfpOutcome> own(std::exchange(next, last), last);
    tables.push_back(table(sweep, own, real));
    plots.push_back(plot(sweep, own, real, network.name));
    fmt::print("\n{}", terminal_table(tables.back()));
  }
  folder.write(tables, plots);
  a.files.write(tables);
  return 0;
}

}  // namespace

Command add_study_bfp_command(CLI::App& study) {
  auto a = std::make_shared<BfpStudyArguments>();
  CLI::App* command = study.add_subcommand("bfp", "Mantissas, exponents and blocks of static block floating point");
  command->add_option("NETWORK", a->from, "Folder of the float network")->required();
  command->add_option("-o,--output", a->to, "Folder of the tables (CSV) and plots (SVG) to write");
  add_table_options(*command, a->files);
  add_image_options(*command, a->images);
  add_calibration_options(*command, a->calibration, "exponents");
  command
      ->add_option("--group", a->groups, "Channels of an activation block: fewer than 8, or a multiple of 8; 0: tensor")
      ->check(CLI::Range(0, 65536))
      ->delimiter(',')
      ->capture_default_str();
  command->add_flag("--as-published", a->as_published,
                    "The authors' arithmetic instead of the integer network's (docs/schemes.md, section 5)");
  command->footer("Example: systole study bfp models/resnet-float --images 10000 --group 1,8,0 -o study-bfp");
  return [a] { return study_bfp(*a); };
}

}  // namespace systole::cli
