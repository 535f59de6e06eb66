// SPDX-License-Identifier: Apache-2.0
#pragma once
// Runs the command line as a user's shell would, and says what came back.
#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace systole::test {

using Arguments = std::vector<std::string>;

inline constexpr const char *kLenet = "models/lenet", *kLenetFloat = "models/lenet-float";

struct Surroundings {
  std::string program = SYSTOLE_PROGRAM;
  std::vector<std::pair<std::string, std::string>> set = {};  ///< environment variables
  std::vector<std::string> unset = {};
  std::optional<std::uint64_t> file_bytes = {};                   ///< no file may grow beyond: a disk that is full
  std::optional<std::chrono::milliseconds> interrupt_after = {};  ///< `signal`, once
  int signal = SIGINT;
  bool when_caught = false;  ///< the time counts from when the program catches the signal, not from its start
  std::filesystem::path when_exists = {};  ///< or from when this file is there
  std::chrono::seconds patience{300};      ///< then it hangs and is killed; all but a sign-off take a tenth of it
  std::string redirection = {};            ///< of a shell, behind the redirection to files: ">&-", "2>/dev/full"
};

struct Finished {
  int code = 0;  ///< exit code as a shell shows it: 128 + the number of the signal where one ended the process
  bool signalled = false;
  std::string out, err;  ///< err without lines of progress
};

/// `run` gets --no-failure-folder unless --failures is among its arguments. Standard output and error are files, so
/// neither is a terminal. A process that outlasts the patience is
/// killed.
Finished run(const Arguments& given, const Surroundings& surroundings = {});

/// Exit code 2 and one line on standard error, which holds `words`.
void check_refused(const Finished& result, const std::string& words);
void check_refused(const Arguments& arguments, const std::string& words);

/// `systole COMMAND --help` ends well, says nothing on standard error and shows an example with the command's name.
void check_help_has_example(const std::string& command);

struct TerminalRun {
  int code = 0;
  std::string text;  ///< both outputs, as the terminal got them
};

/// On a pseudo-terminal of its own.
TerminalRun run_on_terminal(const Arguments& arguments);

/// Whole contents; a missing file is an empty text.
std::string read_text(const std::filesystem::path& file);
void write_text(const std::filesystem::path& file, const std::string& text);

/// Everything below a folder with its contents, to see that nothing changed.
std::vector<std::pair<std::string, std::string>> listing(const std::filesystem::path& folder);

}  // namespace systole::test
