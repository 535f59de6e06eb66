// SPDX-License-Identifier: Apache-2.0
#include "base/junit.h"

#include <doctest/doctest.h>

#include <pugixml.hpp>
#include <string>

namespace {

using systole::base::junit_text;
using systole::base::JunitCase;

TEST_CASE("base.junit.counts_and_cases") {
  const std::string xml = junit_text("s<1>",
                                     {{"good"},
                                      {"bad & worse", JunitCase::Result::failed, "why", "line 1\nline 2"},
                                      {"left", JunitCase::Result::skipped, "no need"},
                                      {.name = "timed", .output = "out", .seconds = 0.5}},
                                     1.25);
  pugi::xml_document document;
  REQUIRE(document.load_string(xml.c_str()));
  const pugi::xml_node suite = document.child("testsuites").child("testsuite");
  CHECK(suite.attribute("name").value() == std::string("s<1>"));
  CHECK(suite.attribute("tests").as_int() == 4);
  CHECK(suite.attribute("failures").as_int() == 1);
  CHECK(suite.attribute("skipped").as_int() == 1);
  CHECK(suite.attribute("time").value() == std::string("1.250"));
  const auto one = [&suite](const char* name) { return suite.find_child_by_attribute("testcase", "name", name); };
  CHECK(one("bad & worse").child("failure").child_value() == std::string("line 1\nline 2"));
  CHECK(one("left").child("skipped").attribute("message").value() == std::string("no need"));
  CHECK(one("timed").child_value("system-out") == std::string("out"));
  CHECK(one("timed").attribute("time").value() == std::string("0.500"));
  CHECK_FALSE(one("good").attribute("time"));
}

TEST_CASE("base.junit.holds_what_xml_holds") {
  const std::string xml = junit_text("s", {{"a\x1b\xFF", JunitCase::Result::failed, "m\x01", "t\x02"}}, 0);
  CHECK(xml.find_first_of("\x01\x02\x1b\xFF") == std::string::npos);
  CHECK(xml.find("&#") == std::string::npos);
}

}  // namespace
