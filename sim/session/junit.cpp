// SPDX-License-Identifier: Apache-2.0
#include "sim/session/junit.h"

#include <fmt/format.h>

#include <pugixml.hpp>
#include <sstream>

#include "base/counted.h"

namespace systole::session {
namespace {

pugi::xml_node add_case(pugi::xml_node& suite, const std::string& name) {
  pugi::xml_node result = suite.append_child("testcase");
  result.append_attribute("classname") = suite.attribute("name").value();
  result.append_attribute("name") = name.c_str();
  return result;
}

void add_message(pugi::xml_node node, const char* kind, const std::string& message, const std::string& text = {}) {
  pugi::xml_node child = node.append_child(kind);
  child.append_attribute("message") = message.c_str();
  if (!text.empty()) child.append_child(pugi::node_pcdata).set_value(text.c_str());
}

void add_layer(pugi::xml_node& suite, const LayerReport& layer) {
  pugi::xml_node result = add_case(suite, layer.name);
  const LayerTotals& t = layer.totals;
  if (t.mismatches > 0) {
    add_message(result, "failure", fmt::format("{} of {} values differ", t.mismatches, t.compared));
  } else if (t.images == 0) {
    add_message(result, "skipped", "the run ended before this layer did");
  }
}

/// "pool1: this design multiplies matrices"
void add_unfit(pugi::xml_node& suite, const std::string& line) {
  const std::size_t colon = line.find(": ");
  add_message(add_case(suite, line.substr(0, colon)), "skipped", line.substr(colon + 2));
}

}  // namespace

std::string run_junit(const RunReport& report, const RunOptions& options, const std::string& network) {
  pugi::xml_document document;
  pugi::xml_node suites = document.append_child("testsuites");
  pugi::xml_node suite = suites.append_child("testsuite");
  suite.append_attribute("name") =
      fmt::format("{}.{}.{}.stall_{}", options.test, network, report.configuration, to_string(options.stall)).c_str();
  for (const LayerReport& layer : report.layers) add_layer(suite, layer);
  for (const std::string& line : report.skipped) add_unfit(suite, line);
  pugi::xml_node verdict = add_case(suite, "verdict");
  if (report.outcome != kernel::Outcome::passed) {
    std::string text;
    for (const std::string& failure : report.failures) text += failure + "\n";
    add_message(verdict, "failure", fmt::format("{}: {}", to_string(report.outcome), report.detail), text);
  }
  verdict.append_child("system-out")
      .append_child(pugi::node_pcdata)
      .set_value(fmt::format("{}, {} values compared, {} differ, seed {}", base::counted(report.images, "image"),
                             report.compared, report.mismatches, options.seed)
                     .c_str());
  int cases = 0, failures = 0, skipped = 0;
  for (const pugi::xml_node& one : suite.children("testcase")) {
    ++cases;
    failures += one.child("failure") ? 1 : 0;
    skipped += one.child("skipped") ? 1 : 0;
  }
  for (pugi::xml_node* node : {&suites, &suite}) {
    node->append_attribute("tests") = cases;
    node->append_attribute("failures") = failures;
    node->append_attribute("skipped") = skipped;
    node->append_attribute("time") = fmt::format("{:.3f}", report.seconds).c_str();
  }
  std::ostringstream text;
  document.save(text, "  ");
  return text.str();
}

}  // namespace systole::session
