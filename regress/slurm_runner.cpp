// SPDX-License-Identifier: Apache-2.0
#include "regress/slurm_runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <list>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <system_error>
#include <thread>
#include <utility>

#include "base/counted.h"
#include "base/input_error.h"
#include "base/interrupt.h"
#include "base/output_file.h"
#include "base/quote.h"
#include "base/sha256.h"
#include "regress/chunk.h"

namespace systole::regress {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr const char *kId = "id", *kScript = "task.sh", *kToken = "token";
constexpr int kMostStrikes = 3;

std::string line_of(const fs::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

/// The last line that is not empty.
std::string last_line_of(const fs::path& file) {
  std::ifstream in(file);
  std::string last;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) last = line;
  }
  return base::terminal_text(last);
}

/// Numbers of the arrays in the folder, those that are closed included.
std::vector<int> array_numbers(const fs::path& folder) {
  std::vector<int> numbers;
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(folder, code)) {
    const std::string name = entry.path().filename().string();
    if (name.size() < 9 && name.find_first_not_of("0123456789") == std::string::npos)
      numbers.push_back(std::stoi(name));
  }
  std::ranges::sort(numbers);
  return numbers;
}

fs::path array_folder(const fs::path& folder, int number) { return folder / fmt::format("{:03}", number); }

/// What nobody else's arrays are called; the first to ask writes it down.
std::string token_of(const fs::path& folder) {
  if (std::string token = line_of(folder / kToken); !token.empty()) return token;
  std::random_device random;
  const std::string token = fmt::format("{:08x}{:08x}", random(), random());
  base::write_file_at_once(folder / kToken, token + "\n");
  return token;
}

/// A copy of the program by its contents, so that an edit changes nothing for an array that is under way.
fs::path keep_program(const fs::path& program, const fs::path& folder) {
  const fs::path kept = folder / ("systole-" + base::sha256_of_file(program).substr(0, 12));
  if (fs::exists(kept)) return kept;
  const fs::path part = kept.string() + ".part";
  std::error_code code;
  fs::copy_file(program, part, fs::copy_options::overwrite_existing, code);
  if (!code) fs::rename(part, kept, code);
  if (code) throw base::InputError(kept.string(), "", "cannot be written: " + code.message());
  return kept;
}

/// What each array task runs. Its chunk may show late; once it does, all that goes wrong is told in the log.
std::string script_of(const fs::path& array, const fs::path& program, std::chrono::seconds late) {
  return fmt::format(R"(#!/bin/sh
array={} task=$SLURM_ARRAY_TASK_ID seconds=0
until [ -e "$array/$task.json" ]; do
  [ ! -e "$array/{}" ] || exit 0
  seconds=$((seconds + 1))
  [ $seconds -le {} ] || exit 1
  sleep 1
done
exec >>"$array/$task.log" 2>&1
exec {} regress-chunk "$array" "$task"
)",
                     base::shell_word(array.string()), kClosed, late.count(), base::shell_word(program.string()));
}

/// Whether a job that ran when its array task ended so may be the reason of it. `given_back`: the chunk was told to end
/// and did.
bool blames_jobs(const std::string& state, bool given_back) {
  constexpr std::array kBlaming{"OUT_OF_MEMORY", "TIMEOUT", "DEADLINE"};
  if (state == "FAILED") return !given_back;
  return std::ranges::find(kBlaming, state) != kBlaming.end();
}

struct SentArray {
  fs::path folder;
  std::string name, id;
  std::size_t open = 0;  ///< chunks that are waited for
};

struct SentTask {
  Task task;
  std::size_t place = 0;  ///< in its chunk
};

struct SentChunk {
  SentArray* array = nullptr;
  std::size_t place = 0;  ///< in its array
  std::vector<SentTask> left;
  std::string state = "PENDING", reason = {};
  bool alive = true, began = false, progress = false;
  Clock::time_point ended = {};
};

/// One call of SlurmRunner::run.
class Dispatch {
 public:
  Dispatch(const fs::path& folder, const fs::path& program, const SlurmOptions& options, const SlurmRunner::Tell& tell,
           const TaskFlow& flow, const Limits& limits)
      : folder_(folder),
        token_(token_of(folder)),
        program_(keep_program(program, folder)),
        options_(options),
        tell_(tell),
        flow_(flow),
        limits_(limits),
        queue_limits_(array_limits()) {}

