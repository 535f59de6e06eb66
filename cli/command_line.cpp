// SPDX-License-Identifier: Apache-2.0
#include "cli/command_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <new>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "base/input_error.h"
#include "base/interrupted.h"
#include "base/quote.h"
#include "base/standard_streams.h"
#include "cli/programs.h"
#include "sim/kernel/outcome.h"

namespace systole::cli {
namespace {

using kernel::Outcome;

int bad_input(const char* what) {
  base::print_error(base::terminal_text(what));
  return exit_code(Outcome::bad_input);
}

/// A usage error in one line, as CLI11 states it but for an unknown command, which CLI11 does not name.
std::string usage_error(const CLI::App* program, const CLI::Error& error) {
  const auto chosen = program->get_subcommands();
  if (!chosen.empty())
    return fmt::format("systole: {}; see systole {} --help\n", error.what(), chosen.front()->get_name());
  const std::vector<std::string> unknown = program->remaining();
  if (unknown.empty()) return fmt::format("systole: {}; see systole --help\n", error.what());
  std::string names;
  for (const CLI::App* command : program->get_subcommands([](const CLI::App*) { return true; })) {
    if (!command->get_group().empty()) names += " " + command->get_name();
  }
  return fmt::format("systole: {}: unknown, expected one of{}\n", unknown.front(), names);
}

std::string unusable(const std::string& text) {
  if (text.empty()) return "expected a value, found none";
  const std::string shown = base::terminal_text(text);
  return shown == text ? "" : fmt::format("expected a value without control characters, found '{}'", shown);
}

/// No option means "none" by an empty text, which is what an unset variable of a script becomes. Names are repeated on
/// terminals and in lines of text: none holds a line feed or an escape sequence.
void refuse_unusable_values(CLI::App& app) {
  const CLI::Validator given([](const std::string& text) { return unusable(text); }, "", "given");
  for (CLI::Option* option : app.get_options([](const CLI::Option*) { return true; })) option->check(given);
  for (CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) refuse_unusable_values(*command);
}

std::string without_last_newline(std::string text) {
  if (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

/// Parses and runs.
int run_program(int argc, char** argv, std::string_view own_name, const AddCommands& add_commands) {
  start_program(own_name, argc, argv);
  CLI::App program("Checks the RTL of a quantized-CNN accelerator against its integer golden, cycle by cycle.",
                   "systole");
  program.require_subcommand(1);
  program.failure_message(usage_error);
  program.footer("Example: systole run models/lenet --images 10");
  program.set_version_flag("--version", SYSTOLE_VERSION);
  program.add_flag_callback(
      "--model", [] { throw CLI::CallForVersion(model_line(), 0); },
      "Print configuration, kind and RTL of this program's model");
  program
      .add_flag_callback(
          "--rtl-files", [] { throw CLI::CallForVersion(without_last_newline(rtl_files()), 0); }, "")
      ->group("");  // of `regress`, which keeps them
  program
      .add_flag_callback(
          "--variant", [] { throw CLI::CallForVersion(without_last_newline(variant_text()), 0); }, "")
      ->group("");  // of the sign-off of designs with an adapter
  program.add_option("--dut", "Another design: the program that systole_add_dut made of it, by name or path")
      ->type_name("NAME");  // start_program has taken it
  const std::vector<std::pair<std::string, Command>> commands = add_commands(program);
  // Those of other programs are listed and never parsed here.
  for (const auto& listed : kCommands) {
    const std::string name(listed.name);
    const auto same = [&name](const auto& own) { return own.first == name; };
    if (name.find(' ') == std::string::npos && std::ranges::none_of(commands, same)) {
      program.add_subcommand(name, std::string(listed.description));
    }
  }
  refuse_unusable_values(program);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? 0 : exit_code(Outcome::bad_input);
  }
  for (const auto& [name, command] : commands) {
    if (program.got_subcommand(name)) return command();
  }
  return exit_code(Outcome::bad_input);
}

bool under_way = false;  ///< a command has not returned its exit code

/// std::exit in an adapter would give its own exit code for a verdict.
void end_without_verdict() {
  if (!under_way) return;
  ::_exit(bad_input("adapter: exit() is called before there is a verdict; throw instead"));
}

/// A table that did not reach its file is no pass.
int flush_output(int code) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
  return code == 0 ? bad_input("standard output: cannot write") : code;
}

/// Every error ends here as one line.
int guarded_program(int argc, char** argv, std::string_view name, const AddCommands& add_commands) {
  try {
    return flush_output(run_program(argc, argv, name, add_commands));
  } catch (const base::InputError& error) {
    return bad_input(error.what());
  } catch (const std::filesystem::filesystem_error& error) {  // a path that cannot even be looked at
    const std::string path = base::terminal_text(error.path1().string());
    return bad_input(path.empty() ? error.what() : fmt::format("{}: {}", path, error.code().message()).c_str());
  } catch (const std::system_error& error) {  // of fmt::print where the output takes no more, else of what it names
    return bad_input(std::ferror(stdout) != 0 ? fmt::format("standard output: {}", error.what()).c_str()
                                              : error.what());
  } catch (const base::Interrupted& interrupt) {
    base::print_error(interrupt.what());
    return exit_code(Outcome::interrupted);
  } catch (const std::bad_alloc&) {
    return bad_input("not enough memory");
  } catch (const std::exception& error) {
    base::print_error(fmt::format("internal error: {}", error.what()));
    return exit_code(Outcome::mismatch);
  }
}

}  // namespace

int command_line(int argc, char** argv, std::string_view name, const AddCommands& add_commands) {
  base::hold_standard_streams();
  under_way = std::atexit(end_without_verdict) == 0;
  const int code = guarded_program(argc, argv, name, add_commands);
  under_way = false;
  return code;
}

}  // namespace systole::cli
