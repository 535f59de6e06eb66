// SPDX-License-Identifier: Apache-2.0
#include "sim/session/trace_window.h"

#include <doctest/doctest.h>

#include "base/input_error.h"

namespace {

using namespace systole;

TEST_CASE("session.trace_window.ranges") {
  const session::TraceWindow window = session::parse_trace_window("12:20,30:30", {"conv1"});
  CHECK_FALSE(window.layer);
  for (const std::uint64_t inside : {12U, 20U, 30U}) CHECK(window.contains(inside));
  for (const std::uint64_t outside : {0U, 11U, 21U, 29U, 31U}) CHECK_FALSE(window.contains(outside));
  CHECK(session::to_string(window.ranges) == "12:20,30:30");
}

TEST_CASE("session.trace_window.layer_or_everything") {
  CHECK(session::parse_trace_window("conv2", {"conv1", "conv2"}).layer == 1);
  CHECK(session::parse_trace_window("1:2,", {"1:2,"}).layer == 0);
  CHECK(session::parse_trace_window("", {}).contains(1000000));
}

TEST_CASE("session.trace_window.malformed") {
  for (const char* text : {"12:9", "12", "12:20,", ",12:20", "12:20,30:9", "12:20;30:40", "a:b"}) {
    CAPTURE(text);
    CHECK_THROWS_AS((void)session::parse_trace_window(text, {"conv1"}), base::InputError);
  }
}

TEST_CASE("session.trace_window.around_a_cycle") {
  CHECK(session::range_around(1000).first == 936);
  CHECK(session::range_around(1000).last == 1256);
  CHECK(session::range_around(10).first == 0);
}

}  // namespace
