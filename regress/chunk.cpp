// SPDX-License-Identifier: Apache-2.0
#include "regress/chunk.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "base/input_error.h"
#include "base/interrupt.h"
#include "base/output_file.h"
#include "regress/local_runner.h"

namespace systole::regress {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

double seconds_of(const Task& task) { return task.expected > 0 ? task.expected : kUnknownSeconds; }

double seconds_of(std::span<const Task> tasks) {
  double sum = 0;
  for (const Task& task : tasks) sum += seconds_of(task);
  return sum;
}

/// How often Slurm has put this array task back into its queue.
int restarts() {
  const char* text = std::getenv("SLURM_RESTART_COUNT");
  return text == nullptr ? 0 : std::atoi(text);
}

Task task_of(const Json& json, std::size_t number) {
  return {.number = number,
          .command = json.at("command").get<std::vector<std::string>>(),
          .folder = json.at("folder").get<std::string>(),
          .expected = json.at("expected").get<double>()};
}

Json ending_json(const Ending& ending) {
  return {{"version", 1},
          {"status", ending.status},
          {"late", ending.late},
          {"large", ending.large},
          {"seconds", ending.seconds}};
}

/// The attempt of this process at one chunk.
class Attempt {
 public:
  Attempt(const fs::path& array, std::size_t place, const Chunk& chunk)
      : array_(array), folder_(array / fmt::format("{}.{}", place, restarts())), chunk_(chunk) {}

  int run() {
    const base::InterruptGuard guard;
    LocalRunner(chunk_.workers)
        .run({.next = [this] { return next(); },
              .ended = [this](const Task& task, const Ending& ending) { ended(task, ending); }},
             chunk_.limits);
    if (!base::interrupted()) return 0;
    std::error_code ignored;
    fs::create_directories(folder_, ignored);
    base::write_file(folder_ / kGivenBack, "");
    return base::interrupt_exit_code();
  }

 private:
  std::optional<Task> next() {
    if (fs::exists(array_ / kClosed) || fs::exists(array_.parent_path() / kStop)) return std::nullopt;
    while (next_ < chunk_.tasks.size() && fs::exists(chunk_.tasks[next_].folder)) ++next_;
    if (next_ == chunk_.tasks.size()) return std::nullopt;
    Task task = chunk_.tasks[next_];
    task.number = next_++;
    const std::string report = (task.folder / kReport).string();
    task.folder = folder_ / std::to_string(task.number);
    std::ranges::replace(task.command, report, (task.folder / kReport).string());
    return task;
  }

  /// Another that ran the same task may have been first: then that is its ending.
  void ended(const Task& task, const Ending& ending) {
    const fs::path& place = chunk_.tasks[task.number].folder;
    base::write_file(task.folder / kEnding, ending_json(ending).dump() + "\n");
    std::error_code code;
    fs::create_directories(place.parent_path(), code);
    fs::rename(task.folder, place, code);
    if (code && !fs::exists(place))
      throw base::InputError(place.string(), "", "cannot be put into its place: " + code.message());
  }

  const fs::path &array_, folder_;
  const Chunk& chunk_;
  std::size_t next_ = 0;
};

}  // namespace

std::vector<std::vector<Task>> chunks_of(std::vector<Task> tasks, const ChunkSize& size) {
  const double share = seconds_of(tasks) / static_cast<double>(std::max<std::size_t>(size.most_chunks, 1));
  const double enough = std::max(size.seconds * size.workers, share);
  std::vector<std::vector<Task>> chunks;
  double filled = enough;
  for (Task& task : tasks) {
    if (filled >= enough) {
      chunks.emplace_back();
      filled = 0;
    }
    filled += seconds_of(task);
    chunks.back().push_back(std::move(task));
  }
  if (filled < enough && chunks.size() > 1) {  // what is left is no chunk of its own
    std::vector<Task> rest = std::move(chunks.back());
    chunks.pop_back();
    std::ranges::move(rest, std::back_inserter(chunks.back()));
  }
  return chunks;
}

long minutes_of(std::span<const Task> chunk, const Limits& limits, int workers) {
  constexpr double kMinute = 60, kSlower = 3;
  const auto limit = static_cast<double>(limits.seconds);
  const double rounds = std::ceil(static_cast<double>(chunk.size()) / workers);
  const double seconds = std::min(rounds * limit, limit + kSlower * seconds_of(chunk) / workers);
  return static_cast<long>(std::ceil(seconds / kMinute)) + 1;
}

std::string chunk_file(std::size_t place) { return fmt::format("{}.json", place); }
std::string chunk_log(std::size_t place) { return fmt::format("{}.log", place); }

void write_chunk(const fs::path& file, const Chunk& chunk) {
  Json tasks = Json::array();
  for (const Task& task : chunk.tasks)
    tasks.push_back({{"folder", task.folder.string()}, {"expected", task.expected}, {"command", task.command}});
  const Json json{{"version", 1},
                  {"where", chunk.where.string()},
                  {"workers", chunk.workers},
                  {"seconds", chunk.limits.seconds},
                  {"memory_mb", chunk.limits.memory_mb},
                  {"tasks", tasks}};
  base::write_file(file, json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

Chunk read_chunk(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  try {
    const Json json = Json::parse(in);
    if (json.at("version") != 1) throw base::InputError(file.string(), "version", "is of another systole");
    Chunk chunk;
    chunk.where = json.at("where").get<std::string>();
    json.at("workers").get_to(chunk.workers);
    json.at("seconds").get_to(chunk.limits.seconds);
    json.at("memory_mb").get_to(chunk.limits.memory_mb);
    for (const Json& task : json.at("tasks")) chunk.tasks.push_back(task_of(task, chunk.tasks.size()));
    return chunk;
  } catch (const Json::exception& error) {
    throw base::InputError(file.string(), "", std::string("is no whole chunk: ") + error.what());
  }
}

int run_chunk(const fs::path& array, std::size_t place) {
  const Chunk chunk = read_chunk(array / chunk_file(place));
  std::error_code code;
  fs::current_path(chunk.where, code);
  if (code) throw base::InputError(chunk.where.string(), "", "this node cannot go there: " + code.message());
  constexpr int kMostRestarts = 5;  // a job that takes its node down would do so for ever
  if (restarts() > kMostRestarts)
    throw base::InputError(array.string(), chunk_file(place), fmt::format("was put back {} times", kMostRestarts));
  return Attempt(array, place, chunk).run();
}

std::optional<Ending> read_ending(const fs::path& folder) {
  std::ifstream in(folder / kEnding, std::ios::binary);
  if (!in) return std::nullopt;
  try {
    const Json json = Json::parse(in);
    Ending ending;
    json.at("status").get_to(ending.status);
    json.at("late").get_to(ending.late);
    json.at("large").get_to(ending.large);
    json.at("seconds").get_to(ending.seconds);
    return ending;
  } catch (const Json::exception&) {  // the disk cut it: the task is run again
    return std::nullopt;
  }
}

fs::path last_attempt(const fs::path& array, std::size_t place) {
  const std::string start = fmt::format("{}.", place);
  int last = -1;
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(array, code)) {
    const std::string name = entry.path().filename().string();
    int restart = -1;
    if (!name.starts_with(start)) continue;
    const char* const end = name.data() + name.size();
    if (std::from_chars(name.data() + start.size(), end, restart).ptr == end) last = std::max(last, restart);
  }
  return last < 0 ? fs::path() : array / fmt::format("{}{}", start, last);
}

}  // namespace systole::regress
