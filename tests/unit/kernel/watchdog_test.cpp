// SPDX-License-Identifier: Apache-2.0
#include "sim/kernel/watchdog.h"

#include <doctest/doctest.h>

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

TEST_CASE("kernel.cycle_bound.grows_with_the_work") {
  // 13 + (3 + 8) + (8 + 1) + fill 16 + one group of max(1 * max(16, 8), 16) + D 16 + 6.
  accel::Header header;
  header.in_h = header.in_w = header.out_h = header.out_w = 4;
  const accel::Geometry geometry;
  CHECK(kernel::cycle_bound(header, geometry) == 13 + 11 + 9 + 16 + 16 + 16 + 6);
  header.oc_tiles = 3;
  CHECK(kernel::cycle_bound(header, geometry) == 13 + 11 + 9 + 16 + 3 * 16 + 16 + 6);
  header.kernel_h = 2;
  CHECK(kernel::cycle_bound(header, geometry) == 13 + 11 + 9 + 16 + 3 * 32 + 16 + 6);
  header.out_h = header.out_w = 1;  // a pass takes at least `rows` cycles, a group at least its fill
  CHECK(kernel::cycle_bound(header, geometry) == 13 + 11 + 9 + 16 + 3 * 16 + 16 + 6);
}

TEST_CASE("kernel.who_waits.names_stream_and_state") {
  std::uint8_t cfg_valid = 0, wgt_valid = 1, act_valid = 0, out_ready = 1, cfg_ready = 0, wgt_ready = 0, act_ready = 1,
               out_valid = 0, state = 6;
  dut::Ports ports;
  ports.cfg_valid = &cfg_valid;
  ports.wgt_valid = &wgt_valid;
  ports.act_valid = &act_valid;
  ports.out_ready = &out_ready;
  ports.cfg_ready = &cfg_ready;
  ports.wgt_ready = &wgt_ready;
  ports.act_ready = &act_ready;
  ports.out_valid = &out_valid;
  ports.state = &state;
  CHECK(kernel::who_waits(ports) ==
        "state S_INPUT_CH; cfg: idle; wgt: bench waits for wgt_ready_o; act: design waits for act_valid_i; out: bench "
        "waits for out_valid_o");
}
