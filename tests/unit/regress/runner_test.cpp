// SPDX-License-Identifier: Apache-2.0
// Campaigns of small shell commands on this machine.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "base/interrupt.h"
#include "regress/campaign.h"
#include "regress/local_runner.h"
#include "tests/unit/regress/jobs.h"

namespace systole::regress {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using test::shell_job;
using test::TemporaryFolder;

CampaignResult campaign(const std::vector<Job>& jobs, const fs::path& folder, const CampaignOptions& options = {},
                        const CampaignNews& news = {}, int workers = 2) {
  const base::InterruptGuard guard;  // forgets what came before
  LocalRunner runner(workers);
  return run_jobs(jobs, {}, folder, runner, options, news);
}

/// Whether a process has the text among its arguments.
bool runs(const std::string& text) {
  for (const auto& entry : fs::directory_iterator("/proc")) {
    std::ostringstream words;
    words << std::ifstream(entry.path() / "cmdline", std::ios::binary).rdbuf();  // fails where it has ended meanwhile
    if (words.str().find(text) != std::string::npos) return true;
  }
  return false;
}

/// Two seconds at most.
bool ends(const std::string& text) {
  for (int i = 0; i < 40; ++i) {
    if (!runs(text)) return true;
    std::this_thread::sleep_for(50ms);
  }
  return false;
}

TEST_CASE("regress.runner.passed_failed_and_lost_close_the_ledger") {
  const TemporaryFolder folder;
  std::vector<Job> jobs{shell_job("good", "exit 0"), shell_job("bad", "echo replay.x; echo mismatch: 1; exit 1"),
                        shell_job("dead", "echo last words; kill -SEGV $$"), shell_job("gone", "")};
  jobs[3].program = "/no/such/program";
  std::vector<std::string> wrong, ended;
  const CampaignResult result =
      campaign(jobs, folder.path(), {},
               {.wrong = [&](const Job& job, const JobResult&) { wrong.push_back(job.name); },
                .progress = {},
                .ended = [&](const Job& job, const JobResult&) { ended.push_back(job.name); }});
  CHECK(result.objection.empty());
  CHECK(result.ledger.text() == "planned 4 = 1 passed + 1 failed + 2 lost + 0 skipped + 0 cancelled");
  CHECK(result.results[1].line == "replay.x");
  CHECK(result.results[2].line == "signal 11 (Segmentation fault)");
  CHECK(result.results[2].last == "last words");
  CHECK(result.results[2].attempts == 2);
  CHECK(result.results[3].last == "cannot be run");
  CHECK(ended.size() == 4);  // each once, though two were run twice
  std::ranges::sort(wrong);
  CHECK(wrong == std::vector<std::string>{"bad", "dead", "gone"});
}

TEST_CASE("regress.runner.lost_once_is_run_again") {
  const TemporaryFolder folder;
  const std::string mark = folder / "mark";
  const CampaignResult result =
      campaign({shell_job("once", fmt::format("test -e {0} || {{ touch {0}; kill -KILL $$; }}", mark))}, folder.path());
  CHECK(result.ledger.count(Verdict::passed) == 1);
  CHECK(result.results[0].attempts == 2);
}

TEST_CASE("regress.runner.what_is_done_is_not_done_again") {
  const TemporaryFolder folder;
  const std::string log = folder / "log";
  std::vector<Job> jobs;
  for (int i = 0; i < 4; ++i) jobs.push_back(shell_job(std::to_string(i), fmt::format("echo {} >> {}", i, log)));
  CHECK(campaign(jobs, folder.path()).ledger.count(Verdict::passed) == 4);
  fs::resize_file(job_folder(folder.path(), jobs[2]) / kResult, 40);  // a result that was cut is none
  const CampaignResult again = campaign(jobs, folder.path());
  CHECK(again.ledger.count(Verdict::passed) == 4);
  CHECK(again.objection.empty());
  const std::string text = test::read_text(log);
  CHECK(std::ranges::count(text, '\n') == 5);
  CHECK(text.ends_with("2\n"));
}

TEST_CASE("regress.runner.limit_of_time_ends_all_that_a_job_started") {
  const TemporaryFolder folder;
  const std::string mark = fmt::format("3600.{}", ::getpid());
  const CampaignResult result = campaign({shell_job("late", fmt::format("sleep {0} & sleep {0}", mark))}, folder.path(),
                                         {.limits = {.seconds = 1, .memory_mb = 0}, .time = {}, .stop_after = 0});
  CHECK(result.results[0].line == "took longer than 1 s");
  CHECK(result.results[0].attempts == 2);
  CHECK(ends(mark));
}

TEST_CASE("regress.runner.children_end_with_their_job") {
  const TemporaryFolder folder;
  const std::string mark = fmt::format("3601.{}", ::getpid());
  CHECK(campaign({shell_job("parent", fmt::format("sleep {} &", mark))}, folder.path()).ledger.count(Verdict::passed) ==
        1);
  CHECK(ends(mark));
}

/// A command that leaves its process group and session, and its parent: setsid forks for a leader.
std::string stray(const std::string& mark) { return fmt::format("setsid --fork sh -c 'sleep {0} & sleep {0}'", mark); }

/// Five seconds at most.
void wait_for_sleep(const std::string& mark) {
  // The shells have the mark among their arguments too.
  for (int i = 0; i < 100 && !runs(std::string("sleep\0", 6) + mark); ++i) std::this_thread::sleep_for(50ms);
  CHECK(runs(mark));
}

TEST_CASE("regress.runner.children_in_a_session_of_their_own_end_with_their_job") {
  const TemporaryFolder folder;
  const std::string mark = fmt::format("3603.{}", ::getpid()), began = folder / "began";
  const std::vector<Job> jobs{
      shell_job("parent", fmt::format("{}; touch {}; sleep 0.2", stray(mark), began)),
      shell_job("beside", fmt::format("setsid --fork sh -c 'sleep 0.5; touch {0}.beside'; until [ -e {0}.beside ]; do "
                                      "sleep 0.05; done",
                                      began))};  // another's children live on while it does
  CHECK(campaign(jobs, folder.path()).ledger.count(Verdict::passed) == 2);
  CHECK(fs::exists(began));
  CHECK(ends(mark));
}

TEST_CASE("regress.runner.limit_of_time_ends_children_in_a_session_of_their_own") {
  const TemporaryFolder folder;
  const std::string mark = fmt::format("3604.{}", ::getpid());
  const CampaignResult result = campaign({shell_job("late", stray(mark) + "; sleep 60")}, folder.path(),
                                         {.limits = {.seconds = 1, .memory_mb = 0}, .time = {}, .stop_after = 0});
  CHECK(result.results[0].line == "took longer than 1 s");
  CHECK(ends(mark));
}

TEST_CASE("regress.runner.killed_runner_leaves_nothing") {
  const TemporaryFolder folder;
  const std::string mark = fmt::format("33.{}", ::getpid());
  const pid_t runner = ::fork();
  if (runner == 0) {
    (void)campaign({shell_job("parent", fmt::format("{1}; sleep {0} & sleep {0}", mark, stray(mark)))}, folder.path());
    ::_exit(0);
  }
  REQUIRE(runner > 0);
  wait_for_sleep(mark);
  CHECK(::kill(runner, SIGKILL) == 0);
  CHECK(::waitpid(runner, nullptr, 0) == runner);
  CHECK(ends(mark));
}

/// A keeper is a fork of the runner, and has its arguments.
TEST_CASE("regress.runner.killed_keeper_is_a_lost_job") {
  const TemporaryFolder folder;
  const std::string mark = fmt::format("34.{}", ::getpid());
  const CampaignResult result = campaign(
      {shell_job("parent", fmt::format("sleep {} & [ $PPID = {} ] || kill -KILL $PPID; sleep 60", mark, ::getpid()))},
      folder.path());
  CHECK(result.results[0].line == "signal 9 (Killed), perhaps for its memory");
  CHECK(ends(mark));
}

TEST_CASE("regress.runner.limit_of_memory") {
  const TemporaryFolder folder;
  const CampaignResult result =
      campaign({shell_job("large", "x=$(head -c 200000000 /dev/zero | tr '\\0' x); sleep 60")}, folder.path(),
               {.limits = {.seconds = 60, .memory_mb = 50}, .time = {}, .stop_after = 0});
  CHECK(result.results[0].verdict == Verdict::lost);
  CHECK(result.results[0].line == "used more than 50 MB");
}

// None of them is too large by itself, and one has left its process group.
TEST_CASE("regress.runner.limit_of_memory_is_of_all_that_a_job_started") {
  const TemporaryFolder folder;
  const CampaignResult result =
      campaign({shell_job("many", R"sh(
          hold='x=$(head -c 30000000 /dev/zero | tr "\0" x); sleep 60'
          (eval "$hold") & (eval "$hold") & setsid sh -c "$hold" & eval "$hold")sh")},
               folder.path(), {.limits = {.seconds = 20, .memory_mb = 100}, .time = {}, .stop_after = 0});
  CHECK(result.results[0].verdict == Verdict::lost);
  CHECK(result.results[0].line == "used more than 100 MB");
}

// A process and its forks hold the same pages.
TEST_CASE("regress.runner.shared_memory_counts_once") {
  const TemporaryFolder folder;
  const CampaignResult result =
      campaign({shell_job("forks",
                          "x=$(head -c 40000000 /dev/zero | tr '\\0' x); for i in 1 2 3 4 5 6; do (sleep 1; :) & "
                          "done; wait")},
               folder.path(), {.limits = {.seconds = 60, .memory_mb = 200}, .time = {}, .stop_after = 0});
  CHECK(result.ledger.count(Verdict::passed) == 1);
}

TEST_CASE("regress.runner.signal_cancels_and_keeps_what_is_done") {
  const TemporaryFolder folder;
  const std::string mark = fmt::format("3602.{}", ::getpid());
  const std::vector<Job> jobs{shell_job("quick", "exit 0"), shell_job("slow", "sleep " + mark),
                              shell_job("never", "exit 0")};
  const CampaignResult result = campaign(jobs, folder.path(), {},
                                         {.wrong = {},
                                          .progress =
                                              [](std::size_t done, std::size_t) {
                                                if (done == 1) (void)::kill(::getpid(), SIGTERM);
                                              }},
                                         1);
  CHECK(result.ledger.text() == "planned 3 = 1 passed + 0 failed + 0 lost + 0 skipped + 2 cancelled");
  CHECK(result.objection.empty());
  CHECK(ends(mark));
}

TEST_CASE("regress.runner.stops_after_different_failures") {
  const TemporaryFolder folder;
  std::vector<Job> jobs;
  for (int i = 0; i < 20; ++i) jobs.push_back(shell_job(std::to_string(i), fmt::format("echo kind {}; exit 1", i / 5)));
  const CampaignResult result = campaign(jobs, folder.path(), {.limits = {}, .time = {}, .stop_after = 2}, {}, 1);
  CHECK(result.ledger.count(Verdict::failed) == 6);
  CHECK(result.ledger.count(Verdict::skipped) == 14);
}

TEST_CASE("regress.runner.no_job_starts_after_its_time") {
  const TemporaryFolder folder;
  std::vector<Job> jobs;
  for (int i = 0; i < 50; ++i) jobs.push_back(shell_job(std::to_string(i), "sleep 0.2"));
  const CampaignResult result = campaign(jobs, folder.path(), {.limits = {}, .time = 1s, .stop_after = 0});
  CHECK(result.ledger.count(Verdict::passed) > 0);
  CHECK(result.ledger.count(Verdict::skipped) > 0);
  CHECK(result.objection.empty());
}

/// Groups of the failures of those jobs, each of which was shown again.
std::vector<Group> repeated_groups(const std::vector<Job>& jobs, const fs::path& folder) {
  const CampaignResult result = campaign(jobs, folder, {}, {}, 1);
  std::vector<Group> groups = groups_of(jobs, result.results, {});
  LocalRunner runner(1);
  rerun_groups(groups, jobs, result.results, folder, runner, {});
  return groups;
}

TEST_CASE("regress.runner.failures_are_shown_again_three_times") {
  const TemporaryFolder folder;
  const std::string log = folder / "log";
  const std::vector<Group> groups =
      repeated_groups({shell_job("good", "exit 0"), shell_job("bad", fmt::format("echo x >>{}; echo no; exit 1", log)),
                       shell_job("dead", "kill -KILL $$")},
                      folder.path());
  REQUIRE(groups.size() == 2);
  for (const Group& group : groups) {
    CHECK(group.trend == Trend::fresh);
    CHECK(group.repeated == (group.signature.outcome == "lost" ? 0 : 3));
  }
  const std::string text = test::read_text(log);
  CHECK(std::ranges::count(text, '\n') == 4);
}

/// What the job does the n-th time, from 0 on.
Job changing_job(const TemporaryFolder& folder, const std::string& choice) {
  return shell_job("changes",
                   fmt::format("n=$(cat {0} 2>/dev/null || echo 0); echo $((n + 1)) >{0}; case $n in {1} esac",
                               (folder / "count").string(), choice));
}

TEST_CASE("regress.runner.failure_that_changes_is_flaky") {
  for (const std::string choice : {"3) echo yes; exit 1;; *) echo no; exit 1;;", "1) exit 0;; *) echo no; exit 1;;",
                             "3|4) kill -KILL $$;; *) echo no; exit 1;;"}) {
    CAPTURE(choice);
    const TemporaryFolder folder;
    const std::vector<Group> groups = repeated_groups({changing_job(folder, choice)}, folder.path());
    REQUIRE(groups.size() == 1);
    CHECK(groups[0].trend == Trend::flaky);
    CHECK(groups[0].repeated == 2);
  }
}

// The node, not the design.
TEST_CASE("regress.runner.rerun_that_is_lost_once_is_run_again") {
  const TemporaryFolder folder;
  const std::vector<Group> groups =
      repeated_groups({changing_job(folder, "2) kill -KILL $$;; *) echo no; exit 1;;")}, folder.path());
  REQUIRE(groups.size() == 1);
  CHECK(groups[0].trend == Trend::fresh);
  CHECK(groups[0].repeated == 3);
}

// A ledger that always closes would show nothing.
TEST_CASE("regress.runner.lost_result_file_is_seen") {
  const TemporaryFolder folder;
  const std::vector<Job> jobs{shell_job("a", "exit 0"), shell_job("b", "exit 0")};
  const CampaignResult result =
      campaign(jobs, folder.path(), {}, {.wrong = {}, .progress = [&](std::size_t done, std::size_t) {
                                           if (done == 2) fs::remove(job_folder(folder.path(), jobs[0]) / kResult);
                                         }});
  CHECK(result.objection == "1 results are kept of 2 jobs that ended");
}

/// Root may read and write everything; this process does without, and so do those that it starts.
class Nobody {
 public:
  /// `folder` is then nobody's too.
  explicit Nobody(const fs::path& folder) : was_(::geteuid()) {
    constexpr uid_t kNobody = 65534;
    if (was_ != 0) return;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
      REQUIRE(::chown(entry.path().c_str(), kNobody, kNobody) == 0);
    REQUIRE(::chown(folder.c_str(), kNobody, kNobody) == 0);
    REQUIRE(::seteuid(kNobody) == 0);
  }
  ~Nobody() { CHECK(::seteuid(was_) == 0); }
  Nobody(const Nobody&) = delete;
  Nobody& operator=(const Nobody&) = delete;
  Nobody(Nobody&&) = delete;
  Nobody& operator=(Nobody&&) = delete;

 private:
  uid_t was_;
};

CampaignResult campaign_of_nobody(const std::vector<Job>& jobs, const fs::path& folder) {
  const Nobody nobody(folder);
  return campaign(jobs, folder);
}

TEST_CASE("regress.runner.folder_that_cannot_be_read_loses_its_job_alone") {
  const TemporaryFolder folder;
  const std::vector<Job> jobs{shell_job("a", "exit 0"), shell_job("b", "exit 0"), shell_job("c", "exit 0")};
  const fs::path locked = job_folder(folder.path(), jobs[1]);
  fs::create_directories(locked / "of-an-earlier-run");
  fs::permissions(locked, fs::perms::none);
  const CampaignResult result = campaign_of_nobody(jobs, folder.path());
  fs::permissions(locked, fs::perms::all);
  CHECK(result.ledger.text() == "planned 3 = 2 passed + 0 failed + 1 lost + 0 skipped + 0 cancelled");
  CHECK(result.results[1].verdict == Verdict::lost);
  CHECK(result.objection.find(locked.string()) == 0);
  CHECK(result.objection.find("Permission denied") != std::string::npos);
}

// What lies there could be taken for what the job wrote.
TEST_CASE("regress.runner.folder_that_cannot_be_emptied_loses_its_job") {
  const TemporaryFolder folder;
  const std::vector<Job> jobs{shell_job("a", "exit 0")};
  const fs::path locked = job_folder(folder.path(), jobs[0]) / "of-an-earlier-run";
  fs::create_directories(locked / "file");
  fs::permissions(locked, fs::perms::none);
  const CampaignResult result = campaign_of_nobody(jobs, folder.path());
  fs::permissions(locked, fs::perms::all);
  CHECK(result.results[0].verdict == Verdict::lost);
  CHECK(result.results[0].line.find(": cannot be emptied: ") != std::string::npos);
}

TEST_CASE("regress.runner.job_that_locks_its_folder_is_lost") {
  const TemporaryFolder folder;
  const std::vector<Job> jobs{shell_job("a", "exit 0"), shell_job("b", "")};
  const fs::path locked = job_folder(folder.path(), jobs[1]);
  std::vector<Job> locking = jobs;
  locking[1].words.back() = fmt::format("chmod 000 {}", locked.string());
  const CampaignResult result = campaign_of_nobody(locking, folder.path());
  fs::permissions(locked, fs::perms::all);
  CHECK(result.ledger.text() == "planned 2 = 1 passed + 0 failed + 1 lost + 0 skipped + 0 cancelled");
  CHECK(result.objection.find("Permission denied") != std::string::npos);
}

// Neither is a result, and neither is in the way of one.
TEST_CASE("regress.runner.what_lies_in_a_result_s_place_is_replaced") {
  const TemporaryFolder folder;
  const std::vector<Job> jobs{shell_job("a", "exit 0"), shell_job("b", "exit 0"), shell_job("c", "exit 0"),
                              shell_job("d", "exit 0")};
  const auto place = [&](std::size_t i) { return job_folder(folder.path(), jobs[i]); };
  fs::create_directories(place(0) / kResult / "x");
  fs::create_directories(place(1));
  fs::create_symlink("nowhere", place(1) / kResult);
  fs::create_symlink("nowhere", place(2));
  test::write_text(place(3).string(), "a file");
  const CampaignResult result = campaign(jobs, folder.path());
  CHECK(result.ledger.count(Verdict::passed) == 4);
  CHECK(result.objection.empty());
}

TEST_CASE("regress.runner.result_that_cannot_be_kept_is_lost") {
  const TemporaryFolder folder;
  // The job puts a folder where its result would be.
  const Job job =
      shell_job("a", fmt::format("mkdir -p {0}/x", (job_folder(folder.path(), shell_job("a", "")) / kResult).string()));
  const CampaignResult result = campaign({job}, folder.path());
  CHECK(result.ledger.count(Verdict::lost) == 1);
  CHECK(result.objection.find("result.json: cannot be written") != std::string::npos);
}

}  // namespace
}  // namespace systole::regress
