// SPDX-License-Identifier: Apache-2.0
#include "cli/quantize_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/input_error.h"
#include "base/interrupt.h"
#include "base/progress.h"
#include "base/replace_folder.h"
#include "base/table.h"
#include "cli/network_options.h"
#include "cli/programs.h"
#include "cli/shared_options.h"
#include "cli/table_files.h"
#include "golden/format/graph_check.h"
#include "golden/format/network_file.h"
#include "golden/quant/affine.h"
#include "golden/quant/bfp.h"
#include "golden/quant/bfp_as_published.h"
#include "golden/quant/clipq.h"
#include "golden/quant/pact4.h"
#include "golden/quant/weight_file.h"

namespace systole::cli {
namespace {

constexpr int kRows = 8;  // of the array

struct QuantizeArguments {
  std::string from, scheme, to, weights_to;
  ImageOptions images;
  CalibrationOptions calibration;
  std::string rule, exponent = "kl";  ///< no rule: the scheme's own
  double fraction = quant::kClipqFraction;
  int mantissa = 8, exponent_bits = 8, group = 0, psum_width = 16, input_bits = 8, weight_bits = 8, activation_bits = 8;
  bool symmetric = false, asymmetric = false, as_published = false;
  std::string range = "full", scale = "channel";
  std::vector<std::string> bits;  ///< LAYER=BITS
  TableFiles files;
};

/// The percentile that --range names; 100 where it names none. Throws base::InputError.
double percentile(const std::string& range) {
  constexpr std::string_view kName = "percentile=";
  if (range == "full" || range == "optimal") return 100;
  double percent = 0;
  const bool number = range.starts_with(kName) && CLI::detail::lexical_cast(range.substr(kName.size()), percent);
  if (number && percent > 50 && percent <= 100) return percent;
  throw base::InputError("--range", "",
                         "expected full, optimal or percentile=P with P above 50 and at most 100, found " + range);
}

/// What --bits says. Throws base::InputError.
quant::LayerBits layer_bits(const std::vector<std::string>& items) {
  quant::LayerBits result;
  for (const std::string& item : items) {
    const std::size_t sign = item.rfind('=');  // names may hold one themselves
    int bits = 0;
    if (sign == std::string::npos || sign == 0 || !CLI::detail::lexical_cast(item.substr(sign + 1), bits)) {
      throw base::InputError("--bits", "", "expected LAYER=BITS, e.g. conv1=8,fc1=4, found " + item);
    }
    if (!result.emplace(item.substr(0, sign), bits).second) {
      throw base::InputError("--bits", "", "expected each layer once, found another " + item);
    }
  }
  return result;
}

quant::AffineOptions affine_options(const QuantizeArguments& a) {
  quant::AffineOptions options{.weight_bits = a.weight_bits, .activation_bits = a.activation_bits};
  if (a.symmetric) options.symmetric_activations = true;
  if (a.asymmetric) options.symmetric_weights = false;
  if (a.scale == "layer") options.scale = quant::ScaleShare::layer;
  if (a.scale == "network") options.scale = quant::ScaleShare::network;
  options.optimal_weights = options.optimal_activations = a.range == "optimal";
  options.percentile = percentile(a.range);
  options.layer_bits = layer_bits(a.bits);
  if (const auto rule = fixed::rounding_from_string(a.rule)) options.rule = *rule;
  return options;
}

/// An integer network, and what is known of it besides.
struct Made {
  quant::Quantized quantized;
  std::optional<quant::WeightFile> weights;      ///< affine: with the scales as they were chosen
  std::optional<quant::PublishedBfp> published;  ///< bfp --as-published: the authors' arithmetic
};

quant::BfpOptions bfp_options(const QuantizeArguments& a) {
  const auto exponent = a.exponent == "kl" ? quant::BfpExponent::kl : quant::BfpExponent::maximum;
  const int rows = a.group == 0 ? kRows : std::min(kRows, a.group);
  return {a.mantissa, a.group, rows, exponent, a.exponent_bits, layer_bits(a.bits)};
}

Made quantize(const QuantizeArguments& a, const model::FloatNetwork& network,
              const std::vector<op::Tensor>& calibration) {
  if (a.scheme == "clipq") {
    const auto rule = fixed::rounding_from_string(a.rule).value_or(fixed::Rounding::clipq);
    const auto mean = a.as_published ? quant::ClipqMean::published : quant::ClipqMean::exact;
    return {quant::quantize_clipq(network, {a.fraction, rule, mean}), {}, {}};
  }
  if (a.scheme == "pact4") {
    return {quant::quantize_pact4(network, calibration, {a.psum_width, a.input_bits, layer_bits(a.bits)}), {}, {}};
  }
  if (a.scheme == "bfp" && a.as_published) {
    quant::PublishedBfp published = quant::quantize_bfp_as_published(network, calibration, bfp_options(a));
    quant::Quantized quantized = quant::quantize_bfp(published);
    return {std::move(quantized), {}, std::move(published)};
  }
  if (a.scheme == "bfp") return {quant::quantize_bfp(network, calibration, bfp_options(a)), {}, {}};
  const quant::AffineNetwork made = quant::quantize_affine(network, calibration, affine_options(a));
  return {made, quant::exported_weights(made), {}};
}

base::Table layer_table(const model::FloatNetwork& network, const quant::Quantized& made,
                        const std::vector<double>& sqnr) {
  base::Table table{"layers", {"layer", "SQNR dB", "note"}, {}};
  for (std::size_t i = 0; i < sqnr.size(); ++i)
    table.rows.push_back({network.nodes[i].layer.name, sqnr[i], made.notes[i]});
  return table;
}

void print_layers(const model::FloatNetwork& network, const quant::Quantized& made, const std::vector<double>& sqnr) {
  for (std::size_t i = 0; i < sqnr.size(); ++i) {
    fmt::print("  {:<16} {:7.2f} dB  {}\n", network.nodes[i].layer.name, sqnr[i], made.notes[i]);
  }
  const auto worst = std::ranges::min_element(sqnr) - sqnr.begin();
  fmt::print("worst layer: {} ({:.2f} dB)\n", network.nodes[static_cast<std::size_t>(worst)].layer.name,
             sqnr[static_cast<std::size_t>(worst)]);
}

/// Says where the scheme cannot read the pixels' scale and another was chosen.
void print_pixels(const model::FloatInput& given, const model::FloatInput& chosen) {
  const double scale = given.pixel_scale, binary = chosen.pixel_scale;
  if (scale == binary) return;
  fmt::print("pixels: scale {:.9g} becomes 2^{}, weights that read the image times {:.6g}\n", scale, std::ilogb(binary),
             scale / binary);
}

struct Accuracies {
  double real = 0, quantized = 0;
};

Accuracies measure(const session::LabelledImages& images, const model::FloatNetwork& network,
                   const model::Network& integer) {
  const auto count = static_cast<std::uint64_t>(images.count());
  base::ProgressBar bar("images", 2 * count);
  const double real = images.accuracy(network, [&](std::int64_t done) { bar.set(static_cast<std::uint64_t>(done)); });
  const double quantized =
      images.accuracy(integer, [&](std::int64_t done) { bar.set(count + static_cast<std::uint64_t>(done)); });
  return {real, quantized};
}

void check(const QuantizeArguments& a) {
  if (a.as_published && a.scheme != "bfp" && a.scheme != "clipq") {
    throw base::InputError("--as-published", "", "expected --scheme bfp or clipq, found " + a.scheme);
  }
  if (!a.bits.empty() && a.scheme == "clipq") {
    throw base::InputError("--bits", "", "expected --scheme affine, pact4 or bfp: codes of clipq have 2 bits");
  }
  (void)layer_bits(a.bits);
  (void)percentile(a.range);
  if (std::filesystem::path(a.weights_to).lexically_normal() == std::filesystem::path(a.to).lexically_normal()) {
    throw base::InputError("--export", "", "expected another folder than --output");
  }
  base::require_other_folder(a.from, a.to, "--output");
}

/// Where the integer network differs from the authors' arithmetic, on the calibration images.
void note_differences(const quant::PublishedBfp& published, quant::Quantized& made,
                      const std::vector<op::Tensor>& calibration) {
  const std::vector<quant::ValueCount> counts = quant::differing_values(published, made, calibration);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    made.notes[i] += fmt::format(", {} of {} values not as published", counts[i].differ, counts[i].values);
  }
}

/// Everything is computed before anything is written.
int quantize_network(const QuantizeArguments& a) {
  check(a);
  a.files.open();
  const model::FloatNetwork given = model::load_float_network(a.from);
  const bool binary = a.scheme == "bfp" || a.scheme == "clipq";
  const model::FloatNetwork network = binary ? quant::with_binary_pixels(given) : given;
  const session::LabelledImages images = a.images.open(network);
  const std::vector<op::Tensor> calibration = a.calibration.load(a.images.dataset, model::tensor_shape(network, 0));
  const Made whole = [&] {
    const base::ProgressBar bar("networks quantized", 1);
    Made result = quantize(a, network, calibration);
    if (binary) result.quantized.tensors.front().scale = {given.input.pixel_scale};  // of real values that are read
    result.quantized.network = quant::described(result.quantized);
    if (result.published) note_differences(*result.published, result.quantized, calibration);
    return result;
  }();
  const quant::Quantized& made = whole.quantized;
  const std::vector<double> sqnr = [&] {
    const base::ProgressBar bar("networks compared layer by layer", 1);
    return quant::layer_sqnr(network, made, calibration);
  }();
  const base::InterruptGuard guard;
  const auto [real, quantized] = measure(images, network, made.network);
  std::optional<double> published;
  if (whole.published) published = images.accuracy(whole.published->network, {}, whole.published->as_quantized());
  std::optional<quant::WeightFile> weights = whole.weights;
  if (a.weights_to.empty()) {
    weights.reset();
  } else if (!weights) {
    weights = quant::exported_weights(made.network);
  }
  model::save_network(made.network, a.to);
  if (weights) quant::save_weights(*weights, a.weights_to);
  print_pixels(given.input, network.input);
  print_layers(network, made, sqnr);
  fmt::print("size: float {:.1f} kB, {} {:.1f} kB\n", static_cast<double>(quant::parameter_bytes(network)) / 1000,
             a.scheme, static_cast<double>(quant::parameter_bytes(made.network)) / 1000);
  fmt::print("{} on {} images: float {:.2f} %, {} {:.2f} % ({:+.2f})\n", images.measured(), images.count(), 100 * real,
             a.scheme, 100 * quantized, 100 * (quantized - real));
  if (published) {
    fmt::print("in the authors' arithmetic: {:.2f} % ({:+.2f})\n", 100 * *published, 100 * (*published - real));
  }
  a.files.write(layer_table(network, made, sqnr));
  return 0;
}

}  // namespace

