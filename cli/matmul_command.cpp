// SPDX-License-Identifier: Apache-2.0
// `systole matmul` and `systole im2col`: the plain functions of golden/op/matmul.h on a user's own arrays, and the same
// on the RTL as a network of one layer.
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/input_error.h"
#include "base/interrupt.h"
#include "base/npy.h"
#include "base/output_file.h"
#include "base/quote.h"
#include "cli/commands.h"
#include "cli/programs.h"
#include "cli/shared_options.h"
#include "cli/table_files.h"
#include "golden/model/one_layer.h"
#include "golden/op/matmul.h"
#include "sim/session/report.h"
#include "sim/session/session.h"

namespace systole::cli {
namespace {

using Bytes = std::vector<std::uint8_t>;

/// What both commands have: where the result goes, and how the RTL runs.
struct LayerRun {
  std::string to;
  CheckingOptions checking;
  session::RunOptions options;
  TableFiles files;
};

void add_layer_run_options(CLI::App& command, LayerRun& run) {
  command.add_option("-o,--output", run.to, "File of the result (.npy of uint8)");
  add_table_options(command, run.files);
  command
      .add_option("--config", run.options.configuration, "Size of the array: a name of `systole list`, or ROWSxCOLS")
      ->capture_default_str();
  add_checking_options(command, run.checking, run.options.seed);
}

/// An array of uint8 with `extents` dimensions.
struct Array {
  std::vector<int> shape;
  Bytes values;
};

Array read_array(const std::string& file, std::size_t dimensions) {
  base::NpyArray array = base::read_npy(file);
  const auto fail = [&](const std::string& expected) {
    throw base::InputError(file, "shape",
                           fmt::format("expected {}, found [{}]", expected, fmt::join(array.shape, ", ")));
  };
  constexpr std::size_t kLargest = 65535;
  if (array.shape.size() != dimensions) fail(fmt::format("{} dimensions", dimensions));
  if (std::ranges::any_of(array.shape, [](std::size_t extent) { return extent < 1 || extent > kLargest; })) {
    fail(fmt::format("extents of 1 .. {}", kLargest));
  }
  auto* const values = std::get_if<Bytes>(&array.values);
  if (values == nullptr) throw base::InputError(file, "descr", "expected uint8 ('|u1')");
  return {{array.shape.begin(), array.shape.end()}, std::move(*values)};
}

/// The layer with its input on the RTL. `expected`: what the plain function gives, pixel by pixel over the channels.
session::RunReport run_layer(const op::Layer& layer, const op::Tensor& input, const Bytes& expected, LayerRun& run,
                             const std::string& command) {
  const model::Network network = model::one_layer_network(layer);
  run.checking.settle(run.options);
  run.options.test = layer.name;
  run.options.rerun = fmt::format("{} {} --config {} --check {} --stall {}", own_command(), command,
                                  run.options.configuration, run.checking.check, run.checking.stall);
  run.options.rerun_takes_image = false;
  run.options.rerun_takes_trace = false;
  const auto source = [&input](std::int64_t i) { return session::InputImage{.index = i, .label = -1, .input = input}; };
  session::RunReport report = session::run_network(network, run.options, source, 1);
  report.predictions.clear();  // the largest value of a matrix says nothing
  for (const std::string& failure : report.failures) fmt::print("{}\n", failure);
  fmt::print("{}", session::run_table(report, network));
  run.files.write(session::layer_table(report));
  if (report.outcome == kernel::Outcome::passed) {
    const auto& found = report.outputs.at(0).data;
    if (!std::ranges::equal(found.reshaped<Eigen::RowMajor>(), expected)) {
      report.outcome = kernel::Outcome::mismatch;
      report.detail = fmt::format("the layer's values are not those of golden/op/matmul.h's {}", layer.name);
    }
  }
  fmt::print("{}{}{}\n", to_string(report.outcome), report.detail.empty() ? "" : ": ", report.detail);
  return report;
}

/// Writes the result of a run that passed.
int finish(const session::RunReport& report, const LayerRun& run, const std::vector<std::size_t>& shape,
           const Bytes& values) {
  if (!run.to.empty() && report.outcome == kernel::Outcome::passed) base::write_npy(run.to, {shape, values});
  return exit_code(report.outcome);
}

/// Everything that is checked before the work.
void prepare(const LayerRun& run) {
  run.files.open();
  if (!run.to.empty()) base::require_place_for(run.to);
  require_model({.configuration = run.options.configuration});
}

// ---- matmul

struct MatmulArguments {
  std::string a, b;
  std::int32_t m0 = 0;
  int n = 0, zero_a = 0, zero_b = 0, zero_out = 0;
  LayerRun run;
};

/// a * b as a 1 x 1 convolution: a pixel is a row of a, an output channel a column of b.
op::Layer matmul_layer(const MatmulArguments& arguments, const Array& a, const Array& b) {
  op::Layer layer;
  layer.name = "matmul";
  layer.in_h = layer.out_h = a.shape[0];
  layer.in_c = a.shape[1];
  layer.out_c = b.shape[1];
  layer.act_signed = layer.wgt_signed = false;
  layer.zero_in = arguments.zero_a;
  layer.zero_wgt = arguments.zero_b;
  layer.weights = Eigen::Map<const Eigen::Matrix<std::uint8_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(
                      b.values.data(), b.shape[0], b.shape[1])
                      .transpose()
                      .cast<std::int32_t>();
  layer.out.rule = fixed::Rounding::floor;
  layer.out.m0 = {arguments.m0};
  layer.out.lshift = {0};
  layer.out.n = {arguments.n};
  layer.out.zero_out = arguments.zero_out;
  layer.out.act_min = 0;
  layer.out.act_max = 255;
  return layer;
}

op::Tensor as_tensor(const Bytes& values, int height, int width, int channels) {
  op::Tensor tensor(height, width, channels);
  std::ranges::copy(values, tensor.data.data());
  return tensor;
}

int matmul(MatmulArguments& arguments) {
  const base::InterruptGuard guard;
  prepare(arguments.run);
  const Array a = read_array(arguments.a, 2), b = read_array(arguments.b, 2);
  const int u = a.shape[0], v = a.shape[1], w = b.shape[1];
  if (b.shape[0] != v) {
    throw base::InputError(
        arguments.b, "shape",
        fmt::format("expected [{}, columns], as {} has {} columns, found [{}, {}]", v, arguments.a, v, b.shape[0], w));
  }
  Bytes out(static_cast<std::size_t>(u) * static_cast<std::size_t>(w));
  const auto byte = [](int value) { return static_cast<std::uint8_t>(value); };
  try {
    op::matmul(out, arguments.m0, arguments.n, a.values, b.values, byte(arguments.zero_a), byte(arguments.zero_b),
               byte(arguments.zero_out), u, v, w);
    const std::string command = fmt::format("matmul {} {} --m0 {} --n {} --zero-a {} --zero-b {} --zero-out {}",
                                            base::shell_word(arguments.a), base::shell_word(arguments.b), arguments.m0,
                                            arguments.n, arguments.zero_a, arguments.zero_b, arguments.zero_out);
    const session::RunReport report =
        run_layer(matmul_layer(arguments, a, b), as_tensor(a.values, u, 1, v), out, arguments.run, command);
    return finish(report, arguments.run, {static_cast<std::size_t>(u), static_cast<std::size_t>(w)}, out);
  } catch (const std::invalid_argument& error) {
    throw base::InputError(arguments.a, "", error.what());
  }
}

// ---- im2col

struct Im2colArguments {
  std::string image;
  int kernel = 3, padding = 1, zero = 0;
  LayerRun run;
};

/// The patches as a convolution whose filters are ones at one tap of one channel, so that the array sees each of them.
op::Layer im2col_layer(const Im2colArguments& arguments, int channels, int height, int width) {
  op::Layer layer;
  const int kernel = arguments.kernel, taps = kernel * kernel;
  layer.name = "im2col";
  layer.in_h = height;
  layer.in_w = width;
  layer.in_c = channels;
  layer.out_h = height + 2 * arguments.padding - kernel + 1;
  layer.out_w = width + 2 * arguments.padding - kernel + 1;
  layer.out_c = channels * taps;
  layer.window.kernel_h = layer.window.kernel_w = kernel;
  layer.window.pad_top = layer.window.pad_left = arguments.padding;
  layer.act_signed = layer.wgt_signed = false;
  layer.zero_in = arguments.zero;
  layer.weights.setZero(layer.out_c, layer.out_c);
  for (int row = 0; row < layer.out_c; ++row) layer.weights(row, row % taps * channels + row / taps) = 1;
  layer.out.multiply = false;
  layer.out.lshift = {0};
  layer.out.zero_out = arguments.zero;
  layer.out.act_min = 0;
  layer.out.act_max = 255;
  return layer;
}

/// An array of [rows][columns] with both exchanged: CHW becomes HWC, unfolded patches become pixels.
Bytes transposed(const Bytes& values, std::int64_t rows, std::int64_t columns) {
  using Map = Eigen::Matrix<std::uint8_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  Bytes result(values.size());
  Eigen::Map<Map>(result.data(), columns, rows) = Eigen::Map<const Map>(values.data(), rows, columns).transpose();
  return result;
}

int im2col(Im2colArguments& arguments) {
  const base::InterruptGuard guard;
  prepare(arguments.run);
  const Array image = read_array(arguments.image, 3);
  const int channels = image.shape[0], height = image.shape[1], width = image.shape[2];
  constexpr int kMostRows = 4096;  // of patches: the convolution has as many filters of as many weights
  const int rows = channels * arguments.kernel * arguments.kernel;
  const int out_h = height + 2 * arguments.padding - arguments.kernel + 1;
  const int out_w = width + 2 * arguments.padding - arguments.kernel + 1;
  if (out_h < 1 || out_w < 1 || rows > kMostRows) {
    throw base::InputError(arguments.image, "shape",
                           fmt::format("expected [channels, height, width] with at most {} values a patch and room for "
                                       "the kernel, found [{}, {}, {}]",
                                       kMostRows, channels, height, width));
  }
  const std::int64_t pixels = std::int64_t{out_h} * out_w;
  Bytes out(static_cast<std::size_t>(rows * pixels));
  try {
    op::im2col_unfold(out, image.values, channels, height, width, arguments.kernel, arguments.padding,
                      static_cast<std::uint8_t>(arguments.zero));
    const op::Tensor input =
        as_tensor(transposed(image.values, channels, std::int64_t{height} * width), height, width, channels);
    const std::string command =
        fmt::format("im2col {} --kernel {} --padding {} --zero {}", base::shell_word(arguments.image), arguments.kernel,
                    arguments.padding, arguments.zero);
    const session::RunReport report = run_layer(im2col_layer(arguments, channels, height, width), input,
                                                transposed(out, rows, pixels), arguments.run, command);
    return finish(report, arguments.run, {static_cast<std::size_t>(rows), static_cast<std::size_t>(pixels)}, out);
  } catch (const std::invalid_argument& error) {
    throw base::InputError(arguments.image, "", error.what());
  }
}

CLI::Validator byte_range() { return CLI::Range(0, 255); }

}  // namespace

Command add_matmul_command(CLI::App& program) {
  auto a = std::make_shared<MatmulArguments>();
  CLI::App* command = program.add_subcommand("matmul", std::string(description_of("matmul")));
  command->add_option("A", a->a, "Left matrix, .npy of uint8 [u, v]")->required();
  command->add_option("B", a->b, "Right matrix, .npy of uint8 [v, w]")->required();
  command->add_option("--m0", a->m0, "round(2^n M 2^31) of M = S_a S_b / S_out, 0.5 <= 2^n M < 1")
      ->required()
      ->check(CLI::Range(0, 2147483647));
  command->add_option("--n", a->n, "Shift behind the multiplier")->required()->check(CLI::Range(0, 31));
  command->add_option("--zero-a", a->zero_a, "Zero point of A")->check(byte_range())->capture_default_str();
  command->add_option("--zero-b", a->zero_b, "Zero point of B")->check(byte_range())->capture_default_str();
  command->add_option("--zero-out", a->zero_out, "Zero point of the result")
      ->check(byte_range())
      ->capture_default_str();
  add_layer_run_options(*command, a->run);
  command->footer("Example: systole matmul A.npy B.npy --m0 1249445032 --n 6 --zero-a 135 --zero-out 201 -o out.npy");
  return [a] { return matmul(*a); };
}

Command add_im2col_command(CLI::App& program) {
  auto a = std::make_shared<Im2colArguments>();
  CLI::App* command = program.add_subcommand("im2col", std::string(description_of("im2col")));
  command->add_option("IMAGE", a->image, ".npy of uint8 [channels, height, width]")->required();
  command->add_option("--kernel", a->kernel, "Rows and columns of a patch")
      ->check(CLI::Range(1, 15))
      ->capture_default_str();
  command->add_option("--padding", a->padding, "Pixels around the image, which read the zero point")
      ->check(CLI::Range(0, 15))
      ->capture_default_str();
  command->add_option("--zero", a->zero, "Zero point of the image")->check(byte_range())->capture_default_str();
  add_layer_run_options(*command, a->run);
  command->footer("Example: systole im2col image.npy --kernel 3 --padding 1 --zero 128 -o patches.npy");
  return [a] { return im2col(*a); };
}

}  // namespace systole::cli
