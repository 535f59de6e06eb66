// SPDX-License-Identifier: Apache-2.0
#include "cli/vectors_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/input_error.h"
#include "base/interrupt.h"
#include "base/interrupted.h"
#include "base/progress.h"
#include "base/sha256.h"
#include "cli/configurations.h"
#include "cli/network_images.h"
#include "cli/programs.h"
#include "cli/shared_options.h"
#include "golden/fixed/saturate.h"
#include "golden/format/network_file.h"
#include "golden/format/network_folder.h"
#include "golden/model/execute.h"
#include "sim/dut/registry.h"
#include "sim/kernel/outcome.h"
#include "vectors/array/array_writer.h"
#include "vectors/clipq/clipq_set.h"
#include "vectors/npy/tensor_set.h"
#include "vectors/readmemh/memory_set.h"

namespace systole::cli {
namespace {

constexpr std::array<std::string_view, 5> kFormats{vectors::kArrayFormat, to_string(vectors::ClipqPacking::plain),
                                                   to_string(vectors::ClipqPacking::packed), vectors::kMemoryFormat,
                                                   vectors::kTensorFormat};

struct VectorsArguments {
  std::string network, layer, format, folder;
  std::string dataset, input, configuration = "8x8";
  std::int64_t image = 0;
  std::uint64_t seed = 1;
};

/// One layer with the tensors it reads and what it answers.
struct LayerRun {
  const op::Layer* layer = nullptr;
  std::vector<const op::Tensor*> inputs;
  const op::Tensor* output = nullptr;
};

/// The network and one image through it.
class NetworkRun {
 public:
  explicit NetworkRun(const VectorsArguments& a)
      : arguments_(a),
        network_(model::load_network(a.network)),
        executor_(network_),
        images_(a.network, network_, a.input.empty() ? std::vector<std::string>{} : std::vector{a.input}, a.dataset) {
    (void)images_.count(index(), 1);
    input_ = images_.at(index()).input;
  }

  LayerRun at(const std::string& layer) {
    const std::size_t node = find(layer);
    const std::vector<op::Tensor>& outputs = run();
    LayerRun result{.layer = &network_.nodes[node].layer, .inputs = {}, .output = &outputs[node]};
    for (const int source : network_.nodes[node].inputs) {
      result.inputs.push_back(source == 0 ? &input_ : &outputs[static_cast<std::size_t>(source - 1)]);
    }
    return result;
  }
  [[nodiscard]] const std::string& name() const { return network_.name; }
  [[nodiscard]] std::string input_name() const {
    return arguments_.input.empty() ? images_.name(index())
                                    : std::filesystem::path(arguments_.input).filename().string();
  }

 private:
  [[nodiscard]] std::int64_t index() const { return arguments_.input.empty() ? arguments_.image : 0; }

  [[nodiscard]] std::size_t find(const std::string& layer) const {
    std::string names;
    for (std::size_t i = 0; i < network_.nodes.size(); ++i) {
      if (network_.nodes[i].layer.name == layer) return i;
      names += " " + network_.nodes[i].layer.name;
    }
    throw base::InputError(arguments_.network, "layer " + layer, "no such layer; there are" + names);
  }

  const std::vector<op::Tensor>& run() {
    try {
      return executor_.run(input_);
    } catch (const fixed::OverflowError& error) {
      throw base::InputError(arguments_.network, "", error.what());
    } catch (const std::invalid_argument& error) {
      throw base::InputError(arguments_.network, "", error.what());
    }
  }