std::function<int()> add_quantize_command(CLI::App& program) {
  auto a = std::make_shared<QuantizeArguments>();
  CLI::App* command = program.add_subcommand("quantize", std::string(description_of("quantize")));
  command->add_option("NETWORK", a->from, "Folder of the float network")->required();
  command
      ->add_option("--scheme", a->scheme, "clipq, affine (int8 of TFLite), pact4 (4 bit) or bfp (block floating point)")
      ->required()
      ->check(CLI::IsMember({"clipq", "affine", "pact4", "bfp"}));
  command->add_option("-o,--output", a->to, "Folder of the integer network to write")->required();
  add_image_options(*command, a->images, "Images that the accuracies are measured on");
  add_calibration_options(*command, a->calibration, "scales and exponents");
  command->add_option("--fraction", a->fraction, "clipq: weights of each sign that become zero")->capture_default_str();
  command->add_option("--rounding,--rule", a->rule, "clipq, affine: rounding rule, instead of the scheme's own")
      ->check(CLI::IsMember(std::vector<std::string>(fixed::kRoundingNames.begin(), fixed::kRoundingNames.end())));
  command->add_option("--weight-bits", a->weight_bits, "affine: 4, 8, 12 or 16")->capture_default_str();
  command->add_option("--activation-bits", a->activation_bits, "affine: 4, 8, 12 or 16")->capture_default_str();
  CLI::Option* symmetric =
      command->add_flag("--symmetric", a->symmetric, "affine: zero points 0 everywhere (default: of weights)");
  command->add_flag("--asymmetric", a->asymmetric, "affine: zero points everywhere (default: of activations)")
      ->excludes(symmetric);
  command
      ->add_option("--range", a->range,
                   "affine: full (lowest to highest value), optimal (least squared error) or percentile=P (activations "
                   "without the values beyond P % of them at either end)")
      ->capture_default_str();
  command->add_option("--scale", a->scale, "affine: what shares one scale; activations have one per layer at least")
      ->check(CLI::IsMember({"channel", "layer", "network"}))
      ->capture_default_str();
  command
      ->add_option("--bits", a->bits,
                   "Bits of single layers' weights, LAYER=BITS,...: affine 2 .. 16, pact4 2 .. 8, bfp 5 .. 12")
      ->delimiter(',')
      ->allow_extra_args(false);
  command->add_option("--export", a->weights_to,
                      "Folder for the weights as well, an .npy per layer, and their scales and zero points (export)");
  command->add_option("--psum-width", a->psum_width, "pact4: bits of the 4-bit layers' psums")->capture_default_str();
  command
      ->add_option("--input-bits", a->input_bits, "pact4: bits of the image, 8 or 4: all layers then fit a 4-bit array")
      ->capture_default_str();
  command->add_option("--mantissa", a->mantissa, "bfp: bits of a mantissa, 5 .. 12")->capture_default_str();
  command->add_option("--exponent-bits", a->exponent_bits, "bfp: bits of a shared exponent, 2 .. 9")
      ->capture_default_str();
  command
      ->add_option("--group", a->group,
                   "bfp: channels of an activation block, 0: the tensor; fewer than 8 in the golden only")
      ->capture_default_str();
  command->add_flag("--as-published", a->as_published,
                    "bfp: exponents, mantissas and biases as its authors choose them; clipq: levels (docs/schemes.md)");
  command->add_option("--exponent", a->exponent, "bfp: how activation exponents are chosen")
      ->check(CLI::IsMember({"kl", "maximum"}))
      ->capture_default_str();
  add_table_options(*command, a->files);
  command->footer(
      "Examples:\n"
      "  systole quantize models/lenet-float --scheme affine -o net\n"
      "  systole quantize models/lenet-float --scheme affine --weight-bits 4 --range optimal -o net --export weights\n"
      "  systole quantize models/resnet-float --scheme affine --asymmetric --scale layer -o net\n"
      "  systole quantize models/lenet-float --scheme affine --bits conv1=8,fc1=3 --range percentile=99.9 -o net\n"
      "  systole quantize models/resnet-float --scheme bfp --mantissa 6 -o net");
  return [a] { return quantize_network(*a); };
}

}  // namespace systole::cli
