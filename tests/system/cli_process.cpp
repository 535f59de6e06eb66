// SPDX-License-Identifier: Apache-2.0
#include "tests/system/cli_process.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

#include "tests/support/temporary_folder.h"

namespace systole::test {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kNoProgram = 127;  // as a shell has it

/// In the child: becomes the program or ends.
[[noreturn]] void become(const std::string& program, const Arguments& arguments) {
  std::vector<char*> words{const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  std::signal(SIGHUP, SIG_DFL);  // ignored where the tests run under nohup
  ::execv(program.c_str(), words.data());
  ::_exit(kNoProgram);
}

void redirect(int descriptor, const std::filesystem::path& file) {
  const int opened = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666);
  if (opened < 0 || ::dup2(opened, descriptor) < 0) ::_exit(kNoProgram);
  ::close(opened);
}

/// A write beyond the limit then fails with EFBIG instead of ending the process.
void limit_files(std::uint64_t bytes) {
  const rlimit limit{.rlim_cur = bytes, .rlim_max = bytes};
  if (std::signal(SIGXFSZ, SIG_IGN) == SIG_ERR || ::setrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(kNoProgram);
}

/// Without the lines of progress that a busy machine adds to a log each half minute.
std::string without_progress(const std::string& text) {
  constexpr std::size_t kBar = 30;
  std::string kept;
  for (std::size_t start = 0, end = 0; start < text.size(); start = end) {
    end = std::min(text.find('\n', start), text.size() - 1) + 1;
    const std::string line = text.substr(start, end - start);
    if (line[0] != '[' || line.find_first_not_of("# ", 1) != kBar + 1 || line[kBar + 1] != ']') kept += line;
  }
  return kept;
}

int shell_code(int status) { return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status); }

/// The process has a handler for the signal (the mask SigCgt of /proc/PID/status, the lowest bit for signal 1).
bool catches(pid_t process, int signal) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("SigCgt:", 0) == 0) return (std::stoull(line.substr(7), nullptr, 16) >> (signal - 1) & 1U) != 0;
  }
  return false;
}

/// Waits for the end; sends the signal in its time and SIGKILL when patience is over.
int wait_for(pid_t child, const Surroundings& surroundings) {
  const Clock::time_point start = Clock::now();
  std::optional<Clock::time_point> counted_from;
  const std::filesystem::path& file = surroundings.when_exists;
  if (!surroundings.when_caught && file.empty()) counted_from = start;
  bool sent = !surroundings.interrupt_after;
  int status = 0;
  while (::waitpid(child, &status, WNOHANG) == 0) {
    const Clock::time_point now = Clock::now();
    const bool came = file.empty() ? catches(child, surroundings.signal) : std::filesystem::exists(file);
    if (!counted_from && came) counted_from = now;
    if (!sent && counted_from && now - *counted_from >= *surroundings.interrupt_after) {
      ::kill(child, surroundings.signal);
      sent = true;
    }
    if (now - start > surroundings.patience) ::kill(child, SIGKILL);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return status;
}

/// A run that fails leaves a folder only where a test asks for it.
Arguments without_failure_folder(Arguments arguments) {
  const bool asked = std::ranges::find(arguments, "--failures") != arguments.end();
  if (!arguments.empty() && arguments[0] == "run" && !asked) arguments.emplace_back("--no-failure-folder");
  return arguments;
}

}  // namespace

Finished run(const Arguments& given, const Surroundings& surroundings) {
  const Arguments arguments = without_failure_folder(given);
  const TemporaryFolder folder;
  const auto out = folder.path() / "out", err = folder.path() / "err";
  std::array<int, 2> started{};  // closed by exec: until then signals would meet handlers of this test
  if (::pipe2(started.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("fork");
  if (child == 0) {
    redirect(STDOUT_FILENO, out);
    redirect(STDERR_FILENO, err);
    for (const std::string& name : surroundings.unset) ::unsetenv(name.c_str());
    for (const auto& [name, value] : surroundings.set) ::setenv(name.c_str(), value.c_str(), 1);
    if (surroundings.file_bytes) limit_files(*surroundings.file_bytes);
    if (!surroundings.redirection.empty()) {
      Arguments shell{"-c", R"(exec "$0" "$@" )" + surroundings.redirection, surroundings.program};
      shell.insert(shell.end(), arguments.begin(), arguments.end());
      become("/bin/sh", shell);
    }
    become(surroundings.program, arguments);
  }
  ::close(started[1]);
  char none = 0;
  while (::read(started[0], &none, 1) < 0) {
  }
  ::close(started[0]);
  const int status = wait_for(child, surroundings);
  return {.code = shell_code(status),
          .signalled = WIFSIGNALED(status),
          .out = read_text(out),
          .err = without_progress(read_text(err))};
}

TerminalRun run_on_terminal(const Arguments& arguments) {
  int terminal = -1;
  const pid_t child = ::forkpty(&terminal, nullptr, nullptr, nullptr);
  if (child < 0) throw std::runtime_error("forkpty");
  if (child == 0) become(SYSTOLE_PROGRAM, arguments);
  TerminalRun result;
  std::array<char, 4096> buffer{};
  pollfd ready{.fd = terminal, .events = POLLIN, .revents = 0};
  while (::poll(&ready, 1, static_cast<int>(std::chrono::milliseconds(Surroundings().patience).count())) > 0) {
    const ssize_t count = ::read(terminal, buffer.data(), buffer.size());
    if (count <= 0) break;  // the last holder of the terminal is gone
    result.text.append(buffer.data(), static_cast<std::size_t>(count));
  }
  result.code = shell_code(wait_for(child, Surroundings{}));
  ::close(terminal);
  return result;
}

std::string read_text(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void write_text(const std::filesystem::path& file, const std::string& text) {
  std::ofstream stream(file, std::ios::binary);
  stream << text;
  if (!stream.flush()) throw std::runtime_error(file.string() + ": cannot be written");
}

std::vector<std::pair<std::string, std::string>> listing(const std::filesystem::path& folder) {
  std::vector<std::pair<std::string, std::string>> entries;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    entries.emplace_back(entry.path().string(), entry.is_regular_file() ? read_text(entry.path()) : "");
  }
  std::sort(entries.begin(), entries.end());
  return entries;
}

void check_refused(const Finished& result, const std::string& words) {
  CAPTURE(result.err);
  CHECK(result.code == 2);
  CHECK(std::ranges::count(result.err, '\n') == 1);
  CHECK(result.err.find(words) != std::string::npos);
}

void check_refused(const Arguments& arguments, const std::string& words) { check_refused(run(arguments), words); }

void check_help_has_example(const std::string& command) {
  CAPTURE(command);
  const Finished help = run({command, "--help"});
  CHECK(help.code == 0);
  CHECK(help.err == "");
  const std::size_t examples = help.out.find("\nExample");  // or Examples
  REQUIRE(examples != std::string::npos);
  CHECK(help.out.find("systole " + command + " ", examples) != std::string::npos);
}

}  // namespace systole::test
