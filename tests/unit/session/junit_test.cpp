// SPDX-License-Identifier: Apache-2.0
#include "sim/session/junit.h"

#include <doctest/doctest.h>

#include <pugixml.hpp>
#include <string>

namespace systole::session {
namespace {

/// Two layers, the second of which differs and the third did not run.
RunReport failed() {
  RunReport report;
  report.outcome = kernel::Outcome::mismatch;
  report.detail = "fc1 of image 1: 1 value differs";
  report.configuration = "8x8";
  report.images = 1;
  report.compared = 40;
  report.mismatches = 1;
  report.seconds = 0.25;
  report.layers.resize(3);
  report.layers[0].name = "conv<1>";
  report.layers[0].totals.images = 2;
  report.layers[1].name = "fc1";
  report.layers[1].totals = {.counters = {}, .macs = 0, .images = 1, .compared = 30, .mismatches = 1};
  report.layers[2].name = "fc2";
  report.skipped = {"pool1: this design: multiplies"};
  report.failures = {"run.net.fc1  rtl -1  golden & 2"};
  return report;
}

TEST_CASE("session.junit.a_case_for_each_layer_and_the_verdict") {
  RunOptions options;
  options.stall = kernel::Stall::both;
  options.seed = 12;
  pugi::xml_document document;
  REQUIRE(document.load_string(run_junit(failed(), options, "net").c_str()));
  const pugi::xml_node suite = document.child("testsuites").child("testsuite");
  CHECK(suite.attribute("name").value() == std::string("run.net.8x8.stall_both"));
  CHECK(suite.attribute("tests").as_int() == 5);
  CHECK(suite.attribute("failures").as_int() == 2);
  CHECK(suite.attribute("skipped").as_int() == 2);
  CHECK(suite.attribute("time").value() == std::string("0.250"));
  const auto one = [&suite](const char* name) { return suite.find_child_by_attribute("testcase", "name", name); };
  CHECK(one("conv<1>"));
  CHECK_FALSE(one("conv<1>").child("failure"));
  CHECK(one("fc1").child("failure").attribute("message").value() == std::string("1 of 30 values differ"));
  CHECK(one("fc2").child("skipped"));
  CHECK(one("pool1").child("skipped").attribute("message").value() == std::string("this design: multiplies"));
  const pugi::xml_node failure = one("verdict").child("failure");
  CHECK(failure.attribute("message").value() == std::string("mismatch: fc1 of image 1: 1 value differs"));
  CHECK(failure.child_value() == std::string("run.net.fc1  rtl -1  golden & 2\n"));
  CHECK(one("verdict").child_value("system-out") == std::string("1 image, 40 values compared, 1 differ, seed 12"));
}

TEST_CASE("session.junit.passed") {
  RunReport report = failed();
  report.outcome = kernel::Outcome::passed;
  report.layers.resize(1);
  report.skipped.clear();
  pugi::xml_document document;
  REQUIRE(document.load_string(run_junit(report, {}, "net").c_str()));
  CHECK(document.child("testsuites").attribute("tests").as_int() == 2);
  CHECK(document.child("testsuites").attribute("failures").as_int() == 0);
  CHECK_FALSE(
      document.child("testsuites").child("testsuite").find_child_by_attribute("name", "verdict").child("failure"));
}

}  // namespace
}  // namespace systole::session
