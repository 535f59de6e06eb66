// SPDX-License-Identifier: Apache-2.0
#include "regress/plan.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "regress/job.h"
#include "tests/unit/regress/jobs.h"

namespace systole::regress {
namespace {

using test::jobs_of_block;
using test::plan_of;
using test::plan_of_block;
using test::plan_refusal;

std::vector<std::string> names(const std::vector<Job>& jobs) {
  std::vector<std::string> names;
  for (const Job& job : jobs) names.push_back(job.name);
  return names;
}

TEST_CASE("regress.plan.every_combination_is_a_job") {
  const std::vector<Job> jobs = jobs_of_block(
      R"({"networks": ["a", "b"], "designs": ["8x8", "dut:mine"], "stalls": ["none", "both"], "seeds": [7, "2-3"]})");
  CHECK(jobs.size() == 2 * 2 * 2 * 3);
  CHECK(jobs.front().name == "a 8x8 stall none seed 7 images 0-9");
  CHECK(jobs.back().name == "b dut:mine stall both seed 3 images 0-9");
  CHECK(jobs.front().words == std::vector<std::string>{"run", "a", "--config", "8x8", "--via", "native", "--stall",
                                                       "none", "--seed", "7", "--first-image", "0", "--images", "10",
                                                       "--no-failure-folder"});
  const std::vector<std::string>& of_dut = jobs.back().words;
  CHECK(std::ranges::find(of_dut, "--config") == of_dut.end());
  std::set<std::string> keys, ids;
  for (const Job& job : jobs) {
    keys.insert(job.key);
    ids.insert(job.id);
  }
  CHECK(keys.size() == jobs.size());
  CHECK(ids.size() == jobs.size());
}

TEST_CASE("regress.plan.keys_last_and_ids_change_with_the_design") {
  const char* block = R"({"networks": ["a"]})";
  const Job before = jobs_of_block(block, "one").at(0), after = jobs_of_block(block, "two").at(0);
  CHECK(before.key == after.key);
  CHECK(before.id != after.id);
}

TEST_CASE("regress.plan.options_of_a_block") {
  const std::vector<Job> jobs = jobs_of_block(
      R"({"networks": ["a"], "layers": ["conv1"], "via": ["tlm"], "checks": ["all"], "images": ["4-5"],
          "dataset": "glyphs", "kind": "speed", "skip_unfit": true})");
  CHECK(names(jobs) ==
        std::vector<std::string>{
            "a 8x8/speed layer conv1 via tlm check all stall none seed 1 images 4-5 of glyphs skip-unfit"});
  CHECK(jobs[0].words == std::vector<std::string>{
                             "run",           "a",     "--dataset", "glyphs", "--config",     "8x8",
                             "--kind",        "speed", "--layer",   "conv1",  "--via",        "tlm",
                             "--check",       "all",   "--stall",   "none",   "--seed",       "1",
                             "--first-image", "4",     "--images",  "2",      "--skip-unfit", "--no-failure-folder"});
}

TEST_CASE("regress.plan.sets_of_vectors_are_replayed") {
  const std::vector<Job> jobs = jobs_of_block(R"({"vectors": ["sets/x"], "stalls": ["in"], "seeds": [5]})");
  REQUIRE(jobs.size() == 1);
  CHECK(jobs[0].program == "replayer");
  CHECK(jobs[0].words ==
        std::vector<std::string>{"replay", "sets/x", "--config", "8x8", "--stall", "in", "--seed", "5"});
}

TEST_CASE("regress.plan.excludes_leave_out_what_has_a_value_of_each_axis") {
  const std::vector<Job> jobs = jobs_of_block(
      R"({"networks": ["a", "b"], "stalls": ["none", "in", "out"], "seeds": ["1-2"],
          "exclude": [{"networks": ["b"], "stalls": ["in", "out"]}, {"seeds": ["2"], "stalls": ["none"]}]})");
  CHECK(jobs.size() == 12 - 4 - 2);
  for (const Job& job : jobs) {
    CHECK_FALSE((job.at[Axis::network] == "b" && job.at[Axis::stall] != "none"));
    CHECK_FALSE((job.at[Axis::seed] == "2" && job.at[Axis::stall] == "none"));
  }
}

