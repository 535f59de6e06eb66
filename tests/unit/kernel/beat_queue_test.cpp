// SPDX-License-Identifier: Apache-2.0
#include "sim/kernel/beat_queue.h"

#include <doctest/doctest.h>

using systole::kernel::BeatQueue;

TEST_CASE("kernel.beat_queue.spans_in_order") {
  const std::uint32_t first[] = {1, 2, 3, 4};
  const std::uint32_t second[] = {5, 6};
  BeatQueue queue;
  queue.push(first, 2, 2);
  queue.push(second, 0, 2);
  queue.push(second, 1, 2);
  CHECK(queue.total() == 3);
  for (const std::uint32_t expected : {1U, 3U, 5U}) {
    REQUIRE(queue.front() != nullptr);
    CHECK(*queue.front() == expected);
    queue.pop();
  }
  CHECK(queue.front() == nullptr);
  CHECK(queue.left() == 0);
}

TEST_CASE("kernel.beat_queue.push_after_empty") {
  const std::uint32_t beats[] = {7, 8};
  BeatQueue queue;
  CHECK(queue.front() == nullptr);
  queue.push(beats, 1, 1);
  queue.pop();
  CHECK(queue.front() == nullptr);
  queue.push(beats + 1, 1, 1);
  REQUIRE(queue.front() != nullptr);
  CHECK(*queue.front() == 8);
  queue.clear();
  CHECK(queue.front() == nullptr);
  CHECK(queue.taken() == 0);
}
