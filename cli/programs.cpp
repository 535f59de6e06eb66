// SPDX-License-Identifier: Apache-2.0
#include "cli/programs.h"

#include <fmt/format.h>
#include <stdio_ext.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <string>
#include <system_error>

#include "base/input_error.h"
#include "base/interrupt.h"
#include "base/output_file.h"
#include "base/process.h"
#include "base/quote.h"
#include "base/sha256.h"
#include "cli/build_tree.h"
#include "cli/configurations.h"
#include "cli/table_files.h"
#include "sim/dut/source_file.h"

namespace systole::cli {
namespace {

namespace fs = std::filesystem;

// A command line passes through two other programs at most, that of its command and that of its model; one that asks
// for a third would never end.
constexpr const char* kHops = "SYSTOLE_HOPS";  ///< how many programs came before this one
constexpr int kMostHops = 2;
std::vector<std::string> given;  ///< as given, without the program's name
std::string own_name(kCore);     ///< of this program's set of commands
int hops = kMostHops;            ///< until start_program was called

/// Of the RTL as it stands there; empty where its folders are gone, as those of an installed program may be; no hash
/// where a file of them is.
std::string current_rtl_hash() {
  std::vector<fs::path> sources;
  std::istringstream list(rtl_files());
  for (std::string line; std::getline(list, line);) {
    const fs::path source = dut::source_file(line);
    if (!fs::exists(source)) return fs::exists(source.parent_path()) ? "a file is gone" : "";
    sources.push_back(source);
  }
  std::ranges::stable_sort(sources, {}, [](const fs::path& source) { return source.filename(); });
  return sources.empty() ? std::string() : base::sha256_of_files(sources);
}

bool is_fresh(std::string_view rtl_sha256) {
  static const std::string current = current_rtl_hash();
  return current.empty() || rtl_sha256 == current;
}

fs::path own_file() { return fs::read_symlink("/proc/self/exe"); }

/// Programs of other names are beside this one where it is no part of a build tree.
fs::path programs_folder() {
  const fs::path tree = build_tree();
  return tree.empty() ? own_file().parent_path() : tree;
}

/// Beside a program in a build tree: as new as the last time that it was found to be up to date. The program's own time
/// is the build tool's, which links it again where another one has set it.
fs::path checked_mark(const fs::path& file) { return build_tree() / "dut" / (file.filename().string() + ".checked"); }

bool older_than_this(const fs::path& file) {
  fs::file_time_type time = fs::last_write_time(file);
  const fs::path mark = checked_mark(file);
  if (fs::exists(mark)) time = std::max(time, fs::last_write_time(mark));
  return time < fs::last_write_time(own_file());
}

/// A program that no build tree made, such as one with planted faults, is the only one with its model.
bool may_become() { return hops < kMostHops && !dut::build_place().build_folder.empty(); }

[[noreturn]] void become(const fs::path& program) {
  if (!may_become()) throw std::logic_error(program.string() + ": asked for by the second program of one command");
  ::setenv(kHops, std::to_string(hops + 1).c_str(), 1);
  ::__fpurge(stdout);
  give_output_back();
  base::let_signals_end_it();
  std::vector<char*> words{const_cast<char*>(program.c_str())};
  for (const std::string& argument : given) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  ::execv(program.c_str(), words.data());
  throw base::InputError(program.string(), "", std::generic_category().message(errno));
}

/// The program of the same commands with another model.
std::string target_of(std::string_view configuration, std::string_view kind, std::string_view commands) {
  if (dut::has_adapter())
    return kind == "edit" ? std::string(configuration) : fmt::format("{}-{}", configuration, kind);
  if (configuration == "8x8" && kind == "edit") return std::string(commands);
  return fmt::format("{}-{}-{}", commands, configuration, kind);
}
std::string target_of(std::string_view configuration, std::string_view kind) {
  return target_of(configuration, kind, own_name);
}
fs::path file_of(const std::string& target) {
  if (dut::has_adapter()) return own_file().parent_path() / target;
  return programs_folder() / (target == own_name ? target : "dut/" + target);
}

/// What a program says of its first model; nothing where it is none.
ModelProgram ask(const fs::path& file) {
  ModelProgram program{
      .name = file.lexically_relative(programs_folder()).string(), .configuration = {}, .kind = {}, .version = {}};
  std::istringstream answer(base::run_process({file.string(), "--model"}).output);
  std::string hash;
  answer >> program.configuration >> program.kind >> hash >> program.version;
  program.fresh = is_fresh(hash);
  return program;
}

std::vector<std::string> kinds_for(const ModelNeed& need) {
  const std::string traced = need.trace == dut::TraceFormat::vcd ? "vcd" : "edit";
  if (need.trace == dut::TraceFormat::none) {
    if (!need.kind.empty()) return {need.kind};
    return {"speed", "edit", "vcd"};
  }
  if (!need.kind.empty() && need.kind != traced) {
    throw base::InputError("--kind " + need.kind, "",
                           fmt::format("has no {} trace; {} has", to_string(need.trace), traced));
  }
  return {traced};
}

const dut::Build* own_model(const std::string& configuration, const std::string& kind) {
  for (const dut::Build& build : dut::builds()) {
    if (build.configuration == configuration && build.kind == kind) return &build;
  }
  return nullptr;
}

[[noreturn]] void refuse_stale(const dut::Build& build, const std::string& target) {
  throw base::InputError(
      fmt::format("model {}/{}", build.configuration, build.kind), "",
      fmt::format("made from other RTL than what is there now: rebuild, cmake --build {} --target {}",
                  build_tree().string(), target));
}

/// Builds a program, or finds that there is nothing to build: either way it counts as newer than this one from now on.
void bring_up_to_date(const std::string& target, const fs::path& file,
                      const std::vector<std::string>& reconfigure = {}) {
  build_target(target, reconfigure);
  base::write_file_at_once(checked_mark(file), "");
}

/// Builds the program of a model.
fs::path built(const std::string& configuration, const std::string& kind) {
  const std::string target = target_of(configuration, kind);
  const auto known = known_configurations();
  const bool named = std::ranges::any_of(known, [&](const Configuration& c) { return c.name == configuration; });
  bring_up_to_date(target, file_of(target),
                   named ? std::vector<std::string>() : std::vector<std::string>{"-DSYSTOLE_ADD_DUT=" + configuration});
  return file_of(target);
}

/// Takes `--dut NAME` out of the arguments. Empty where there is none, or it chooses among what replay does on our RTL.
std::string take_design() {
  for (auto at = given.begin(); at != given.end(); ++at) {
    const bool joined = at->starts_with("--dut=");
    if (!joined && (*at != "--dut" || at + 1 == given.end())) continue;
    const auto value = joined ? at : at + 1;
    std::string name = joined ? at->substr(6) : *value;
    if (std::ranges::find(kReplayDuts, name) != kReplayDuts.end()) return {};
    given.erase(at, value + 1);
    return name;
  }
  return {};
}

/// The program of a design: a path, or a name in the build tree, in build/ or beside this program.
fs::path design_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  for (const fs::path& folder : {programs_folder(), fs::path("build"), own_file().parent_path()}) {
    if (fs::is_regular_file(folder / name)) return folder / name;
  }
  return build_tree().empty() ? fs::path("build") / name : build_tree() / name;
}

/// The program that has another design, brought up to date where it is one of the build tree.
fs::path fresh_design_program(const std::string& name) {
  fs::path file = fs::absolute(design_program(name)).lexically_normal();
  if (!fs::is_regular_file(file) || ask(file).configuration.empty()) {
    throw base::InputError(
        "--dut", name,
        fmt::format("expected a program that systole_add_dut made, looked for {} (docs/your-rtl.md)", file.string()));
  }
  const bool in_tree = !build_tree().empty() && file.parent_path() == build_tree();
  if (const std::string version = ask(file).version; !in_tree && version != SYSTOLE_VERSION) {
    throw base::InputError("--dut", name,
                           fmt::format("made with {} Systole, this is {}: build it again with this one",
                                       version.empty() ? "another" : version, SYSTOLE_VERSION));
  }
  if (in_tree) bring_up_to_date(file.filename().string(), file);
  return file;
}

bool is_given(std::string_view option) {
  return std::ranges::any_of(given, [option](const std::string& argument) {
    return argument == option || (argument.starts_with(option) && argument[option.size()] == '=');
  });
}

/// The program that has the command with these options.
std::string_view program_of(const ListedCommand& command) {
  const bool help = is_given("--help") || is_given("-h");
  if (command.name == "signoff" && help) return kCore;  // prints it without being built for it
  if (command.name == "vectors" && is_given("--from") && !help) return kSignoff;
  return command.program;
}

/// A model of this program, or the program that has it.
struct ChosenModel {
  const dut::Build* own = nullptr;
  fs::path other = {};
};

/// As require_model(), which becomes the other program.
ChosenModel choose_model(const ModelNeed& need) {
  if (!dut::has_adapter()) {
    (void)find_configuration(need.configuration);
  } else if (need.configuration != dut::own_configuration()) {
    throw base::InputError("--config", need.configuration,
                           fmt::format("this program has {}", dut::own_configuration()));
  } else if (need.trace == dut::TraceFormat::vcd) {
    throw base::InputError("--trace", "vcd", "expected fst, which the models of this program have");
  }
  const std::vector<std::string> kinds = kinds_for(need);
  const dut::Build* stale = nullptr;
  for (const std::string& kind : kinds) {
    if (const dut::Build* own = own_model(need.configuration, kind)) {
      if (is_fresh(own->facts.rtl_sha256)) return {.own = own};
      stale = own;
      continue;
    }
    if (!may_become()) continue;
    const std::string target = target_of(need.configuration, kind);
    const fs::path file = file_of(target);
    if (!fs::exists(file) || !ask(file).fresh) continue;
    if (!build_tree().empty() && older_than_this(file)) bring_up_to_date(target, file);
    return {.other = file};
  }
  if (stale != nullptr) refuse_stale(*stale, target_of(stale->configuration, stale->kind));
  const bool any = kinds.size() > 1;
  if (may_become() && !build_tree().empty()) return {.other = built(need.configuration, any ? "edit" : kinds.front())};
  return {.own = &dut::find_build(need.configuration, need.trace)};  // or says what this program has
}

}  // namespace