TEST_CASE("regress.plan.drawn_seeds_are_those_of_their_run") {
  const Plan plan = plan_of_block(R"({"networks": ["a"], "seeds": ["auto:50", 3]})");
  const std::vector<Point> one = points_of(plan.blocks[0], "run 1"), two = points_of(plan.blocks[0], "run 2");
  CHECK(one.size() == 51);
  CHECK(one[0][Axis::seed] == "3");
  CHECK(one == points_of(plan.blocks[0], "run 1"));
  CHECK(one[1][Axis::seed] != two[1][Axis::seed]);
}

TEST_CASE("regress.plan.what_two_blocks_ask_for_is_one_job") {
  const Plan plan = plan_of(R"({"version": 1, "name": "p", "blocks": [
      {"networks": ["a"], "seeds": ["1-3"]}, {"networks": ["a"], "seeds": ["2-5"], "weight": 2.5}]})");
  const std::vector<Job> jobs = jobs_of(plan, test::surroundings_of(plan));
  CHECK(jobs.size() == 5);
  CHECK(jobs[2].block == 0);
  CHECK(jobs[3].block == 1);
  CHECK(jobs[3].weight == 2.5);
}

TEST_CASE("regress.plan.limits") {
  const Plan plan = plan_of(R"({"version": 1, "name": "p", "limits": {"seconds": 5, "memory_mb": 100},
                                "blocks": [{"networks": ["a"]}]})");
  CHECK(plan.limits.seconds == 5);
  CHECK(plan.limits.memory_mb == 100);
  CHECK(plan_of_block(R"({"networks": ["a"]})").limits.seconds == 3600);
}

TEST_CASE("regress.plan.refused_in_one_line") {
  const auto block = [](const std::string& text) {
    return plan_refusal(R"({"version": 1, "name": "p", "blocks": [)" + text + "]}");
  };
  CHECK(plan_refusal("{").starts_with("expected JSON text: "));
  CHECK(plan_refusal(R"({"version": 2, "name": "p", "blocks": []})") ==
        "version: expected an integer in 1 .. 1, found 2");
  CHECK(plan_refusal(R"({"version": 1, "name": "p", "blocks": []})") ==
        "blocks: expected an array of 1 .. 1000 objects, found []");
  CHECK(plan_refusal(R"({"version": 1, "name": "p", "block": [], "blocks": [{"networks": ["a"]}]})") ==
        "block: unknown key");
  CHECK(block("{}") == "blocks[0]: expected either networks or vectors");
  CHECK(block(R"({"networks": ["a"], "vectors": ["b"]})") == "blocks[0]: expected either networks or vectors");
  CHECK(block(R"({"vectors": ["b"], "layers": ["x"]})") == "blocks[0].layers: goes with networks, not with vectors");
  CHECK(block(R"({"networks": ["a"], "seed": [1]})") == "blocks[0].seed: unknown key");
  CHECK(block(R"({"networks": ["a"], "stalls": ["some"]})") ==
        "blocks[0].stalls[0]: expected one of none in out both bursts, found \"some\"");
  CHECK(block(R"({"networks": ["a"], "seeds": ["5-2"]})").starts_with("blocks[0].seeds[0]: expected a seed, a range"));
  CHECK(block(R"({"networks": ["a"], "seeds": ["0-10000"]})").find("of at most 10000") != std::string::npos);
  CHECK(block(R"({"networks": ["a"], "seeds": [-1]})").starts_with("blocks[0].seeds[0]: expected a seed"));
  CHECK(block(R"({"networks": ["a"], "seeds": ["auto:0"]})").starts_with("blocks[0].seeds[0]: expected a seed"));
  CHECK(block(R"({"networks": ["a"], "images": ["x"]})") ==
        "blocks[0].images[0]: expected an image or a range of images as \"0-9\"");
  CHECK(block(R"({"networks": ["--report"]})") == "blocks[0].networks[0]: expected a name");
  CHECK(block(R"({"networks": ["a"], "kind": "fast"})") == "blocks[0].kind: expected edit or speed");
  CHECK(block(R"({"networks": ["a"], "exclude": [{"stall": ["in"]}]})")
            .starts_with("blocks[0].exclude[0]: expected axes to leave out: "));
  CHECK(test::refusal([] { (void)jobs_of_block(R"({"networks": ["a"], "exclude": [{"networks": ["a"]}]})"); }) ==
        "p: no job: all are excluded");
}

}  // namespace
}  // namespace systole::regress
