// SPDX-License-Identifier: Apache-2.0
#include "cli/workers.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <numeric>
#include <optional>
#include <thread>
#include <utility>

#include "base/as_size.h"
#include "base/input_error.h"
#include "base/interrupt.h"
#include "base/process.h"
#include "base/temporary_folder.h"
#include "sim/session/result.h"

namespace systole::cli {
namespace {

using base::as_size;

constexpr std::string_view kName = "systole: ";  // before every error

/// What all workers share.
struct Team {
  explicit Team(std::size_t size) : images(size, 0), cycles(size, 0), reports(size) {}
  std::mutex mutex;  ///< of what follows
  std::vector<double> images;
  std::vector<std::uint64_t> cycles;
  std::vector<std::optional<session::RunReport>> reports;
  std::vector<std::string> last_lines = std::vector<std::string>(reports.size());  ///< of workers without a result

  std::atomic<std::size_t> first_failed = ~std::size_t{0};  ///< worker; later ones are not needed
};

/// One process, from its start to its result.
class Worker {
 public:
  Worker(Team& team, std::size_t index, const session::Progress& progress)
      : team_(team), index_(index), progress_(progress) {}

  void run(std::vector<std::string> command, const std::filesystem::path& result) {
    command.insert(command.begin(), std::filesystem::read_symlink("/proc/self/exe").string());
    std::optional<session::RunReport> report;
    try {
      base::run_process(command, {.on_start = [this](int process) { process_ = process; }, .errors_too = true},
                        [this](const std::string& piece) { read(piece); });
      if (std::filesystem::exists(result)) report = session::read_result(result);
    } catch (const std::exception& error) {
      last_line_ = error.what();
    }
    if (!report || report->outcome != kernel::Outcome::passed) fail();
    const std::scoped_lock lock(team_.mutex);
    team_.reports[index_] = std::move(report);
    team_.last_lines[index_] = last_line_;
  }

 private:
  /// The process was not waited for yet, so that its number is still its own.
  void read(const std::string& piece) {
    if (!asked_to_end_ && (index_ > team_.first_failed || base::interrupted())) {
      asked_to_end_ = true;
      ::kill(process_, SIGTERM);
    }
    for (const char c : piece) {
      if (c != '\n') {
        line_ += c;
        continue;
      }
      taken_ = std::exchange(line_, {});
      if (!take_progress()) last_line_ = taken_;
    }
  }

  /// "progress IMAGES CYCLES"
  bool take_progress() {
    double images = 0;
    unsigned long long cycles = 0;
    if (std::sscanf(taken_.c_str(), "progress %lf %llu", &images, &cycles) != 2) return false;
    const std::scoped_lock lock(team_.mutex);
    team_.images[index_] = images;
    team_.cycles[index_] = cycles;
    progress_(std::accumulate(team_.images.begin(), team_.images.end(), 0.0),
              std::accumulate(team_.cycles.begin(), team_.cycles.end(), std::uint64_t{0}));
    return true;
  }

  void fail() {
    std::size_t before = team_.first_failed;
    while (index_ < before && !team_.first_failed.compare_exchange_weak(before, index_)) {
    }
  }

  Team& team_;
  std::size_t index_;
  const session::Progress& progress_;
  int process_ = 0;
  bool asked_to_end_ = false;
  std::string line_, taken_, last_line_;  ///< under way, ended, the last that is no progress
};

/// Throws what a worker said of bad input.
void relay(std::string_view line) {
  if (!line.starts_with(kName)) return;
  line.remove_prefix(kName.size());
  const std::size_t colon = line.find(": ");
  if (colon == std::string_view::npos) throw base::InputError(line, "", "");
  throw base::InputError(line.substr(0, colon), "", line.substr(colon + 2));
}

/// The reports up to the first that did not pass. A worker without one makes what came before it a run that is lost.
session::RunReport join(Team& team) {
  std::vector<session::RunReport> parts;
  for (std::size_t i = 0; i < team.reports.size(); ++i) {
    if (team.reports[i]) {
      parts.push_back(std::move(*team.reports[i]));
      if (parts.back().outcome != kernel::Outcome::passed) break;
      continue;
    }
    relay(team.last_lines[i]);
    session::RunReport lost = parts.empty() ? session::RunReport() : session::merge(std::move(parts));
    lost.outcome = kernel::Outcome::lost;
    lost.detail = fmt::format("worker {} of {} ended without a result{}{}", i + 1, team.reports.size(),
                              team.last_lines[i].empty() ? "" : ": ", team.last_lines[i]);
    return lost;
  }
  return session::merge(std::move(parts));
}

}  // namespace

session::RunReport run_in_workers(std::int64_t first, std::int64_t count, int workers, const WorkerArguments& arguments,
                                  const session::Progress& progress) {
  const std::int64_t size = std::min<std::int64_t>(workers, count);
  const base::TemporaryFolder folder;
  Team team(as_size(size));
  {
    std::vector<std::jthread> threads;
    for (std::int64_t i = 0; i < size; ++i) {
      const std::int64_t begin = count * i / size, end = count * (i + 1) / size;
      const std::filesystem::path result = folder / fmt::format("{}.json", i);
      threads.emplace_back([&team, &progress, i, result, command = arguments(first + begin, end - begin, result)] {
        Worker(team, as_size(i), progress).run(command, result);
      });
    }
  }
  return join(team);
}

session::Progress worker_progress() {
  using Clock = std::chrono::steady_clock;
  constexpr auto kPeriod = std::chrono::milliseconds(100);
  return [kPeriod, last = Clock::now() - kPeriod](double images, std::uint64_t cycles) mutable {
    if (Clock::now() - last < kPeriod) return;
    last = Clock::now();
    fmt::print("progress {} {}\n", images, cycles);
    std::fflush(stdout);
  };
}

}  // namespace systole::cli