  void run() {
    take();
    adopt();
    close_arrays();
    while (!base::interrupted()) {
      if (flow_.enough()) stop();
      if (!stopped_ && time_to_send()) send();
      if (chunks_.empty() && (stopped_ || !waiting())) return;
      wait(options_.poll);
      look();
      take();
    }
    cancel_all();
  }

  /// No array of this process is left.
  void cancel_all() {
    for (const SentArray& array : arrays_) cancel_array(array.name);
    constexpr std::chrono::seconds kPatience{60};  // Slurm's KillWait is 30
    const auto until = Clock::now() + kPatience;
    while (!chunks_.empty() && Clock::now() < until) {
      ask_queue();
      settle();
      for (SentChunk& chunk : chunks_) {
        if (!chunk.alive) --chunk.array->open;
      }
      std::erase_if(chunks_, [](const SentChunk& chunk) { return !chunk.alive; });
      close_arrays();
      if (!chunks_.empty()) std::this_thread::sleep_for(std::chrono::milliseconds(500));
    }
    if (!chunks_.empty()) tell_(fmt::format("slurm: arrays {}.* may still be there: scancel --name", token_));
  }

 private:
  [[nodiscard]] bool waiting() const { return !fresh_.empty() || !alone_.empty(); }

  /// All that is to be run. What comes a second time was lost, and gets an array task of its own.
  void take() {
    while (std::optional<Task> task = flow_.next()) {
      const bool first = seen_.insert(task->number).second;
      const std::optional<Ending> ending = first ? read_ending(task->folder) : std::nullopt;
      if (ending) {  // whoever waited for it is gone
        report(*task, *ending);
      } else {
        (first ? fresh_ : alone_).push_back(*std::move(task));
      }
    }
  }

  // --- arrays of a process that is gone

  void adopt() {
    std::error_code ignored;
    fs::remove(folder_ / kStop, ignored);
    std::map<fs::path, Task*> missing;  // by their folders
    for (Task& task : fresh_) missing.emplace(fs::absolute(task.folder).lexically_normal(), &task);
    for (const int number : array_numbers(folder_)) {
      if (!fs::exists(array_folder(folder_, number) / kClosed)) adopt(number, missing);
    }
    std::set<std::size_t> rest;
    for (const auto& [folder, task] : missing) rest.insert(task->number);
    std::erase_if(fresh_, [&rest](const Task& task) { return !rest.contains(task.number); });
  }

  void adopt(int number, std::map<fs::path, Task*>& missing) {
    SentArray& array = arrays_.emplace_back();
    array.folder = array_folder(folder_, number);
    array.name = name_of(number);
    array.id = line_of(array.folder / kId);
    if (array.id.empty()) array.id = id_of(array.name);
    for (std::size_t place = 0; !array.id.empty() && fs::exists(array.folder / chunk_file(place)); ++place) {
      const Chunk chunk = read_chunk(array.folder / chunk_file(place));
      SentChunk sent{.array = &array, .place = place, .left = {}};
      for (const Task& task : chunk.tasks) {
        const auto found = missing.find((chunk.where / task.folder).lexically_normal());
        if (found == missing.end()) continue;
        sent.left.push_back({.task = *found->second, .place = task.number});
        missing.erase(found);
      }
      if (sent.left.empty()) continue;
      ++array.open;
      chunks_.push_back(std::move(sent));
    }
    if (array.open == 0) return cancel_array(array.name);
    tell_(fmt::format("slurm: array {} goes on: {}", array.id, base::counted(array.open, "array task")));
  }

  /// Of an array whose process ended while it was sent; empty where it was not taken.
  [[nodiscard]] static std::string id_of(const std::string& name) {
    const std::optional<Queue> queue = queue_of({name});
    if (!queue) throw base::InputError("--slurm", name, "the cluster does not say whether it has that array");
    return queue->empty() ? "" : queue->begin()->second.array;
  }

  // --- sending

