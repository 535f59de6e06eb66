// SPDX-License-Identifier: Apache-2.0
#include "sim/kernel/watchdog.h"

#include <doctest/doctest.h>

#include <string>

using namespace systole;

TEST_CASE("kernel.watchdog.trips_one_cycle_after_the_limit") {
  kernel::Watchdog watchdog;
  watchdog.arm(10);
  for (int i = 0; i < 20; ++i) CHECK_FALSE(watchdog.tick(false));
  CHECK(watchdog.tick(false));
  watchdog.arm(10);
  CHECK_FALSE(watchdog.tick(false));
}

TEST_CASE("kernel.watchdog.stalls_of_the_bench_do_not_count") {
  kernel::Watchdog watchdog;
  watchdog.arm(1);
  for (int i = 0; i < 1000; ++i) CHECK_FALSE(watchdog.tick(true));
  CHECK(watchdog.waited() == 0);
}

TEST_CASE("kernel.who_waits.names_each_stream") {
  std::uint8_t cfg_valid = 0, wgt_valid = 1, act_valid = 0, out_ready = 1, cfg_ready = 0, wgt_ready = 0, act_ready = 1,
               out_valid = 0;
  const auto in = [](const std::string& name, std::uint8_t& valid, const std::uint8_t& ready) {
    port::InStream stream;
    stream.name = name;
    stream.valid_pin = name + "_valid_i";
    stream.ready_pin = name + "_ready_o";
    stream.valid = &valid;
    stream.ready = &ready;
    return stream;
  };
  port::PinMap map;
  map.inputs = {in("cfg", cfg_valid, cfg_ready), in("wgt", wgt_valid, wgt_ready), in("act", act_valid, act_ready)};
  map.output.name = "out";
  map.output.valid_pin = "out_valid_o";
  map.output.ready_pin = "out_ready_i";
  map.output.valid = &out_valid;
  map.output.ready = &out_ready;
  CHECK(kernel::who_waits(map) ==
        "cfg: idle; wgt: bench waits for wgt_ready_o; act: design waits for act_valid_i; out: bench waits for "
        "out_valid_o");
  out_valid = 1;
  out_ready = 0;
  CHECK(kernel::who_waits(map).ends_with("out: design waits for out_ready_i"));
}
