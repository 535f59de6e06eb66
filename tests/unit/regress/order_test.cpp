// SPDX-License-Identifier: Apache-2.0
#include "regress/order.h"

#include <doctest/doctest.h>

#include <vector>

#include "tests/unit/regress/jobs.h"

namespace systole::regress {
namespace {

using Places = std::vector<std::size_t>;

TEST_CASE("regress.order.failed_then_changed_then_the_rest_and_long_ones_early") {
  const std::vector<Job> jobs = test::jobs_of_block(R"({"networks": ["a"], "seeds": ["0-6"]})");
  Known known;
  const auto set = [&](std::size_t i, Verdict verdict, double seconds, bool changed = false) {
    known[jobs[i].key] = {
        .id = changed ? "other" : jobs[i].id, .verdict = verdict, .signature = {}, .seconds = seconds};
  };
  set(0, Verdict::passed, 1);
  set(1, Verdict::passed, 9);
  set(2, Verdict::passed, 5, true);
  set(3, Verdict::failed, 1);
  set(4, Verdict::lost, 2);
  set(5, Verdict::passed, 6, true);
  CHECK(order_of(jobs, known) == Places{4, 3, 5, 2, 6, 1, 0});  // 6 never ran: as the mean of those alike, 4
}

TEST_CASE("regress.order.plan_order_where_nothing_is_known") {
  const std::vector<Job> jobs = test::jobs_of_block(R"({"networks": ["a"], "seeds": ["0-4"]})");
  CHECK(order_of(jobs, {}) == Places{0, 1, 2, 3, 4});
}

// A fault that shows under one policy alone is not to wait for all seeds of the others.
TEST_CASE("regress.order.each_combination_comes_once_before_any_comes_twice") {
  const std::vector<Job> jobs =
      test::jobs_of_block(R"({"networks": ["a"], "stalls": ["none", "in", "out"], "seeds": ["0-2"]})");
  CHECK(order_of(jobs, {}) == Places{0, 3, 6, 1, 4, 7, 2, 5, 8});
  Known known;
  for (std::size_t i = 0; i < jobs.size(); ++i)
    known[jobs[i].key] = {
        .id = "other", .verdict = Verdict::passed, .signature = {}, .seconds = static_cast<double>(i)};
  CHECK(order_of(jobs, known) == Places{8, 5, 2, 7, 4, 1, 6, 3, 0});
  for (std::size_t i = 0; i < jobs.size(); ++i) known[jobs[i].key].id = jobs[i].id;  // as they are: the longest first
  CHECK(order_of(jobs, known) == Places{8, 7, 6, 5, 4, 3, 2, 1, 0});
}

TEST_CASE("regress.order.blocks_take_turns_by_weight") {
  const Plan plan = test::plan_of(R"({"version": 1, "name": "p", "blocks": [
      {"networks": ["a"], "seeds": ["0-3"]}, {"networks": ["b"], "seeds": ["0-3"], "weight": 3}]})");
  const std::vector<Job> jobs = jobs_of(plan, test::surroundings_of(plan));
  CHECK(order_of(jobs, {}) == Places{4, 0, 5, 6, 7, 1, 2, 3});
}

TEST_CASE("regress.order.times_of_those_alike") {
  const std::vector<Job> jobs = test::jobs_of_block(R"({"networks": ["a", "b"], "seeds": ["0-1"]})");
  Known known;
  known[jobs[0].key] = {.id = jobs[0].id, .verdict = Verdict::passed, .signature = {}, .seconds = 3};
  CHECK(expected_seconds(jobs, known) == std::vector<double>{3, 3, 3, 3});
  known[jobs[2].key] = {.id = jobs[2].id, .verdict = Verdict::passed, .signature = {}, .seconds = 5};
  CHECK(expected_seconds(jobs, known) == std::vector<double>{3, 3, 5, 5});
  CHECK(expected_seconds(jobs, {}) == std::vector<double>{0, 0, 0, 0});
}

}  // namespace
}  // namespace systole::regress