  /// Retries come one by one and go out together.
  [[nodiscard]] bool time_to_send() const {
    constexpr int kPolls = 6;
    return waiting() && (chunks_.empty() || !sent_ || Clock::now() - *sent_ >= kPolls * options_.poll);
  }

  void send() {
    constexpr std::size_t kShareOfQueue = 2;
    ChunkSize size{.seconds = static_cast<double>(options_.task.count()),
                   .workers = options_.cpus,
                   .most_chunks = queue_limits_.queued / kShareOfQueue};
    constexpr std::size_t kArrays = 10;
    // The throttle is that of an array.
    size.most_chunks = std::min(size.most_chunks, queue_limits_.tasks * (options_.throttle > 0 ? 1 : kArrays));
    std::vector<std::vector<Task>> chunks = chunks_of(std::exchange(fresh_, {}), size);
    size.seconds = 0;
    for (std::vector<Task>& chunk : chunks_of(std::exchange(alone_, {}), size)) chunks.push_back(std::move(chunk));
    while (!chunks.empty()) {
      const auto count = static_cast<std::ptrdiff_t>(std::min(chunks.size(), queue_limits_.tasks));
      std::vector<std::vector<Task>> some(std::make_move_iterator(chunks.begin()),
                                          std::make_move_iterator(chunks.begin() + count));
      chunks.erase(chunks.begin(), chunks.begin() + count);
      if (send(some)) continue;
      chunks.insert(chunks.begin(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end()));
      break;
    }
    for (std::vector<Task>& chunk : chunks) std::ranges::move(chunk, std::back_inserter(fresh_));
    sent_ = Clock::now();
  }

  /// One array. False where the queue takes no more now.
  bool send(std::vector<std::vector<Task>>& chunks) {
    const std::vector<int> numbers = array_numbers(folder_);
    const int number = numbers.empty() ? 1 : numbers.back() + 1;
    SentArray array{.folder = array_folder(folder_, number), .name = name_of(number), .id = {}, .open = chunks.size()};
    ArrayRequest request{.name = array.name, .tasks = chunks.size(), .script = array.folder / kScript};
    write_array(array.folder, chunks, request.minutes);
    try {
      array.id = submit_array(request, options_, limits_);
    } catch (const base::InputError& error) {
      cancel_array(array.name);  // it may have been taken all the same
      arrays_.push_back(array);
      arrays_.back().open = 0;
      close_arrays();
      if (chunks_.empty()) throw;
      tell_once(fmt::format("slurm: {}; sent again later", error.what()));
      return false;
    }
    base::write_file_at_once(array.folder / kId, array.id + "\n");
    std::size_t tasks = 0;
    for (const std::vector<Task>& chunk : chunks) tasks += chunk.size();
    tell_(fmt::format("slurm: array {}: {} in {}, {} min each at most", array.id, base::counted(tasks, "job"),
                      base::counted(chunks.size(), "array task"), request.minutes));
    arrays_.push_back(std::move(array));
    for (std::size_t place = 0; place < chunks.size(); ++place) {
      SentChunk sent{.array = &arrays_.back(), .place = place, .left = {}};
      for (Task& task : chunks[place]) {
        const std::size_t at = sent.left.size();
        sent.left.push_back({.task = std::move(task), .place = at});
      }
      chunks_.push_back(std::move(sent));
    }
    return true;
  }

  /// All files of an array, there at once. A task's folder is gone until it ends.
  void write_array(const fs::path& array, const std::vector<std::vector<Task>>& chunks, long& minutes) {
    const fs::path fresh = array.string() + ".new";
    std::error_code code;
    fs::remove_all(fresh, code);
    fs::create_directories(fresh, code);
    if (code) throw base::InputError(fresh.string(), "", "cannot be made: " + code.message());
    for (std::size_t place = 0; place < chunks.size(); ++place) {
      for (const Task& task : chunks[place]) fs::remove_all(task.folder);
      write_chunk(fresh / chunk_file(place),
                  {.where = fs::current_path(), .tasks = chunks[place], .limits = limits_, .workers = options_.cpus});
      minutes = std::max(minutes, minutes_of(chunks[place], limits_, options_.cpus));
    }
    base::write_file(fresh / kScript, script_of(array, program_, options_.late));
    fs::rename(fresh, array, code);
    if (code) throw base::InputError(array.string(), "", "cannot be made: " + code.message());
  }

