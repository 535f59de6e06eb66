// SPDX-License-Identifier: Apache-2.0
#include "report/index.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "base/file_lock.h"
#include "report/history.h"
#include "tests/unit/report/runs.h"

namespace systole::report {
namespace {

namespace fs = std::filesystem;
using regress::PastRun;
using regress::Verdict;
using test::MadeRuns;

constexpr std::size_t kAll = 1000;

std::string index_file(const MadeRuns& made) { return made.folder / "index.sqlite"; }

/// Everything that an index answers, as text.
std::string answers(const Index& index) {
  return csv_text(history_table(index.runs(kAll))) +
         csv_text(said_table(index.said({.network = "models/lenet"}, kAll)));
}
std::string answers(const MadeRuns& made) { return answers(Index(made.folder.path())); }

void overwrite(const std::string& file, std::streamoff place, const std::string& bytes) {
  std::fstream out(file, std::ios::binary | std::ios::in | std::ios::out);
  out.seekp(place);
  out << bytes;
}

TEST_CASE("report.index.tells_of_each_run") {
  const MadeRuns made;
  (void)made.failing({});
  (void)made.failing({1, 2});
  const Index index(made.folder.path());
  CHECK(index.kept());
  const std::vector<PastRun> runs = index.runs(kAll);
  REQUIRE(runs.size() == 2);
  CHECK(runs[0].number == 2);
  CHECK(runs[0].verdict == "failed");
  CHECK(runs[0].planned == 4);
  CHECK(runs[0].count(Verdict::failed) == 2);
  CHECK(runs[0].cycles == 400);
  CHECK(runs[0].job_seconds == 2);
  CHECK(runs[0].covered == 1);
  CHECK(runs[0].items == 2);
  CHECK(runs[1].verdict == "passed");
  CHECK(index.runs(1).size() == 1);
}

TEST_CASE("report.index.says_what_was_asked") {
  const MadeRuns made;
  const regress::Run first = made.failing({1});
  (void)made.failing({});
  const Index index(made.folder.path());
  const auto failures = [&index](const Asked& asked) {
    std::string text;
    for (const Index::Said& said : index.said(asked, kAll))
      text +=
          std::to_string(said.run.planned) + ":" + std::to_string(said.run.count(Verdict::failed)) + said.line + " ";
    return text;
  };
  CHECK(failures({.network = "models/lenet"}) == "4:0 4:1act_q differs ");
  CHECK(failures({.design = "8x8"}) == "2:0 2:1act_q differs ");
  CHECK(failures({.design = "4x4"}) == "2:0 2:0 ");
  CHECK(failures({.job = first.jobs[1].key}) == "1:0 1:1act_q differs ");
  CHECK(failures({.job = first.jobs[0].name}) == "1:0 1:0 ");
  CHECK(failures({.token = "T" + first.jobs[1].key}) == "1:0 1:1act_q differs ");
  CHECK(failures({.token = "T" + first.jobs[0].key}).empty());
  CHECK(failures({.network = "models/other"}).empty());
}

TEST_CASE("report.index.follows_the_files") {
  const MadeRuns made;
  (void)made.failing({});
  const regress::Run second = made.failing({0});
  const regress::Run open = made.begin();
  const auto verdicts = [&made] {
    std::string text;
    for (const PastRun& run : Index(made.folder.path()).runs(kAll)) text += run.verdict + " ";
    return text;
  };
  CHECK(verdicts() == "open failed passed ");
  // One that was killed goes on (a job of it failed before, as it is), and another is written anew.
  made.end(open, [](std::size_t) { return Verdict::passed; });
  CHECK(verdicts() == "flaky failed passed ");
  made.end(second, [](std::size_t) { return Verdict::skipped; });
  CHECK(verdicts() == "flaky unfinished passed ");
  // Whoever deletes a run deletes it from the index.
  fs::remove_all(made.run_folder(1));
  CHECK(verdicts() == "flaky unfinished ");
  test::write_text((made.run_folder(2) / "summary.json").string(), R"({"version": 1, "plan")");
  CHECK(verdicts() == "flaky unreadable ");
}

TEST_CASE("report.index.made_anew_where_it_is_no_good") {
  const MadeRuns made;
  for (int i = 0; i < 20; ++i) (void)made.failing({static_cast<std::size_t>(i % 4)});
  const std::string file = index_file(made), good = answers(made);
  const auto size = static_cast<std::streamoff>(fs::file_size(file));
  const std::string rubbish(600, '\xA5');
  const std::vector<std::pair<const char*, std::function<void()>>> damages{
      {"missing", [&] { fs::remove(file); }},
      {"empty", [&] { test::write_text(file, ""); }},
      {"of something else", [&] { test::write_text(file, std::string(5000, 'x')); }},
      {"cut", [&] { fs::resize_file(file, static_cast<std::uintmax_t>(size / 2)); }},
      {"head", [&] { overwrite(file, 0, rubbish); }},
      {"first page", [&] { overwrite(file, 100, rubbish); }},
      {"a page of rows", [&] { overwrite(file, size - 4096, rubbish); }},
      {"another version", [&] { Database(file).run("PRAGMA user_version = 99; UPDATE runs SET plan = 'then'"); }},
      {"another's", [&] { Database(file).run("PRAGMA application_id = 7; UPDATE runs SET plan = 'theirs'"); }},
      {"without its tables", [&] { Database(file).run("DROP TABLE jobs"); }},
  };
  for (const auto& damage : damages) {
    const std::string what = damage.first;
    damage.second();
    const Index index(made.folder.path());
    CHECK_MESSAGE(answers(index) == good, what);
    CHECK_MESSAGE(index.kept(), what);
    CHECK_MESSAGE(answers(made) == good, what);
  }
}

TEST_CASE("report.index.in_memory_where_none_can_be_written") {
  const MadeRuns made;
  (void)made.failing({1});
  const std::string good = answers(made);
  fs::remove(index_file(made));
  fs::create_directories(fs::path(index_file(made)) / "in-the-way");
  const Index index(made.folder.path());
  CHECK_FALSE(index.kept());
  CHECK(answers(index) == good);
}

TEST_CASE("report.index.in_memory_where_another_does_not_end") {
  const MadeRuns made;
  (void)made.failing({1});
  const std::string good = answers(made);
  const base::FileLock held(made.folder / "index.lock", [](const std::string&) {});
  const Index index(made.folder.path(), std::chrono::milliseconds(200));
  CHECK_FALSE(index.kept());
  CHECK(answers(index) == good);
}

TEST_CASE("report.index.run_that_cannot_be_read_is_unreadable") {
  const MadeRuns made;
  (void)made.failing({});
  const regress::Run second = made.failing({1});
  fs::remove(second.folder / "summary.json");
  fs::remove(second.folder / "run.json");
  fs::create_symlink("nowhere", second.folder / "run.json");
  CHECK(Index(made.folder.path()).runs(kAll).front().verdict == "unreadable");
  fs::remove(second.folder / "run.json");
  fs::create_directory(second.folder / "run.json");
  CHECK(Index(made.folder.path()).runs(kAll).front().verdict == "unreadable");
}

TEST_CASE("report.index.several_at_a_time_while_runs_come") {
  const MadeRuns made;
  (void)made.failing({});
  constexpr int kRuns = 12;
  std::vector<std::thread> readers;
  std::vector<std::string> faults(3);
  for (std::string& fault : faults) {
    readers.emplace_back([&made, &fault] {
      for (std::size_t seen = 0; seen < kRuns;) {
        const std::vector<PastRun> runs = Index(made.folder.path()).runs(kAll);
        if (runs.size() < seen) fault = "a run is gone";
        seen = static_cast<std::size_t>(std::ranges::count(runs, "passed", &PastRun::verdict));
        for (const PastRun& run : runs) {
          if (run.verdict != "open" && run.planned != 4) fault = "a run is not whole: " + run.verdict;
        }
        if (!fault.empty()) return;
      }
    });
  }
  for (int i = 1; i < kRuns; ++i) (void)made.failing({});
  for (std::thread& reader : readers) reader.join();
  for (const std::string& fault : faults) CHECK(fault.empty());
  CHECK(Index(made.folder.path()).kept());
  const std::string kept = answers(made);
  fs::remove(index_file(made));
  CHECK(answers(made) == kept);
}

TEST_CASE("report.index.folder_without_runs_is_refused") {
  const test::TemporaryFolder folder;
  CHECK(test::mentions(test::refusal([&folder] { const Index index(folder.path()); }), "has no runs"));
  CHECK(fs::is_empty(folder.path()));
}

}  // namespace
}  // namespace systole::report
