// SPDX-License-Identifier: Apache-2.0
#pragma once
// One command line, several programs: `systole` has the commands of every day and the model of the default
// configuration; another model, or commands that not everyone needs, are in programs of their own, which are built when
// they are first used and which the process then becomes (docs/adr/0009-one-program-one-model.md).
#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "sim/dut/registry.h"

namespace systole::cli {

/// A command with the program that has it; two words where a subcommand is elsewhere than its command.
struct ListedCommand {
  std::string_view name, program, description;
};
inline constexpr std::string_view kCore = "systole", kVectors = "systole-vectors", kSignoff = "systole-signoff";
inline constexpr ListedCommand kCommands[] = {
    {"run", kCore, "Run a network on the RTL and compare with the golden"},
    {"golden", kCore,
     "What the integer golden answers, without RTL: accuracy on a data set, outputs of files and samples"},
    {"compare", kCore,
     "How two networks, or a network and arrays of another program, differ layer by layer; or two runs"},
    {"history", kCore, "The runs of a folder of regressions, or what each said of a network, design or job"},
    {"import", "systole-networks", "A TFLite or ONNX network into Systole's format"},
    {"info", kCore, "What a network reads, answers and is made of"},
    {"list", kCore, "Networks, configurations with their models, data sets, policies, rules"},
    {"new-dut", kCore, "Files to check a design of your own with: its ports read, an adapter to fill in"},
    {"matmul", kCore, "The product of two uint8 matrices, requantized, on the golden and the RTL"},
    {"im2col", kCore, "The patches of a uint8 image, on the golden and the RTL"},
    {"bench", "systole-bench", "What the checks and traces cost, measured side by side"},
    {"quantize", "systole-networks", "A float network becomes an integer one"},
    {"export", "systole-networks", "The weights of an integer network for other tools: an .npy per layer, and scales"},
    {"prune", "systole-networks", "Whole filters and input channels leave a float network"},
    {"replay", kVectors,
     "Compare a set of vectors, ours or another team's, with the golden and the RTL, all three ways"},
    {"regress", kCore, "Every combination of a plan as a job on all cores, one page with what broke"},
    {"report", kCore, "A page of a run's report; the page of a regression, written anew"},
    {"rerun", kCore, "Run again what failed: its token, or the folder that it left"},
    {"shrink", kVectors, "Make the failing layer of a failed run as small as it can be while it fails alike"},
    {"signoff", kSignoff, "Whether the RTL is done: gates from lint to netlist, one page with a verdict"},
    {"study headroom", kCore,
     "Prove from the weights how many bits the partial sums of each layer need, and show it on the RTL"},
    {"study", "systole-networks", "How narrow, sparse or coarse a network may become"},
    {"vectors", kVectors, "A layer's vectors for other benches (docs/vectors.md)"},
    {"wave", kCore, "Open a dump in GTKWave; without a display print the command"},
};

/// What `replay --dut` chooses among on our RTL; any other name is a design's (start_program).
inline constexpr std::array<std::string_view, 3> kReplayDuts{"both", "array", "accel"};

/// Of a listed command.
constexpr std::string_view description_of(std::string_view name) {
  for (const ListedCommand& command : kCommands) {
    if (command.name == name) return command.description;
  }
  return {};
}

/// Remembers the arguments. Where they name another design (`--dut NAME`), becomes the program that has it; where they
/// name a command of another program, becomes that one. It is built first where it is missing or older than this one.
/// `own`: this program. Throws base::InputError where there is none or it cannot be built.
void start_program(std::string_view own, int argc, char** argv);

/// What a command needs of a model.
struct ModelNeed {
  std::string configuration;
  dut::TraceFormat trace = dut::TraceFormat::none;
  std::string kind = {};  ///< empty: any that is fresh and has the trace
};

/// Returns the model of this program that does. Where another program has it, becomes that one, with the same
/// arguments and nothing printed so far; it is built first where it is missing or older than its sources. Throws
/// base::InputError where there is no such configuration, where this program's own model is older than the RTL (a
/// verdict would be one on other text than what stands there), and where a build fails.
const dut::Build& require_model(const ModelNeed& need);

/// A program beside this one that is built and has such a model, fresh; empty where there is none.
std::filesystem::path program_with(const ModelNeed& need);

/// The program that has such a model, chosen, built and refused as by require_model(): this one, or one beside it.
std::filesystem::path program_for(const ModelNeed& need);

/// The program that has the design (`--dut NAME`), brought up to date. Throws base::InputError where there is none.
std::filesystem::path program_of_design(const std::string& name);

/// The program that has the commands of every day, brought up to date. Throws base::InputError.
std::filesystem::path core_program();

/// The program of this one's design with the model that is built first.
std::filesystem::path program_of_own_design();

/// A variant of this program's design ("mutants", "gates"; systole_add_variants), brought up to date. Throws
/// base::InputError where it is not there and cannot be built.
std::filesystem::path variant_of_own_design(const std::string& variant);

/// The program that replays sets of vectors on such a model, brought up to date. Throws base::InputError.
std::filesystem::path replayer_for(const ModelNeed& need);

/// The files that the first model of a program was made from.
std::vector<std::filesystem::path> rtl_files_of(const std::filesystem::path& program);
/// Of this program, absolute, a line each: what `--rtl-files` prints.
std::string rtl_files();

/// What `--variant` prints: of a program of mutants the design, an empty line, the mutants; of a program of gates the
/// file with their statistics; else nothing.
std::string variant_text();

/// Throws base::InputError unless every model of this program, whose target is `own`, is made from the RTL as it is
/// now.
void require_fresh_models(std::string_view own);

/// A program of the build tree that holds a model.
struct ModelProgram {
  std::string name;  ///< of the file, relative to the build tree
  std::string configuration, kind;
  std::string version;  ///< of Systole
  bool fresh = false;   ///< made from the RTL as it is now
};
/// Those that are built.
std::vector<ModelProgram> model_programs();

/// How a user in the current folder starts this program: "build/systole".
std::string own_command();

/// Where this program is installed, or empty where it is one of a build tree.
std::string package_prefix();

/// The line that `--model` prints: "configuration kind sha256".
std::string model_line();

}  // namespace systole::cli