  [[nodiscard]] std::string name_of(int number) const { return fmt::format("systole-{}.{:03}", token_, number); }

  // --- looking

  void look() {
    ask_queue();
    settle();
    for (auto chunk = chunks_.begin(); chunk != chunks_.end();) {
      const bool over = !chunk->alive && (chunk->left.empty() || Clock::now() - chunk->ended >= options_.late);
      if (!over && !chunk->left.empty()) {
        ++chunk;
        continue;
      }
      if (!chunk->left.empty()) give_back(*chunk);
      --chunk->array->open;
      chunk = chunks_.erase(chunk);
    }
    close_arrays();
  }

  void ask_queue() {
    std::vector<std::string> names;
    for (const SentArray& array : arrays_) names.push_back(array.name);
    const std::optional<Queue> queue = queue_of(names);
    if (!queue) return tell_once("slurm: squeue gets no answer; asked again");
    for (SentChunk& chunk : chunks_) {
      const auto found = queue->find({chunk.array->name, chunk.place});
      const bool alive = found != queue->end() && found->second.alive();
      chunk.state = found == queue->end() ? "forgotten" : found->second.state;
      chunk.reason = found == queue->end() ? "" : found->second.reason;
      chunk.began = chunk.began || chunk.state != "PENDING";
      if (chunk.alive && !alive) chunk.ended = Clock::now();
      chunk.alive = alive;  // also again: what a node lost is put back into the queue
      if (chunk.state == "PENDING") tell_why_it_waits(chunk.reason);
    }
  }

  /// A reason that does not go away by itself.
  void tell_why_it_waits(const std::string& reason) {
    constexpr std::array kOrdinary{"None",   "Priority", "Resources", "JobArrayTaskLimit", "BeginTime", "Cleaning",
                                   "Prolog", "(null)",   "",          "Reservation",       "Dependency"};
    if (std::ranges::find(kOrdinary, reason) == kOrdinary.end())
      tell_once(fmt::format("slurm: array tasks wait for {}", reason));
  }

  /// The endings that are there.
  void settle() {
    for (SentChunk& chunk : chunks_) {
      if (!chunk.began && chunk.alive) continue;
      for (std::size_t i = chunk.left.size(); i-- > 0;) {
        const std::optional<Ending> ending = read_ending(chunk.left[i].task.folder);
        if (!ending) continue;
        chunk.progress = true;
        const Task task = std::move(chunk.left[i].task);
        chunk.left.erase(chunk.left.begin() + static_cast<std::ptrdiff_t>(i));
        report(task, *ending);
      }
    }
  }

  void report(const Task& task, const Ending& ending) {
    works_ = true;
    strikes_.erase(task.number);
    flow_.ended(task, ending);
    std::error_code ignored;
    fs::remove(task.folder / kEnding, ignored);
  }

  // --- array tasks that ended without all endings

  void give_back(SentChunk& chunk) {
    if (stopped_) return;
    if (chunk.state != "COMPLETED") cancel_array_task(chunk.array->id, chunk.place);
    const fs::path attempt = last_attempt(chunk.array->folder, chunk.place);
    require_works(chunk, !attempt.empty());
    const bool blames = blames_jobs(chunk.state, fs::exists(attempt / kGivenBack));
    for (SentTask& sent : chunk.left) {
      const fs::path cut = attempt / std::to_string(sent.place);
      const bool ran = !attempt.empty() && fs::exists(cut);
      const bool spared = chunk.state == "PREEMPTED" || (!ran && chunk.progress);
      const int strikes = spared ? strikes_[sent.task.number] : ++strikes_[sent.task.number];
      if ((ran && blames) || strikes >= kMostStrikes) {
        lose(sent.task, cut, chunk);
      } else {
        fresh_.push_back(std::move(sent.task));
      }
    }
  }