void start_program(std::string_view own, int argc, char** argv) {
  given.assign(argv + 1, argv + argc);
  own_name = own;
  const char* before = std::getenv(kHops);
  hops = before == nullptr ? 0 : std::atoi(before);
  attach_build_tree();
  ::unsetenv(kHops);
  if (const std::string design = take_design(); !design.empty()) become(fresh_design_program(design));
  std::string words;
  const ListedCommand* chosen = nullptr;
  for (const std::string& argument : given) {
    words += words.empty() ? argument : " " + argument;
    for (const ListedCommand& command : kCommands) {
      if (command.name == words) chosen = &command;
    }
  }
  // A program of systole_add_dut has them all (dut_commands.cpp).
  if (chosen == nullptr || (dut::has_adapter() && (chosen->program == kVectors || chosen->program == kSignoff))) return;
  const std::string_view program = program_of(*chosen);
  if (program == own || (program == kCore && chosen->program == own)) return;
  if (!may_become()) throw base::InputError(std::string(chosen->name), "", "no command of this program");
  const std::string target(program);
  const fs::path file = programs_folder() / target;
  if (!build_tree().empty() && (!fs::exists(file) || older_than_this(file))) bring_up_to_date(target, file);
  if (program == kSignoff && build_tree().empty() && !fs::exists(file)) {
    throw base::InputError(std::string(chosen->name), "",
                           "the accelerator's own needs its source tree; that of a design with an adapter is systole "
                           "signoff --dut NAME PLAN.json, in the folder of its project (docs/signoff.md)");
  }
  become(file);
}

