// SPDX-License-Identifier: Apache-2.0
#include "base/forked.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/interrupt.h"
#include "base/interrupted.h"

namespace systole::base {
namespace {

using namespace std::chrono_literals;

TEST_CASE("base.forked.answers_come_in_order") {
  std::vector<std::size_t> ended;
  const auto results = run_forked(
      20, 3, [](std::size_t i) { return std::string(i * 10000, 'x') + std::to_string(i); }, 60s,
      [&ended](std::size_t n) { ended.push_back(n); });
  REQUIRE(results.size() == 20);
  for (std::size_t i = 0; i < results.size(); ++i) {
    CHECK(results[i].ended);
    CHECK(results[i].answer == std::string(i * 10000, 'x') + std::to_string(i));
  }
  CHECK(ended.size() == 20);
  CHECK(std::ranges::is_sorted(ended));
  CHECK(ended.back() == 20);
  CHECK(run_forked(
            0, 3, [](std::size_t) { return std::string(); }, 60s)
            .empty());
}

TEST_CASE("base.forked.a_piece_keeps_what_it_does") {
  int value = 1;
  const auto results = run_forked(
      2, 2, [&value](std::size_t) { return std::to_string(++value); }, 60s);
  CHECK(value == 1);
  CHECK(results[0].answer == "2");
  CHECK(results[1].answer == "2");
}

TEST_CASE("base.forked.what_does_not_end_has_no_answer") {
  const auto results = run_forked(
      4, 4,
      [](std::size_t i) -> std::string {
        if (i == 0) throw std::runtime_error("no luck");
        if (i == 1) (void)::raise(SIGKILL);
        if (i == 2) ::_exit(0);
        std::this_thread::sleep_for(60s);
        return "late";
      },
      1s);
  for (const ForkedResult& result : results) {
    CHECK_FALSE(result.ended);
    CHECK(result.answer.empty());
  }
  CHECK(results[0].problem == "no luck");
  CHECK(results[1].problem == "Killed");
  CHECK(results[2].problem == "ended without an answer");
  CHECK(results[3].problem == "took longer than 1 s");
}

TEST_CASE("base.forked.an_interrupt_ends_all") {
  const InterruptGuard guard;
  const auto start = std::chrono::steady_clock::now();
  std::thread later([] {
    std::this_thread::sleep_for(200ms);
    (void)::kill(::getpid(), SIGTERM);
  });
  const auto sleep = [](std::size_t) {
    std::this_thread::sleep_for(60s);
    return std::string();
  };
  CHECK_THROWS_AS((void)run_forked(2, 2, sleep, 120s), Interrupted);
  later.join();
  CHECK(std::chrono::steady_clock::now() - start < 30s);
}

}  // namespace
}  // namespace systole::base
