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
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "base/as_size.h"
#include "base/input_error.h"
#include "base/interrupt.h"
#include "base/output_file.h"
#include "base/process.h"
#include "base/temporary_folder.h"
#include "sim/session/result.h"

namespace systole::cli {
namespace {

namespace fs = std::filesystem;
using base::as_size;

constexpr std::string_view kName = "systole: ";  // before every error

constexpr std::string_view kEnough = "enough";  // in the folder of the workers

fs::path folder_of(const fs::path& place, std::size_t portion) { return place / std::to_string(portion); }
fs::path result_of(const fs::path& place, std::size_t portion) { return folder_of(place, portion) / "result.json"; }

/// Whether one process that ran all images would have gone on.
bool goes_on(const session::RunReport& report) {
  return report.outcome == kernel::Outcome::passed || report.outcome == kernel::Outcome::not_checked;
}

/// From now on nobody takes a portion.
void take_no_more(const fs::path& place) {
  std::error_code ignored;
  fs::create_directory(place / kEnough, ignored);
}

/// A worker that ended without the result of a portion.
struct Gone {
  std::size_t worker = 0;
  std::string last_line;
};

/// What all workers share.
struct Team {
  Team(std::size_t size, std::size_t portions)
      : images(size, 0), cycles(size, 0), seconds(size, 0), reports(portions) {}
  std::mutex mutex;  ///< of what follows
  std::vector<double> images;
  std::vector<std::uint64_t> cycles;
  std::vector<double> seconds;
  std::vector<std::optional<session::RunReport>> reports;  ///< by portion
  std::vector<Gone> gone = std::vector<Gone>(reports.size());

  std::atomic<std::size_t> first_failed = ~std::size_t{0};  ///< portion; later ones are not needed
};

/// One process, from its start to its last result.
class Worker {
 public:
  Worker(Team& team, WorkerPlace place, const session::Progress& progress)
      : team_(team), place_(std::move(place)), progress_(progress), taken_{place_.number} {}

  void run(std::vector<std::string> command) {
    command.insert(command.begin(), fs::read_symlink("/proc/self/exe").string());
    try {
      base::run_process(command, {.on_start = [this](int process) { process_ = process; }, .errors_too = true},
                        [this](const std::string& piece) { read(piece); });
    } catch (const std::exception& error) {
      last_line_ = error.what();
    }
    for (const std::size_t portion : taken_) read_result_of(portion);
  }

 private:
  /// The process was not waited for yet, so that its number is still its own.
  void read(const std::string& piece) {
    if (!asked_to_end_ && (taken_.back() > team_.first_failed || base::interrupted())) {
      asked_to_end_ = true;
      // A signal that came to all processes of a group would end the worker the second time, before its result is
      // there.
      ::kill(process_, base::interrupt_exit_code() == 128 + SIGTERM ? SIGINT : SIGTERM);
    }
    for (const char c : piece) {
      if (c != '\n') {
        line_ += c;
        continue;
      }
      const std::string line = std::exchange(line_, {});
      if (!take_portion(line) && !take_progress(line)) last_line_ = line;
    }
  }

  /// "portion NUMBER"
  bool take_portion(const std::string& line) {
    std::size_t portion = 0;
    if (std::sscanf(line.c_str(), "portion %zu", &portion) != 1 || portion >= team_.reports.size()) return false;
    if (portion != taken_.back()) taken_.push_back(portion);
    return true;
  }

  /// "progress IMAGES CYCLES"
  bool take_progress(const std::string& line) {
    double images = 0;
    unsigned long long cycles = 0;
    if (std::sscanf(line.c_str(), "progress %lf %llu", &images, &cycles) != 2) return false;
    const std::scoped_lock lock(team_.mutex);
    team_.images[place_.number] = images;
    team_.cycles[place_.number] = cycles;
    progress_(std::accumulate(team_.images.begin(), team_.images.end(), 0.0),
              std::accumulate(team_.cycles.begin(), team_.cycles.end(), std::uint64_t{0}));
    return true;
  }

  void read_result_of(std::size_t portion) {
    std::optional<session::RunReport> report;
    try {
      const fs::path result = result_of(place_.folder, portion);
      if (fs::exists(result)) report = session::read_result(result);
    } catch (const std::exception& error) {
      last_line_ = error.what();
    }
    if (!report || !goes_on(*report)) fail(portion);
    const std::scoped_lock lock(team_.mutex);
    if (report) team_.seconds[place_.number] += report->seconds;
    team_.reports.at(portion) = std::move(report);
    team_.gone.at(portion) = {.worker = place_.number, .last_line = last_line_};
  }

  void fail(std::size_t portion) {
    take_no_more(place_.folder);
    std::size_t before = team_.first_failed;
    while (portion < before && !team_.first_failed.compare_exchange_weak(before, portion)) {
    }
  }