  /// The first array task that ended without a trace of work speaks for all.
  void require_works(const SentChunk& chunk, bool attempted) const {
    if (works_ || attempted || chunk.state != "FAILED") return;
    const std::string said = last_line_of(chunk.array->folder / chunk_log(chunk.place));
    const std::string where = fmt::format("array task {}_{}", chunk.array->id, chunk.place);
    if (!said.empty()) throw base::InputError("--slurm", where, "its node cannot run it: " + said);
    throw base::InputError(folder_.string(), "",
                           where + " ended and left nothing there: the folder must be one that all nodes share (-o)");
  }

  void lose(const Task& task, const fs::path& cut, const SentChunk& chunk) {
    std::error_code ignored;
    fs::create_directories(task.folder.parent_path(), ignored);
    fs::rename(cut, task.folder, ignored);  // with its last lines
    fs::create_directories(task.folder, ignored);
    const std::string said = last_line_of(chunk.array->folder / chunk_log(chunk.place));
    const std::string reason = chunk.reason.empty() || chunk.reason == "None" ? "" : " " + chunk.reason;
    const char* const what = chunk.state == "FAILED" ? "was killed, perhaps for its memory" : "ended";
    report(task, {.reason = fmt::format("its array task {}: {}{}{}", what, chunk.state, reason,
                                        said.empty() ? "" : ": " + said)});
  }

  // --- ends

  /// No chunk starts a task any more; those that have not begun go.
  void stop() {
    if (stopped_) return;
    stopped_ = true;
    base::write_file(folder_ / kStop, "");
    for (const SentArray& array : arrays_) cancel_array(array.name, true);
  }

  /// Nobody waits for them any more. Their names stay taken.
  void close_arrays() {
    for (const SentArray& array : arrays_) {
      if (array.open > 0 || !fs::exists(array.folder)) continue;
      base::write_file(array.folder / kClosed, "");
      std::error_code code;
      std::vector<fs::path> rest;
      for (const auto& entry : fs::directory_iterator(array.folder, code)) {
        if (entry.path().filename() != kClosed && entry.path().filename() != kId) rest.push_back(entry.path());
      }
      for (const fs::path& path : rest) fs::remove_all(path, code);
    }
    arrays_.remove_if([](const SentArray& array) { return array.open == 0; });
  }

  static void wait(std::chrono::seconds time) {
    const auto until = Clock::now() + time;
    while (!base::interrupted() && Clock::now() < until) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }

  void tell_once(const std::string& line) {
    if (told_.insert(line).second) tell_(line);
  }

  const fs::path& folder_;
  std::string token_;
  fs::path program_;
  const SlurmOptions& options_;
  const SlurmRunner::Tell& tell_;
  const TaskFlow& flow_;
  const Limits& limits_;
  ArrayLimits queue_limits_;
  std::vector<Task> fresh_, alone_;     ///< to be sent
  std::set<std::size_t> seen_;          ///< numbers of tasks
  std::map<std::size_t, int> strikes_;  ///< how often a task's array task ended without it, by number
  std::list<SentArray> arrays_;
  std::list<SentChunk> chunks_;
  std::optional<Clock::time_point> sent_;
  bool works_ = false, stopped_ = false;
  std::set<std::string> told_;
};

}  // namespace

SlurmRunner::SlurmRunner(fs::path folder, fs::path program, SlurmOptions options, Tell tell)
    : folder_(fs::absolute(folder).lexically_normal()),
      program_(std::move(program)),
      options_(std::move(options)),
      tell_(std::move(tell)) {}

void SlurmRunner::run(const TaskFlow& flow, const Limits& limits) {
  std::error_code code;
  fs::create_directories(folder_, code);
  if (code) throw base::InputError(folder_.string(), "", "cannot be made: " + code.message());
  Dispatch dispatch(folder_, program_, options_, tell_, flow, limits);
  try {
    dispatch.run();
  } catch (...) {
    try {
      dispatch.cancel_all();
    } catch (const base::InputError&) {  // of the same disk; the first reason is told
    }
    throw;
  }
}

bool has_open_arrays(const fs::path& folder) {
  return std::ranges::any_of(array_numbers(folder),
                             [&folder](int number) { return !fs::exists(array_folder(folder, number) / kClosed); });
}

}  // namespace systole::regress
