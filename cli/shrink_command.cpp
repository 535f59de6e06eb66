// SPDX-License-Identifier: Apache-2.0
// `systole shrink`: a failing layer, small, as a network and as vectors.
#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/counted.h"
#include "base/input_error.h"
#include "base/interrupt.h"
#include "base/interrupted.h"
#include "base/output_file.h"
#include "base/progress.h"
#include "base/quote.h"
#include "base/replace_folder.h"
#include "cli/commands.h"
#include "cli/configurations.h"
#include "cli/failure.h"
#include "cli/programs.h"
#include "debug/layer_failure.h"
#include "debug/record.h"
#include "debug/shrink.h"
#include "golden/format/network_file.h"
#include "golden/model/execute.h"
#include "golden/model/one_layer.h"
#include "sim/dut/registry.h"
#include "vectors/npy/tensor_set.h"
#include "vectors/readmemh/icarus.h"
#include "vectors/readmemh/memory_set.h"

namespace systole::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kReproducer = "reproducer";

struct ShrinkArguments {
  std::string failure;
  int seconds = 60;
};

/// The image of a failure, and how it was run.
struct FailedImage {
  model::Network network;
  session::RunOptions options;
  session::InputImage image;
};

FailedImage load(const debug::Record& record) {
  const debug::Token token = debug::parse_token(record.token);
  const std::string folder = record.folder.string();
  FailedImage failed{.network = model::load_network(folder), .options = {}, .image = {}};
  const NetworkImages images(folder, failed.network, record.inputs, record.dataset);
  (void)images.count(token.image, 1);
  failed.image = images.at(token.image);
  failed.options.configuration = token.design;
  failed.options.seed = token.seed;
  failed.options.stall = token.stall;
  failed.options.via = token.via;
  failed.options.layer = token.layer;
  failed.options.skip_unfit = dut::has_adapter();
  return failed;
}

session::RunReport run_again(const FailedImage& failed) {
  base::ProgressBar bar("images", 1);
  return debug::run_to_an_output(failed.network, failed.options, failed.image,
                                 [&bar](double done, std::uint64_t cycles) { bar.set(done, cycles); });
}

/// The layer alone as it fails, and how it was run; without stalls where it fails without them.
struct Start {
  debug::LayerCase layer;
  session::RunOptions options;
  std::string way;
  std::uint64_t cycles = 0;
};

Start find_start(const FailedImage& failed, const session::RunReport& found) {
  Start start{.layer = debug::failing_layer(failed.network, failed.image.input, found.failure->layer).whole,
              .options = failed.options,
              .way = debug::way_of(found)};
  const std::vector<kernel::Stall> stalls = failed.options.stall == kernel::Stall::none
                                                ? std::vector{kernel::Stall::none}
                                                : std::vector{kernel::Stall::none, failed.options.stall};
  for (const kernel::Stall stall : stalls) {
    start.options.stall = stall;
    const auto report = debug::run_case(start.layer, start.options);
    if (!report || debug::way_of(*report) != start.way) continue;
    start.cycles = report->cycles;
    return start;
  }
  throw base::InputError(found.failure->layer, "",
                         "passes when it runs by itself, or fails in another way: what ran before it takes part, and "
                         "only a layer can be shrunk; `systole rerun` repeats the whole");
}

debug::Shrunk shrink(const Start& start, int seconds) {
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  base::ProgressBar bar("s at most", static_cast<std::uint64_t>(seconds));
  const auto passed = [begin] { return std::chrono::duration<double>(Clock::now() - begin).count(); };
  session::RunOptions options = start.options;
  options.max_cycles = 2 * start.cycles;  // a smaller one takes no more
  const debug::Trial trial = [&](const debug::LayerCase& one) -> std::optional<std::uint64_t> {
    bar.set(std::min(passed(), static_cast<double>(seconds)));
    try {
      const auto report = debug::run_case(one, options);
      if (report && debug::way_of(*report) == start.way) return report->cycles;
    } catch (const base::Interrupted&) {  // `stop` sees it too, and the smallest so far is kept
    }
    return std::nullopt;
  };
  return debug::shrink(start.layer, start.cycles, trial, [&] { return base::interrupted() || passed() > seconds; });
}