  Team& team_;
  WorkerPlace place_;
  const session::Progress& progress_;
  std::vector<std::size_t> taken_;  ///< portions, the last under way
  int process_ = 0;
  bool asked_to_end_ = false;
  std::string line_, last_line_;  ///< under way, the last that says neither portion nor progress
};

/// Throws what a worker said of bad input.
void relay(std::string_view line) {
  if (!line.starts_with(kName)) return;
  line.remove_prefix(kName.size());
  const std::size_t colon = line.find(": ");
  if (colon == std::string_view::npos) throw base::InputError(line, "", "");
  throw base::InputError(line.substr(0, colon), "", line.substr(colon + 2));
}

/// The reports up to the first that did not pass. A portion without one makes what came before it a run that is lost.
session::RunReport join(Team& team) {
  std::vector<session::RunReport> parts;
  for (std::size_t i = 0; i < team.reports.size(); ++i) {
    if (team.reports[i]) {
      parts.push_back(std::move(*team.reports[i]));
      if (!goes_on(parts.back())) break;
      continue;
    }
    const auto& [worker, last_line] = team.gone[i];
    relay(last_line);
    session::RunReport lost = parts.empty() ? session::RunReport() : session::merge(std::move(parts));
    lost.outcome = kernel::Outcome::lost;
    lost.detail = fmt::format("worker {} of {} ended without a result{}{}", worker + 1, team.images.size(),
                              last_line.empty() ? "" : ": ", last_line);
    return lost;
  }
  return session::merge(std::move(parts));
}

/// Whether nobody else has the portion.
bool take(const fs::path& place, std::size_t portion) {
  const fs::path folder = folder_of(place, portion);
  std::error_code code;
  const bool taken = fs::create_directory(folder, code);
  if (code) throw base::InputError(folder.string(), "", "cannot be made: " + code.message());
  return taken;
}

/// The next after `portion`, or their number.
std::size_t take_next(const fs::path& place, std::size_t portion, std::size_t portions) {
  if (fs::exists(place / kEnough)) return portions;
  while (++portion < portions && !take(place, portion)) {
  }
  return portion;
}

/// Progress of a worker, now and then a line; `images` and `cycles` are those of portions before.
session::Progress worker_progress(double images, std::uint64_t cycles) {
  using Clock = std::chrono::steady_clock;
  constexpr auto kPeriod = std::chrono::milliseconds(100);
  return [kPeriod, images, cycles, last = Clock::now() - kPeriod](double more_images, std::uint64_t more) mutable {
    if (Clock::now() - last < kPeriod) return;
    last = Clock::now();
    fmt::print("progress {} {}\n", images + more_images, cycles + more);
    std::fflush(stdout);
  };
}

}  // namespace

std::vector<Portion> portions_of(std::int64_t first, std::int64_t count, int workers, bool share_rest) {
  constexpr std::int64_t kMost = 100;  // the smallest, of all
  const std::int64_t size = std::min<std::int64_t>(workers, count), end = first + count;
  std::vector<Portion> portions;
  if (!share_rest) {
    for (std::int64_t i = 0; i < size; ++i) {
      const std::int64_t begin = count * i / size;
      portions.push_back({.first = first + begin, .count = count * (i + 1) / size - begin});
    }
    return portions;
  }
  while (first < end) {
    const std::int64_t each = std::max({std::int64_t{1}, count / kMost, (end - first) * 7 / (8 * size)});
    for (std::int64_t i = 0; i < size && first < end; ++i, first += each)
      portions.push_back({.first = first, .count = std::min(each, end - first)});
  }
  return portions;
}

session::RunReport run_in_workers(const std::vector<Portion>& portions, int workers, const WorkerArguments& arguments,
                                  const session::Progress& progress) {
  const std::size_t size = std::min(as_size(workers), portions.size());
  const base::TemporaryFolder folder;
  for (std::size_t i = 0; i < size; ++i) (void)take(folder.path(), i);
  Team team(size, portions.size());
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < size; ++i) {
      const WorkerPlace place{.folder = folder.path(), .number = i};
      threads.emplace_back(
          [&team, &progress, place, command = arguments(place)] { Worker(team, place, progress).run(command); });
    }
  }
  session::RunReport report = join(team);
  report.seconds = *std::ranges::max_element(team.seconds);
  return report;
}

kernel::Outcome run_portions(
    const WorkerPlace& place, const std::vector<Portion>& portions,
    const std::function<session::RunReport(const Portion& portion, const session::Progress& progress)>& run) {
  double images = 0;
  std::uint64_t cycles = 0;
  kernel::Outcome outcome = kernel::Outcome::nothing_compared;
  for (std::size_t i = place.number; i < portions.size(); i = take_next(place.folder, i, portions.size())) {
    fmt::print("portion {}\n", i);
    std::fflush(stdout);
    const session::RunReport report = run(portions[i], worker_progress(images, cycles));
    base::write_file(result_of(place.folder, i), session::result_text(report));  // without the wait for the disk
    outcome = report.outcome;
    if (!goes_on(report)) {
      take_no_more(place.folder);
      break;
    }
    images += static_cast<double>(report.images);
    cycles += report.cycles;
  }
  return outcome;
}

}  // namespace systole::cli
