// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/input_error.h"
#include "base/output_file.h"
#include "base/quote.h"
#include "cli/commands.h"
#include "cli/programs.h"
#include "cli/scaffold/text.h"

namespace systole::cli {
namespace {

namespace fs = std::filesystem;

struct NewDutArguments {
  std::string name, output;
  std::string clock;
  scaffold::Design design;
};

/// The clock that was named, or the guessed one.
void settle_clock(const std::string& named, const std::vector<scaffold::Port>& ports, const std::string& top,
                  scaffold::Guess& guess) {
  std::string names;
  for (const scaffold::Port& port : ports) {
    if (!port.input || port.bits != 1) continue;
    names += (names.empty() ? "" : ", ") + port.name;
    if (port.name == named) guess.clock = port;
  }
  if (!named.empty() && (!guess.clock || guess.clock->name != named)) {
    throw base::InputError("--clock", named, "expected an input of one bit: " + names);
  }
  if (!guess.clock)
    throw base::InputError(top, "", "no clock is found by its name: name it with --clock, one of " + names);
  std::erase_if(guess.left, [&](const scaffold::Port& port) { return port.name == guess.clock->name; });
}

bool is_word(const std::string& text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

/// Names that become names of CMake and C++.
void check_names(const std::string& name, const std::string& top) {
  // Targets that CMake (policy CMP0037), Ninja and the package have for themselves.
  static const std::set<std::string> taken{"all",        "clean",         "help",    "install",    "test",
                                           "package",    "preinstall",    "depend",  "edit_cache", "rebuild_cache",
                                           "ALL_BUILD",  "INSTALL",       "PACKAGE", "RUN_TESTS",  "ZERO_CHECK",
                                           "CMakeFiles", "package_source"};
  if (!is_word(name))
    throw base::InputError("NAME", name, "expected letters, digits and underscores: a program is named so");
  if (taken.contains(name) || name.starts_with("systole"))
    throw base::InputError("NAME", name, "CMake or the package has a target of that name: choose another one");
  if (!is_word(top)) {
    throw base::InputError("--top", top,
                           "expected letters, digits and underscores, which a class of C++ is named after: wrap the "
                           "module in one of such a name");
  }
}

/// What CMake, make's rules and Verilator's lists of files would take for more or less than one word.
void check_words(const char* option, const std::vector<std::string>& words, std::string_view no) {
  for (const std::string& word : words) {
    const auto bad = [no](unsigned char c) { return std::iscntrl(c) != 0 || no.find(static_cast<char>(c)) != no.npos; };
    if (std::ranges::any_of(word, bad))
      throw base::InputError(option, word, fmt::format("expected no control characters and none of '{}'", no));
  }
}

int new_dut(NewDutArguments a) {
  const fs::path folder = a.output.empty() ? a.name : a.output;
  check_names(a.name, a.design.top);
  for (const char* file : {"CMakeLists.txt", "adapter.cpp"}) {
    if (fs::exists(folder / file))
      throw base::InputError((folder / file).string(), "", "is there already; choose another -o");
  }
  for (std::vector<std::string>* paths : {&a.design.sources, &a.design.include_dirs}) {
    for (std::string& path : *paths) path = fs::absolute(path).lexically_normal().string();
  }
  constexpr std::string_view kNotInPaths = " \"'`$;\\#()[]{}<>|&*?", kNotInValues = ";", kNotInParams = " ;";
  check_words("-o", {folder.string()}, kNotInPaths);
  check_words("FILES", a.design.sources, kNotInPaths);
  check_words("-I", a.design.include_dirs, kNotInPaths);
  check_words("-D", a.design.defines, kNotInValues);
  check_words("-G", a.design.params, kNotInParams);
  const std::vector<scaffold::Port> ports = scaffold::ports_of(a.design);
  scaffold::Guess guess = scaffold::guess(ports);
  settle_clock(a.clock, ports, a.design.top, guess);
  fs::create_directories(folder);
  base::write_file_at_once(folder / "adapter.cpp", scaffold::adapter_text(a.design, guess));
  base::write_file_at_once(folder / "CMakeLists.txt", scaffold::project_text(a.name, a.design));
  const std::string place = base::shell_word(folder.string());
  fmt::print("{}wrote {}: say in adapter.cpp what the design can run, and how\n", scaffold::guess_text(guess), place);
  const std::string prefix = package_prefix();
  fmt::print("next: cmake -S {0} -B {0}/build -G Ninja{2} && cmake --build {0}/build --target {1}\n", place, a.name,
             prefix.empty() ? "" : " -DCMAKE_PREFIX_PATH=" + base::shell_word(prefix));
  return 0;
}

}  // namespace

Command add_new_dut_command(CLI::App& program) {
  auto a = std::make_shared<NewDutArguments>();
  CLI::App* command = program.add_subcommand("new-dut", std::string(description_of("new-dut")));
  command->add_option("NAME", a->name, "Name of the program and of the folder")->required();
  command->add_option("FILES", a->design.sources, "Verilog sources of the design")->required();
  command->add_option("--top", a->design.top, "Top module")->required();
  command->add_option("--clock", a->clock, "Clock, where its name does not say it");
  command->add_option("-I", a->design.include_dirs, "Folder of `include files")->allow_extra_args(false);
  command->add_option("-D", a->design.defines, "NAME or NAME=VALUE for `ifdef")->allow_extra_args(false);
  command->add_option("-G", a->design.params, "NAME=VALUE of a parameter of the top module")->allow_extra_args(false);
  command->add_option("-o", a->output, "Folder that is written (NAME)");
  command->footer("Example: systole new-dut my_npu --top npu_top rtl/*.v -G N=8");
  return [a] { return new_dut(*a); };
}

}  // namespace systole::cli
