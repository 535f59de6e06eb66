// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "base/input_error.h"
#include "base/quote.h"
#include "cli/commands.h"
#include "cli/failure.h"
#include "cli/programs.h"
#include "debug/failure_folder.h"
#include "sim/trace/view.h"

namespace systole::cli {
namespace {

/// The newest dump of a folder that has a view beside it.
std::optional<std::filesystem::path> newest_dump(const std::filesystem::path& folder) {
  std::optional<std::filesystem::path> newest;
  std::error_code code;
  for (const auto& entry : std::filesystem::directory_iterator(folder, code)) {
    if (!std::filesystem::exists(trace::view_path(entry.path()))) continue;
    if (!newest || entry.last_write_time() > std::filesystem::last_write_time(*newest)) newest = entry.path();
  }
  return newest;
}

/// The dump's view, or the dump itself where a run was killed before it wrote one.
std::filesystem::path find_view(const std::string& dump) {
  if (!dump.empty()) {
    if (!std::filesystem::exists(dump)) throw base::InputError(dump, "", "no such dump");
    if (std::filesystem::is_directory(dump)) return debug::view_of_failure(dump);
    std::filesystem::path view = trace::view_path(dump);
    return std::filesystem::exists(view) ? view : std::filesystem::path(dump);
  }
  std::filesystem::path newest = debug::newest_failure_view(kFailures);
  for (const char* folder : {"waveforms", "."}) {
    const auto dump_there = newest_dump(folder);
    if (!dump_there) continue;
    std::filesystem::path view = trace::view_path(*dump_there);
    const auto time = [](const std::filesystem::path& file) { return std::filesystem::last_write_time(file); };
    if (newest.empty() || time(view) > time(newest)) newest = std::move(view);
    break;
  }
  if (!newest.empty()) return newest;
  throw base::InputError("waveforms", "", "no dump with a view: run `systole run NETWORK --trace vcd` first");
}

bool has_display() { return std::getenv("DISPLAY") != nullptr || std::getenv("WAYLAND_DISPLAY") != nullptr; }

int wave(const std::string& dump) {
  const std::string view = find_view(dump).string();
  if (!has_display()) {
    fmt::print("gtkwave {}\n", base::shell_word(view));
    return 0;
  }
  ::execlp("gtkwave", "gtkwave", view.c_str(), nullptr);
  throw base::InputError("gtkwave", "", std::generic_category().message(errno));
}

}  // namespace

Command add_wave_command(CLI::App& program) {
  auto dump = std::make_shared<std::string>();
  CLI::App* command = program.add_subcommand("wave", std::string(description_of("wave")));
  command->add_option(
      "DUMP", *dump,
      "Dump of `systole run --trace`, or folder of a failure; the newest of waveforms/ and failures/ if none is named");
  command->footer("Example: systole wave waveforms/lenet.vcd");
  return [dump] { return wave(*dump); };
}

}  // namespace systole::cli
