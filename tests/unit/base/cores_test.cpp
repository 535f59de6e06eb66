// SPDX-License-Identifier: Apache-2.0
#include "base/cores.h"

#include <doctest/doctest.h>

namespace systole::base {
namespace {

TEST_CASE("base.cores.those_that_the_process_may_run_on") {
  cpu_set_t all;
  REQUIRE(::sched_getaffinity(0, sizeof(all), &all) == 0);
  CHECK(cores() == CPU_COUNT(&all));
  int first = 0;
  while (CPU_ISSET(first, &all) == 0) ++first;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(first, &one);
  REQUIRE(::sched_setaffinity(0, sizeof(one), &one) == 0);
  CHECK(cores() == 1);
  CHECK(::sched_setaffinity(0, sizeof(all), &all) == 0);
}

}  // namespace
}  // namespace systole::base
