// SPDX-License-Identifier: Apache-2.0
// Chunks as a node runs them, without Slurm.
#include "regress/chunk.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "regress/slurm.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/regress/jobs.h"

namespace systole::regress {
namespace {

namespace fs = std::filesystem;
using test::TemporaryFolder;

std::vector<Task> tasks_of(std::size_t count, double expected) {
  std::vector<Task> tasks;
  for (std::size_t i = 0; i < count; ++i)
    tasks.push_back({.number = i, .command = {}, .folder = {}, .expected = expected});
  return tasks;
}

std::size_t chunks(std::size_t count, double expected, int workers = 1, std::size_t most = 5000) {
  return chunks_of(tasks_of(count, expected), {.seconds = 60, .workers = workers, .most_chunks = most}).size();
}

TEST_CASE("regress.chunk.size_follows_times") {
  CHECK(chunks(0, 1) == 0);
  CHECK(chunks(10000, 0.05) == 8);  // 1,200 each; what is left goes to the last
  CHECK(chunks(10000, 0) == 1000);  // nobody knows: ten
  CHECK(chunks(100, 600) == 100);   // one is enough
  CHECK(chunks(10000, 20, 4) == 833);
  CHECK(chunks(10000, 600, 1, 1000) == 1000);
  const std::vector<std::vector<Task>> some =
      chunks_of(tasks_of(25, 6), {.seconds = 60, .workers = 1, .most_chunks = 9});
  REQUIRE(some.size() == 2);
  CHECK(some[0].size() == 10);
  CHECK(some[1].size() == 15);
  CHECK(some[1].back().number == 24);
}

TEST_CASE("regress.chunk.time_lets_any_job_have_its_limit") {
  const Limits limits{.seconds = 600, .memory_mb = 0};
  CHECK(minutes_of(tasks_of(1, 1), limits, 1) == 11);
  CHECK(minutes_of(tasks_of(10, 6), limits, 1) == 14);
  CHECK(minutes_of(tasks_of(10, 60), limits, 4) == 19);
  CHECK(minutes_of(tasks_of(2, 599), limits, 1) == 21);
}

/// A folder of an array with one chunk of shell scripts.
struct Array {
  TemporaryFolder run = {};
  fs::path folder = run.path() / "slurm" / "001";
  explicit Array(const std::vector<std::string>& scripts) {
    fs::create_directories(folder);
    Chunk chunk{.where = run.path(), .tasks = {}, .limits = {}, .workers = 1};
    for (std::size_t i = 0; i < scripts.size(); ++i) {
      const fs::path place = fs::path("jobs") / std::to_string(i);
      const std::string report = (place / kReport).string();
      chunk.tasks.push_back({.number = i, .command = {"/bin/sh", "-c", scripts[i], report}, .folder = place});
    }
    write_chunk(folder / chunk_file(0), chunk);
  }
  [[nodiscard]] fs::path job(int i) const { return run.path() / "jobs" / std::to_string(i); }
  [[nodiscard]] int execute() const {
    const fs::path before = fs::current_path();
    const int code = run_chunk(folder, 0);
    fs::current_path(before);
    return code;
  }
};

TEST_CASE("regress.chunk.folder_in_its_place_is_the_ending") {
  const Array array({"echo first; echo {} > $0", "exit 3", "kill -SEGV $$"});
  CHECK(array.execute() == 0);
  CHECK(test::read_text(array.job(0) / kOutput) == "first\n");
  CHECK(test::read_text(array.job(0) / kReport) == "{}\n");  // written beside, and moved with the rest
  CHECK(read_ending(array.job(0))->status == 0);
  CHECK(WEXITSTATUS(read_ending(array.job(1))->status) == 3);
  CHECK(WTERMSIG(read_ending(array.job(2))->status) == SIGSEGV);
  CHECK_FALSE(read_ending(array.job(3)));
}

TEST_CASE("regress.chunk.second_time_runs_what_has_no_ending") {
  const Array array({"echo 0 >> log", "echo 1 >> log", "echo 2 >> log"});
  CHECK(array.execute() == 0);
  fs::remove_all(array.job(1));
  CHECK(array.execute() == 0);
  CHECK(test::read_text(array.run.path() / "log") == "0\n1\n2\n1\n");
}

// A node that was given up comes back: another has run the job meanwhile.
TEST_CASE("regress.chunk.second_ending_of_a_job_is_dropped") {
  const Array array({"mkdir -p jobs/0; echo theirs > jobs/0/output.txt; echo ours"});
  CHECK(array.execute() == 0);
  CHECK(test::read_text(array.job(0) / kOutput) == "theirs\n");
}

TEST_CASE("regress.chunk.signal_gives_back_what_runs") {
  const Array array({"exit 0", fmt::format("kill -TERM {}; sleep 60", ::getpid()), "exit 0"});
  CHECK(array.execute() == 128 + SIGTERM);
  CHECK(read_ending(array.job(0)));
  CHECK_FALSE(fs::exists(array.job(1)));
  CHECK_FALSE(fs::exists(array.job(2)));
  CHECK(fs::exists(last_attempt(array.folder, 0) / kGivenBack));
  CHECK(fs::exists(last_attempt(array.folder, 0) / "1"));
}

TEST_CASE("regress.chunk.closed_array_starts_nothing") {
  const Array array({"exit 0"});
  test::write_text(array.folder / kClosed, "");
  CHECK(array.execute() == 0);
  CHECK_FALSE(fs::exists(array.job(0)));
}

TEST_CASE("regress.chunk.cut_file_is_refused") {
  const Array array({"exit 0"});
  fs::resize_file(array.folder / chunk_file(0), 30);
  const std::string said = test::refusal([&array] { (void)array.execute(); });
  CHECK(said.find("is no whole chunk") != std::string::npos);
}

TEST_CASE("regress.chunk.states_of_the_queue") {
  for (const char* state : {"PENDING", "RUNNING", "COMPLETING", "REQUEUE_HOLD"})
    CHECK(QueueEntry{.array = {}, .state = state, .reason = {}}.alive());
  for (const char* state : {"COMPLETED", "NODE_FAIL", "OUT_OF_MEMORY", "forgotten"})
    CHECK_FALSE(QueueEntry{.array = {}, .state = state, .reason = {}}.alive());
}

}  // namespace
}  // namespace systole::regress
