// SPDX-License-Identifier: Apache-2.0
#include "regress/store.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/file_lock.h"
#include "base/sha256.h"
#include "regress/campaign.h"
#include "regress/freeze.h"
#include "regress/local_runner.h"
#include "regress/regression.h"
#include "tests/unit/regress/jobs.h"

namespace systole::regress {
namespace {

namespace fs = std::filesystem;
using test::refusal;
using test::TemporaryFolder;

const char* const kPlan =
    R"({"version": 1, "name": "p", "blocks": [{"networks": ["models/lenet"], "seeds": ["1-2", "auto"]}]})";

FreezeDesign no_programs() {
  return [](const std::string&, const Block&, const fs::path&) {
    return DesignFacts{.program = "systole", .replayer = {}, .hashes = "h"};
  };
}

TEST_CASE("regress.store.run_has_the_same_jobs_again") {
  const TemporaryFolder folder;
  const Store store(folder / "report");
  const auto lock = store.lock();
  const Plan plan = test::plan_of(kPlan);
  const Run run = begin_run(store, plan, no_programs(), false);
  CHECK(run.number == 1);
  const Run again = resume_run(store, plan);
  CHECK(again.number == 1);
  REQUIRE(again.jobs.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK(again.jobs[i].id == run.jobs[i].id);
  const Run next = begin_run(store, plan, no_programs(), false);
  CHECK(next.number == 2);
  CHECK(next.jobs[0].id == run.jobs[0].id);
  CHECK(next.jobs[2].id != run.jobs[2].id);  // the seed that was drawn
  CHECK(fs::equivalent(folder / "report/latest", next.folder));
}

TEST_CASE("regress.store.second_writer_is_refused") {
  const TemporaryFolder folder;
  const Store store(folder / "report"), other(folder / "report");
  const auto lock = store.lock();
  CHECK(test::mentions(refusal([&] { (void)other.lock(); }), "report/lock: another run is writing it"));
}

TEST_CASE("regress.store.known_from_a_run_without_summary") {
  const TemporaryFolder folder;
  const Store store(folder / "report");
  const auto lock = store.lock();
  const Plan plan = test::plan_of(kPlan);
  const Run run = begin_run(store, plan, no_programs(), false);
  fs::create_directories(job_folder(run.folder, run.jobs[1]));
  JobResult failed;
  failed.verdict = Verdict::failed;
  failed.outcome = "mismatch";
  failed.origin = "act_q";
  failed.seconds = 4;
  write_result(job_folder(run.folder, run.jobs[1]), run.jobs[1], failed);
  const Known known = store.known_before(2);
  REQUIRE(known.size() == 1);
  CHECK(known.at(run.jobs[1].key).signature == "8x8 mismatch act_q");
  CHECK(known.at(run.jobs[1].key).seconds == 4);
  const Run only = begin_run(store, plan, no_programs(), true);
  REQUIRE(only.jobs.size() == 1);
  CHECK(only.jobs[0].key == run.jobs[1].key);
  CHECK(resume_run(store, plan).jobs.size() == 1);
}

TEST_CASE("regress.store.drawn_seed_that_failed_is_run_again") {
  const TemporaryFolder folder;
  const Store store(folder / "report");
  const auto lock = store.lock();
  const Plan plan = test::plan_of(kPlan);
  const Run run = begin_run(store, plan, no_programs(), false);
  for (std::size_t i = 0; i < run.jobs.size(); ++i) {
    JobResult result;
    result.verdict = i == 2 ? Verdict::failed : Verdict::passed;
    fs::create_directories(job_folder(run.folder, run.jobs[i]));
    write_result(job_folder(run.folder, run.jobs[i]), run.jobs[i], result);
  }
  const auto is_that_job = [&run](const std::vector<Job>& jobs) {
    return jobs.size() == 1 && jobs[0].key == run.jobs[2].key;
  };
  CHECK(is_that_job(planned_jobs(store, plan, true)));
  const Run again = begin_run(store, plan, no_programs(), true);
  CHECK(is_that_job(again.jobs));
  CHECK(is_that_job(begin_run(store, plan, no_programs(), false, run.folder).jobs));
  // One that cannot be read is passed over.
  fs::remove(store.run_folder(3) / kStartFile);
  fs::create_symlink("nowhere", store.run_folder(3) / kStartFile);
  CHECK(is_that_job(begin_run(store, plan, no_programs(), true).jobs));
}

// A link to nowhere is in the way of root too.
TEST_CASE("regress.store.run_that_cannot_be_read_keeps_its_number_and_is_in_nobody_s_way") {
  const TemporaryFolder folder;
  const Store store(folder / "report");
  const auto lock = store.lock();
  const Plan plan = test::plan_of(kPlan);
  const Run first = begin_run(store, plan, no_programs(), false), second = begin_run(store, plan, no_programs(), false);
  JobResult passed;
  passed.verdict = Verdict::passed;
  for (const Run& run : {first, second}) {
    fs::create_directories(job_folder(run.folder, run.jobs[0]));
    write_result(job_folder(run.folder, run.jobs[0]), run.jobs[0], passed);
  }
  fs::remove(second.folder / kStartFile);
  fs::create_symlink("nowhere", second.folder / kStartFile);
  CHECK(test::mentions(refusal([&] { (void)resume_run(store, plan); }), "run.json: expected a file that can be read"));
  const Run third = begin_run(store, plan, no_programs(), false);
  CHECK(third.number == 3);
  CHECK(third.known.size() == 1);
  CHECK(read_result(job_folder(second.folder, second.jobs[0]), second.jobs[0]).has_value());
}

TEST_CASE("regress.store.network_that_is_gone_at_the_end_fails_the_run") {
  const TemporaryFolder folder;
  const Store store(folder / "report");
  const auto lock = store.lock();
  const fs::path network = folder.path() / "network";
  fs::create_directory(network);
  test::write_text((network / "network.json").string(), "{}");
  const Plan plan =
      test::plan_of(R"({"version": 1, "name": "p", "blocks": [{"networks": [")" + network.string() + R"("]}]})");
  const Run run = begin_run(store, plan, no_programs(), false);
  fs::remove_all(network);
  CampaignResult campaign{.results = std::vector<JobResult>(1), .ledger = Ledger(1), .objection = {}};
  campaign.results[0].verdict = Verdict::passed;
  campaign.ledger.add(Verdict::passed);
  LocalRunner runner(1);
  const Summary summary = finish_run(run, plan, campaign, runner, 1);
  CHECK(summary.objection.find("network: cannot be read") != std::string::npos);
  CHECK(verdict_of(summary) == RunVerdict::lost);
}

TEST_CASE("regress.store.since_a_run_what_changed_or_did_not_pass") {
  const TemporaryFolder folder;
  const Store store(folder / "report");
  const auto lock = store.lock();
  const Plan plan = test::plan_of_block(R"({"networks": ["models/lenet"], "seeds": ["1-3"]})");
  const Run run = begin_run(store, plan, no_programs(), false);
  const auto keep = [&run](std::size_t job, Verdict verdict) {
    JobResult result;
    result.verdict = verdict;
    fs::create_directories(job_folder(run.folder, run.jobs[job]));
    write_result(job_folder(run.folder, run.jobs[job]), run.jobs[job], result);
  };
  keep(0, Verdict::passed);
  keep(1, Verdict::failed);
  const Run second = begin_run(store, plan, no_programs(), false, run.folder);
  REQUIRE(second.jobs.size() == 2);  // that failed, and that has no result
  CHECK(second.jobs[0].key == run.jobs[1].key);
  CHECK(second.jobs[1].key == run.jobs[2].key);
  CHECK(resume_run(store, plan).jobs.size() == 2);
  keep(1, Verdict::passed);
  keep(2, Verdict::passed);
  CHECK(refusal([&] { (void)begin_run(store, plan, no_programs(), false, run.folder); }) ==
        "p: all of it passed in that run, as it is");
  const auto other_rtl = [](const std::string&, const Block&, const fs::path&) {
    return DesignFacts{.program = "systole", .replayer = {}, .hashes = "other"};
  };
  CHECK(begin_run(store, plan, other_rtl, false, run.folder).jobs.size() == 3);
}

TEST_CASE("regress.store.resume_refuses_what_is_not_the_same") {
  const TemporaryFolder folder;
  const Store store(folder / "report");
  const auto lock = store.lock();
  const std::string network = folder / "net";
  fs::copy("models/lenet", network, fs::copy_options::recursive);
  const auto plan_on = [&network](const std::string& seeds) {
    return test::plan_of(R"({"version": 1, "name": "p", "blocks": [{"networks": [")" + network + R"("], "seeds": [)" +
                         seeds + "]}]}");
  };
  CHECK(refusal([&] { (void)resume_run(store, plan_on("1")); }) == "--resume: there is no run in that folder");
  (void)begin_run(store, plan_on("1"), no_programs(), false);
  CHECK(refusal([&] { (void)resume_run(store, plan_on("2")); }) ==
        "--resume: run 1 is of another plan; start a new one");
  test::write_text(network + "/more", "x");
  CHECK(refusal([&] { (void)resume_run(store, plan_on("1")); }) ==
        "--resume: " + network + ": has changed since run 1 began");
  CHECK(refusal([&] { (void)begin_run(store, plan_on("1"), no_programs(), true); }) ==
        "p: nothing failed the last time");
}

TEST_CASE("regress.store.frozen_programs_keep_their_places") {
  const TemporaryFolder folder;
  for (const char* place : {"a", "b"}) {
    fs::create_directory(folder / place);
    test::write_text(folder / place / "program", place);
  }
  test::write_text(folder / "top.v", "module");
  const auto freeze_it = [&folder](const char* place) {
    return freeze({.program = folder / place / "program", .as = "program", .sources = {folder / "top.v"}},
                  folder / "frozen");
  };
  CHECK(freeze_it("a") == folder / "frozen/program");
  CHECK(test::read_text(folder / "frozen/program") == "a");
  CHECK(test::read_text(folder / "frozen/frozen-sources" / (folder / "top.v").relative_path()) == "module");
  CHECK(freeze_it("a") == folder / "frozen/program");
  CHECK(test::mentions(refusal([&] { (void)freeze_it("b"); }), "b/program: another program of that name"));
}

TEST_CASE("regress.store.inputs_must_be_there") {
  const auto required = [](const std::string& block) {
    return refusal([&block] { require_inputs(test::plan_of_block(block)); });
  };
  CHECK(required(R"({"networks": ["models/lenet"], "layers": ["all", "fc3"]})").empty());
  CHECK(required(R"({"networks": ["models/lenet"], "layers": ["fc9"]})") == "models/lenet: layer fc9: no such layer");
  CHECK(test::mentions(required(R"({"networks": ["models/none"]})"), "models/none"));
  CHECK(required(R"({"vectors": ["sets/none"]})") == "sets/none: expected the folder of a set of vectors");
}

}  // namespace
}  // namespace systole::regress