  const VectorsArguments& arguments_;
  model::Network network_;
  model::Executor executor_;
  NetworkImages images_;
  op::Tensor input_;
};

bool depends_on_array(const std::string& format) {
  return format == vectors::kArrayFormat || format == vectors::kMemoryFormat;
}

vectors::Origin origin_of(const VectorsArguments& a, const NetworkRun& network) {
  const std::filesystem::path folder = a.network;
  return {.network = network.name(),
          .network_sha256 = base::sha256_of_files({folder / model::kDescriptionFile, folder / model::kWeightsFile}),
          .layer = a.layer,
          .input = network.input_name(),
          .configuration = depends_on_array(a.format) ? a.configuration : "",
          .rtl_sha256 = std::string(dut::rtl_hash()),
          .seed = a.seed};
}

void write(const VectorsArguments& a, const LayerRun& run, const vectors::Origin& origin,
           const vectors::SetProgress& progress) {
  const op::Layer& layer = *run.layer;
  if (a.format == vectors::kTensorFormat) {
    const vectors::TensorSet set = vectors::make_tensor_set(layer, run.inputs, *run.output);
    return vectors::write_tensor_set(set, layer, origin, a.folder, progress);
  }
  const accel::Geometry geometry = find_configuration(a.configuration).geometry;
  if (a.format == vectors::kArrayFormat) {
    const vectors::ArraySet set = vectors::make_array_set(layer, *run.inputs[0], geometry.rows, geometry.cols);
    return vectors::write_array_set(set, origin, a.folder, progress);
  }
  if (a.format == vectors::kMemoryFormat) {
    const vectors::MemorySet set = vectors::make_memory_set(layer, geometry, run.inputs, *run.output);
    return vectors::write_memory_set(set, origin, a.folder, progress);
  }
  const auto packing = a.format == to_string(vectors::ClipqPacking::plain) ? vectors::ClipqPacking::plain
                                                                           : vectors::ClipqPacking::packed;
  const vectors::ClipqSet set = vectors::make_clipq_set(layer, *run.inputs[0], *run.output);
  vectors::write_clipq_set(set, packing, layer, origin, a.folder, progress);
}

int vectors_of(const VectorsArguments& a) {
  if (dut::has_adapter() && a.format == vectors::kMemoryFormat) {
    throw base::InputError("--format", a.format, "holds the streams of the accelerator in rtl/, not of this design");
  }
  const base::InterruptGuard guard;
  NetworkRun network(a);
  const LayerRun run = network.at(a.layer);
  std::uint64_t files = 0;
  {
    std::optional<base::ProgressBar> bar;
    write(a, run, origin_of(a, network), [&](std::uint64_t done, std::uint64_t total) {
      if (base::interrupted()) throw base::Interrupted();
      if (!bar) bar.emplace("files", total);
      bar->set(done);
      files = done;
    });
  }
  fmt::print("{}: {} of {}, {}, {} files with manifest.json and README.txt\n", a.folder, a.layer, network.name(),
             a.format, files);
  return exit_code(kernel::Outcome::passed);
}

}  // namespace

Command add_vectors_command(CLI::App& program) {
  auto a = std::make_shared<VectorsArguments>();
  CLI::App* command = program.add_subcommand("vectors", std::string(description_of("vectors")));
  command->add_option("NETWORK", a->network, "Folder of the network")->required();
  command->add_option("--layer", a->layer, "Layer of the network")->required();
  command
      ->add_option(
          "--format", a->format,
          "array (text of a plain array), clipq or clipq-packed (hex of a ClipQ layer), readmemh (streams and a "
          "Verilog bench), npy (tensors)")
      ->required()
      ->check(CLI::IsMember(std::vector<std::string>(kFormats.begin(), kFormats.end())));
  command->add_option("-o,--output", a->folder, "Folder to write; one that is no vector set is never replaced")
      ->required();
  command->add_option("--from", "A signoff.json instead of all these: the stimulus of that sign-off (docs/vectors.md)")
      ->type_name("FILE")
      ->check(CLI::Validator([](const std::string&) { return std::string("is for the RTL of accel alone"); }, ""));
  add_input_options(*command, a->input, a->dataset);
  command->add_option("--image", a->image, "Image of the data set or sample")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{1000000000}))
      ->capture_default_str();
  command->add_option("--config", a->configuration, "array, readmemh: built size of the array, see `systole list`")
      ->capture_default_str();
  command->add_option("--seed", a->seed, "readmemh: seed of the bench's stalls")
      ->check(CLI::Range(0, std::numeric_limits<std::int32_t>::max()))
      ->capture_default_str();
  command->footer(
      "Examples: systole vectors models/lenet --layer fc2 --format readmemh --output vectors-fc2\n"
      "          systole vectors models/vgg16-w4a4 --layer conv4_2 --format array --image 7 --output vectors-conv4_2\n"
      "          systole vectors --from signoff-report/signoff.json --output vectors-signoff");
  return [a] { return vectors_of(*a); };
}

}  // namespace systole::cli
