// SPDX-License-Identifier: Apache-2.0
#include "base/junit.h"

#include <fmt/format.h>

#include <algorithm>
#include <pugixml.hpp>
#include <sstream>

#include "base/quote.h"

namespace systole::base {
namespace {

void set(pugi::xml_node& node, const char* name, const std::string& value) {
  node.append_attribute(name) = document_text(value).c_str();
}

void add_text(pugi::xml_node& node, const std::string& text) {
  if (!text.empty()) node.append_child(pugi::node_pcdata).set_value(document_text(text).c_str());
}

void add_result(pugi::xml_node& node, const JunitCase& one) {
  if (one.result == JunitCase::Result::passed) return;
  pugi::xml_node child = node.append_child(one.result == JunitCase::Result::failed ? "failure" : "skipped");
  set(child, "message", one.message);
  add_text(child, one.text);
}

void add_case(pugi::xml_node& suite, const std::string& suite_name, const JunitCase& one) {
  pugi::xml_node node = suite.append_child("testcase");
  set(node, "classname", suite_name);
  set(node, "name", one.name);
  if (one.seconds) set(node, "time", fmt::format("{:.3f}", *one.seconds));
  add_result(node, one);
  if (one.output.empty()) return;
  pugi::xml_node output = node.append_child("system-out");
  add_text(output, one.output);
}

}  // namespace

std::string junit_text(const std::string& suite, const std::vector<JunitCase>& cases, double seconds) {
  pugi::xml_document document;
  pugi::xml_node suites = document.append_child("testsuites");
  pugi::xml_node node = suites.append_child("testsuite");
  set(node, "name", suite);
  const auto count = [&cases](JunitCase::Result result) {
    return std::to_string(std::ranges::count(cases, result, &JunitCase::result));
  };
  for (pugi::xml_node* one : {&suites, &node}) {
    set(*one, "tests", std::to_string(cases.size()));
    set(*one, "failures", count(JunitCase::Result::failed));
    set(*one, "skipped", count(JunitCase::Result::skipped));
    set(*one, "time", fmt::format("{:.3f}", seconds));
  }
  for (const JunitCase& one : cases) add_case(node, suite, one);
  std::ostringstream text;
  document.save(text, "  ");
  return text.str();
}

}  // namespace systole::base
