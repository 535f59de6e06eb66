// SPDX-License-Identifier: Apache-2.0
#include "cli/replay_command.h"

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>

#include "base/input_error.h"
#include "base/interrupt.h"
#include "cli/configurations.h"
#include "cli/programs.h"
#include "cli/shared_options.h"
#include "golden/fixed/saturate.h"
#include "vectors/array/array_writer.h"
#include "vectors/clipq/clipq_fit.h"
#include "vectors/npy/tensor_set.h"
#include "vectors/readmemh/memory_set.h"
#include "vectors/replay/replay.h"

namespace systole::cli {
namespace {

struct ReplayArguments {
  std::string folder, dut = "both";
  TraceOptions trace;
  CheckingOptions checking;
  int ic_tile = -1;
  replay::ReplayOptions options;
};

/// A design with an adapter runs whole layers.
void settle_own_design(replay::ReplayOptions& o) {
  if (!o.run.configuration.empty() && o.run.configuration != o.own_design) {
    throw base::InputError("--config", o.run.configuration, "this program has " + o.own_design);
  }
  if (o.dut == replay::ReplayDut::array || o.ic_tile) {
    throw base::InputError("--dut array, --itile", "", "the psums of single passes are those of the array in rtl/");
  }
  o.dut = replay::ReplayDut::accel;
}

void settle(ReplayArguments& a) {
  replay::ReplayOptions& o = a.options;
  o.folder = a.folder;
  if (!o.folder.has_filename()) o.folder = o.folder.parent_path();
  o.dut = a.dut == "array"   ? replay::ReplayDut::array
          : a.dut == "accel" ? replay::ReplayDut::accel
                             : replay::ReplayDut::both;
  if (a.ic_tile >= 0) o.ic_tile = a.ic_tile;
  o.program = own_command();
  if (dut::has_adapter()) o.own_design = dut::own_configuration();
  a.checking.settle(o.run);
  a.trace.settle(o.run);
  if (!o.own_design.empty()) {
    settle_own_design(o);
  } else if (!o.run.configuration.empty()) {
    const Configuration named = find_configuration(o.run.configuration);
    o.candidates = {{named.name, named.geometry}};
  } else {
    for (const Configuration& known : known_configurations()) o.candidates.push_back({known.name, known.geometry});
  }
  o.use_configuration = [trace = o.run.trace](const std::string& configuration) {
    require_model({.configuration = configuration, .trace = trace});
    std::fflush(stdout);
    std::setvbuf(stdout, nullptr, _IOLBF, 1 << 16);
  };
  if (o.run.trace_file.empty()) return;
  if (o.dut == replay::ReplayDut::both && !o.ic_tile) {
    throw base::InputError("--trace-file", "", "needs --dut array or --dut accel, whose run it shall hold");
  }
}

/// By the manifest where there is one, else by the names of the files.
void replay_set(const replay::ReplayOptions& options, replay::ReplayLog& log) {
  const std::string format = vectors::manifest_format(options.folder);
  const bool clipq = format == to_string(vectors::ClipqPacking::plain) ||
                     format == to_string(vectors::ClipqPacking::packed) ||
                     (format.empty() && vectors::has_clipq_files(options.folder));
  if (!clipq && (format.empty() || format == vectors::kArrayFormat)) return replay::replay_array(options, format, log);
  if (options.dut == replay::ReplayDut::array || options.ic_tile) {
    throw base::InputError("--dut array, --itile", "", "only array sets hold the psums of single passes");
  }
  if (!options.layout.empty())
    throw base::InputError("--layout", options.layout, "only array sets have several layouts");
  if (clipq) return replay::replay_clipq(options, format, log);
  if (format == vectors::kTensorFormat) return replay::replay_tensors(options, log);
  if (format == vectors::kMemoryFormat && !options.own_design.empty()) {
    throw base::InputError((options.folder / vectors::kManifestFile).string(), "set",
                           "holds the streams of the accelerator in rtl/; expected a set of tensors, array or clipq");
  }
  if (format == vectors::kMemoryFormat) return replay::replay_memory(options, log);
  throw base::InputError((options.folder / vectors::kManifestFile).string(), "set",
                         "expected a format that replay knows, found '" + format + "'");
}

int replay(ReplayArguments& a) {
  const base::InterruptGuard guard;
  settle(a);
  std::setvbuf(stdout, nullptr, _IOFBF, 1 << 16);  // what this program printed is dropped where it becomes another
  replay::ReplayLog log;
  try {
    replay_set(a.options, log);
  } catch (const fixed::OverflowError& error) {
    throw base::InputError(a.folder, "", error.what());
  } catch (const std::invalid_argument& error) {
    throw base::InputError(a.folder, "", error.what());
  }
  return exit_code(log.finish());
}

}  // namespace

std::function<int()> add_replay_command(CLI::App& program) {
  auto a = std::make_shared<ReplayArguments>();
  a->options.run.configuration.clear();  // to be chosen
  CLI::App* command = program.add_subcommand("replay", std::string(description_of("replay")));
  command->option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  command->add_option("DIR", a->folder, "Folder of the set (docs/vectors.md)")->required();
  command
      ->add_option("--dut", a->dut,
                   "array: psums, one pass per kernel tap and ic tile; accel: outputs of the whole layer; both")
      ->check(CLI::IsMember(std::vector<std::string>(kReplayDuts.begin(), kReplayDuts.end())))
      ->capture_default_str();
  command->add_option("--itile", a->ic_tile, "Psum passes of this ic tile only")->check(CLI::Range(0, 1000000));
  command->add_option(
      "--layout", a->options.layout,
      "How an array set is to be read, words with commas between as the replay prints them, any of them: "
      "16x8,no-relu,column-0-left; by evidence if not given");
  command->add_option("--config", a->options.run.configuration,
                      "Built size of the array, see `systole list`; the one that fits the set best if not given");
  add_checking_options(*command, a->checking, a->options.run.seed);
  add_trace_options(*command, a->trace, a->options.run.trace_file,
                    "Dump the first ic tile's passes and the whole layer, a file each", "waveforms/DIR.layer.vcd");
  command->footer(
      "Examples: systole replay their-vectors\n"
      "          systole replay their-vectors --dut array --stall both --seed 7 --trace vcd");
  return [a] { return replay(*a); };
}

}  // namespace systole::cli
