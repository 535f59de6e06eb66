// SPDX-License-Identifier: Apache-2.0
#include "cli/build_tree.h"

#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <utility>

#include "base/file_lock.h"
#include "base/input_error.h"
#include "base/interrupt.h"
#include "base/interrupted.h"
#include "base/process.h"
#include "base/progress.h"
#include "base/standard_streams.h"
#include "sim/dut/registry.h"
#include "sim/dut/source_file.h"

namespace systole::cli {
namespace {

namespace fs = std::filesystem;

bool attached = false;

/// Keeps the output, draws how far Ninja is ("[3/40] Building ...") and remembers the first error. Says nothing where
/// there is nothing to build.
class BuildOutput {
 public:
  BuildOutput(const std::string& target, const fs::path& log)
      : first_line_(fmt::format("builds {} ({})", target, log.string())), log_(log) {}
  void add(const std::string& piece) {
    for (const char c : piece) {
      if (c != '\n') {
        line_ += c;
        continue;
      }
      add_line(line_);
      line_.clear();
    }
  }
  [[nodiscard]] const std::string& error() const { return error_; }

 private:
  void add_line(const std::string& line) {
    log_ << line << '\n';
    if (error_.empty() && (line.find("rror: ") != std::string::npos || line.find("rror-") != std::string::npos)) {
      error_ = line;
    }
    unsigned done = 0, total = 0;
    if (std::sscanf(line.c_str(), "[%u/%u]", &done, &total) != 2 || total == 0) return;
    const bool checks = line.find("Re-checking") != std::string::npos || line.find("Re-running") != std::string::npos;
    if (checks) return;
    if (!first_line_.empty()) base::print_error(std::exchange(first_line_, {}));
    if (total != total_) bar_.emplace("build steps", total_ = total);
    bar_->set(done);
  }

  std::string first_line_, line_;
  std::ofstream log_;
  std::optional<base::ProgressBar> bar_;
  unsigned total_ = 0;
  std::string error_;
};

}  // namespace

void attach_build_tree() { attached = true; }

fs::path build_tree() {
  if (!attached || dut::is_frozen()) return {};
  const dut::BuildPlace& place = dut::build_place();
  const fs::path folder(place.build_folder);
  if (folder.empty() || !fs::exists(folder / "CMakeCache.txt")) return {};
  // A program that was installed from a tree which is still there is not one of it.
  const fs::path own = fs::read_symlink("/proc/self/exe").lexically_relative(fs::canonical(folder));
  if (own.empty() || *own.begin() == "..") return {};
  return fs::exists(fs::path(place.source_folder) / "CMakeLists.txt") ? folder : fs::path();
}

void build_target(const std::string& target, const std::vector<std::string>& reconfigure) {
  const base::InterruptGuard guard;
  const fs::path folder = build_tree(), log = folder / "dut" / (target + ".log");
  fs::create_directories(log.parent_path());
  const base::FileLock lock(folder / "dut/lock", [&](const std::string& holder) {
    base::print_error(fmt::format("waits for another build in {}: {}", (folder / "dut").string(), holder));
  });
  BuildOutput output(target, log);
  const auto run = [&](const std::vector<std::string>& command) {
    return base::run_process(command, {.errors_too = true}, [&output](const std::string& piece) { output.add(piece); });
  };
  const std::string cmake(dut::build_place().cmake);
  bool built = true;
  if (!reconfigure.empty()) {
    std::vector<std::string> command{cmake};
    command.insert(command.end(), reconfigure.begin(), reconfigure.end());
    command.push_back(folder.string());
    built = run(command);
  }
  built = built && run({cmake, "--build", folder.string(), "--target", target});
  if (base::interrupted()) throw base::Interrupted();
  if (!built) {
    throw base::InputError(
        log.string(), "",
        fmt::format("{} was not built: {}", target, output.error().empty() ? "see that file" : output.error()));
  }
}

}  // namespace systole::cli