const dut::Build& require_model(const ModelNeed& need) {
  const ChosenModel model = choose_model(need);
  if (model.own == nullptr) become(model.other);
  return *model.own;
}

fs::path program_for(const ModelNeed& need) {
  const ChosenModel model = choose_model(need);
  return model.own == nullptr ? model.other : own_file();
}

fs::path program_of_design(const std::string& name) { return fresh_design_program(name); }

fs::path core_program() {
  const fs::path file = programs_folder() / kCore;
  if (!build_tree().empty()) bring_up_to_date(std::string(kCore), file);
  return file;
}

fs::path program_of_own_design() { return own_file().parent_path() / dut::own_configuration(); }

fs::path variant_of_own_design(const std::string& variant) {
  const std::string target = fmt::format("{}-{}", dut::own_configuration(), variant);
  const fs::path file = own_file().parent_path() / target;
  if (!build_tree().empty()) bring_up_to_date(target, file);
  if (!fs::exists(file)) throw base::InputError(file.string(), "", "is not there; it is built in a build tree");
  return file;
}

fs::path replayer_for(const ModelNeed& need) {
  if (dut::has_adapter()) return program_for(need);
  const std::string kind = need.kind.empty() ? "edit" : need.kind;
  const std::string target = target_of(need.configuration, kind, kVectors);
  const fs::path file = programs_folder() / (target == kVectors ? target : "dut/" + target);
  if (!build_tree().empty()) bring_up_to_date(target, file);
  if (!fs::exists(file)) throw base::InputError(file.string(), "", "is not there; it replays sets of vectors");
  return file;
}

