// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <string>

#include "Vrestless.h"
#include "base/input_error.h"
#include "systole/adapter.h"

namespace systole::test {
namespace {

class RestlessModel final : public dut::VerilatedDut<Vrestless, dut::NoBinding, dut::NoTrace> {
 public:
  using VerilatedDut::model;
};

Task after_two_cycles(Bench& bench, Vrestless& top, int how) {
  co_await bench.cycles(2);
  top.how_i = static_cast<CData>(how);
  co_await bench.cycles(2);
}

sequence::Ended run(int how) {
  RestlessModel dut;
  dut.model().how_i = 0;
  Bench bench(dut, {.clock = &dut.model().clk_i});
  return bench.run(after_two_cycles(bench, dut.model(), how), 100);
}

TEST_CASE("block.sequence.restless.a_loop_is_bad_input") {
  std::string what;
  try {
    run(1);
  } catch (const base::InputError& error) {
    what = error.what();
  }
  CHECK(what.find("restless.v:") != std::string::npos);
  CHECK(what.find("a combinational loop of the RTL does not come to rest; Verilator's warnings UNOPTFLAT of the build "
                  "name its signals") != std::string::npos);
}

TEST_CASE("block.sequence.restless.rtl_that_stops_has_broken_a_rule") {
  CHECK(run(0).outcome == kernel::Outcome::passed);
  const sequence::Ended stop = run(2);
  CHECK(stop.outcome == kernel::Outcome::mismatch);
  CHECK(stop.detail == "cycle 2: restless.v:13: the RTL stops the simulation ($stop, $fatal or an assertion)");
  const sequence::Ended finish = run(3);
  CHECK(finish.outcome == kernel::Outcome::mismatch);
  CHECK(finish.detail == "cycle 2: restless.v:14: the RTL ends the simulation ($finish)");
}

}  // namespace
}  // namespace systole::test