/// As a network with its input and what the golden answers, and as a vector set of its own.
void write_files(const debug::LayerCase& one, const Start& start, const fs::path& folder) {
  const model::LayerJob job = model::layer_job(one.layer, one.inputs, one.layer.psum_width);
  const op::Tensor output = model::Executor(job.network).run(job.input).back();
  model::save_network(job.network, folder / "network", {{.input = job.input, .expected = output}});
  std::vector<const op::Tensor*> inputs;
  for (const op::Tensor& input : one.inputs) inputs.push_back(&input);
  const vectors::Origin origin{.network = "reproducer",
                               .network_sha256 = {},
                               .layer = one.layer.name,
                               .input = "of the failure",
                               .configuration = start.options.configuration,
                               .rtl_sha256 = std::string(dut::rtl_hash()),
                               .seed = start.options.seed};
  if (dut::has_adapter()) {
    vectors::write_tensor_set(vectors::make_tensor_set(one.layer, inputs, output), one.layer, origin, folder / "npy");
  } else {
    const accel::Geometry geometry = find_configuration(start.options.configuration).geometry;
    vectors::write_memory_set(vectors::make_memory_set(one.layer, geometry, inputs, output), origin,
                              folder / "readmemh");
  }
}

/// What Icarus says of the bench on the RTL that this program was made from; one line.
std::string icarus_verdict(const fs::path& set) {
  std::vector<std::string> sources;
  std::istringstream list{std::string(dut::build_place().blamed_sources)};
  for (std::string source; std::getline(list, source);) sources.push_back(source);
  try {
    return "Icarus Verilog: " + vectors::IcarusBench(set, sources).run();
  } catch (const base::InputError&) {
    return "Icarus Verilog is not here or does not take this RTL; bench.v is not run";
  }
}

std::string size_text(const op::Layer& l) {
  return fmt::format("{}x{}x{} -> {}x{}x{}, window {}x{}", l.in_h, l.in_w, l.in_c, l.out_h, l.out_w, l.out_c,
                     l.window.kernel_h, l.window.kernel_w);
}

int shrink_failure(const ShrinkArguments& a) {
  const fs::path failure = a.failure.empty() ? debug::newest_failure(std::string(kFailures)) : fs::path(a.failure);
  const debug::Record record = debug::read_record(failure);
  FailedImage failed = load(record);
  require_model({.configuration = failed.options.configuration});
  failed.options.check = debug::highest_level(failed.options.configuration);
  const base::InterruptGuard guard;
  const session::RunReport found = run_again(failed);
  if (!found.failure) throw base::InputError(failure.string(), "", "its image passes on the RTL as it is now");
  const Start start = find_start(failed, found);
  const debug::Shrunk shrunk = shrink(start, a.seconds);

  const fs::path target = failure / kReproducer;
  std::vector<std::string> lines{
      fmt::format("fails as before: {}", start.way),
      fmt::format("layer {}: {}", start.layer.layer.name, size_text(start.layer.layer)),
      fmt::format("reproducer: {}", size_text(shrunk.smallest.layer)),
      fmt::format("cycles: {} of the image -> {} of the layer alone -> {}, {}x fewer", found.cycles, start.cycles,
                  shrunk.cycles, found.cycles / std::max<std::uint64_t>(shrunk.cycles, 1)),
      fmt::format("{} tried; {}", base::counted(shrunk.trials, "smaller one"),
                  shrunk.minimal ? "nothing more can be left out" : "stopped before nothing more could be left out")};
  base::replace_folder(
      target, [](const fs::path&) {},
      [&](const fs::path& folder) {
        write_files(shrunk.smallest, start, folder);
        if (!dut::has_adapter()) lines.push_back(icarus_verdict(folder / "readmemh"));
        lines.push_back(fmt::format("again: {} run {} --layer {} --config {} --check {} --stall {} --seed {}",
                                    own_command(), base::shell_word((target / "network").string()),
                                    base::shell_word(start.layer.layer.name), start.options.configuration,
                                    to_string(start.options.check), to_string(start.options.stall),
                                    start.options.seed));
        std::string text;
        for (const std::string& line : lines) text += line + "\n";
        base::write_file_at_once(folder / "reproducer.txt", text);
      });
  fmt::print("{}\n", target.string());
  for (const std::string& line : lines) fmt::print("  {}\n", line);
  return base::interrupted() ? base::interrupt_exit_code() : 0;
}

}  // namespace

Command add_shrink_command(CLI::App& program) {
  auto a = std::make_shared<ShrinkArguments>();
  CLI::App* command = program.add_subcommand("shrink", std::string(description_of("shrink")));
  command->add_option("FAILURE", a->failure, "Folder that a failed run left; the newest in failures/ if none is named");
  command->add_option("--seconds", a->seconds, "At most so long; the smallest so far is kept, on Ctrl-C too")
      ->check(CLI::Range(1, 86400))
      ->capture_default_str();
  command->footer("Example: systole shrink failures/lenet.conv2-1f3a5c70");
  return [a] { return shrink_failure(*a); };
}

}  // namespace systole::cli