std::vector<fs::path> rtl_files_of(const fs::path& program) {
  std::istringstream list(base::run_process({program.string(), "--rtl-files"}).output);
  std::vector<fs::path> files;
  for (std::string line; std::getline(list, line);) {
    if (!line.empty()) files.emplace_back(line);
  }
  return files;
}

std::string rtl_files() { return std::string(dut::build_place().rtl_sources) + dut::builds().front().facts.included; }

std::string variant_text() {
  const dut::Build& build = dut::builds().front();
  return build.mutants.empty() ? std::string(build.statistics) : fmt::format("{}\n{}", build.design, build.mutants);
}

fs::path program_with(const ModelNeed& need) {
  if (!may_become()) return {};
  for (const std::string& kind : kinds_for(need)) {
    fs::path file = file_of(target_of(need.configuration, kind));
    if (fs::exists(file) && ask(file).fresh) return file;
  }
  return {};
}

void require_fresh_models(std::string_view own) {
  for (const dut::Build& build : dut::builds()) {
    if (!is_fresh(build.facts.rtl_sha256)) refuse_stale(build, std::string(own));
  }
}

std::vector<ModelProgram> model_programs() {
  std::vector<ModelProgram> programs;
  std::vector<fs::path> files;
  const fs::path folder = programs_folder() / "dut";
  if (fs::exists(folder)) {
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (entry.is_regular_file() && ::access(entry.path().c_str(), X_OK) == 0) files.push_back(entry.path());
    }
  }
  std::ranges::sort(files);
  files.insert(files.begin(), programs_folder() / kCore);
  for (const fs::path& file : files) {
    ModelProgram program = ask(file);
    const std::string name = target_of(program.configuration, program.kind, kCore);
    if (file.filename() == name) programs.push_back(std::move(program));
  }
  return programs;
}

std::string own_command() {
  if (!dut::has_adapter()) return "build/systole";
  const fs::path file = file_of(target_of(dut::own_configuration(), "edit"));
  const fs::path near = file.lexically_proximate(fs::current_path());
  return base::shell_word(near.string().starts_with("..") ? file.string() : near.string());
}

std::string package_prefix() {
  return build_tree().empty() ? own_file().parent_path().parent_path().string() : std::string();
}

std::string model_line() {
  const dut::Build& build = dut::builds().front();
  return fmt::format("{} {} {} {}", build.configuration, build.kind, build.facts.rtl_sha256, SYSTOLE_VERSION);
}

}  // namespace systole::cli
