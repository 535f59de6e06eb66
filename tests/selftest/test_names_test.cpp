// SPDX-License-Identifier: Apache-2.0
// Every test that ctest knows is named `scope.unit.behaviour[.params]`, with the scope of its label, and ends after a
// while.
#include <doctest/doctest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

/// A case's scope is its folder: below tests/unit the folder of what it tests, else the folder of tests/ itself.
std::set<std::string> scopes_of(const std::string& label) {
  if (label != "unit") return {label};
  std::set<std::string> scopes{"fuzz"};
  for (const auto& entry : fs::directory_iterator("tests/unit")) {
    if (entry.is_directory()) scopes.insert(entry.path().filename().string());
  }
  return scopes;
}

Json property(const Json& test, const std::string& name) {
  for (const Json& one : test.value("properties", Json::array())) {
    if (one.at("name") == name) return one.at("value");
  }
  return {};
}

/// What a test of `ctest --show-only=json-v1` breaks of the rule, or "".
std::string objection(const Json& test) {
  static const std::regex rule("([a-z0-9_]+)(\\.[a-z0-9_-]+){2,}");
  const std::string name = test.at("name");
  std::smatch parts;
  if (!std::regex_match(name, parts, rule)) return "not scope.unit.behaviour";
  std::string label;
  for (const Json& one : property(test, "LABELS")) {
    if (one == "slow") continue;
    if (!label.empty()) return "more than one label";
    label = one;
  }
  if (!std::set<std::string>{"unit", "block", "system", "selftest"}.contains(label)) return "label '" + label + "'";
  if (!scopes_of(label).contains(parts[1])) return "scope '" + parts[1].str() + "' below label " + label;
  const Json timeout = property(test, "TIMEOUT");
  return timeout.is_number() && timeout > 0 ? "" : "no TIMEOUT";
}

Json registered_tests() {
  std::string text;
  FILE* pipe = ::popen(SYSTOLE_CTEST " --show-only=json-v1", "r");
  REQUIRE(pipe != nullptr);
  std::array<char, 65536> piece{};
  for (std::size_t n = 0; (n = std::fread(piece.data(), 1, piece.size(), pipe)) > 0;) text.append(piece.data(), n);
  REQUIRE(::pclose(pipe) == 0);
  return Json::parse(text).at("tests");
}

Json a_test(const std::string& name, const std::vector<std::string>& labels, double timeout) {
  Json test{{"name", name}, {"properties", Json::array()}};
  test["properties"].push_back({{"name", "LABELS"}, {"value", labels}});
  if (timeout > 0) test["properties"].push_back({{"name", "TIMEOUT"}, {"value", timeout}});
  return test;
}

}  // namespace

TEST_CASE("selftest.test_names.every_registered_test_follows_the_rule") {
  const Json tests = registered_tests();
  std::set<std::string> names;
  for (const Json& test : tests) {
    const std::string name = test.at("name");
    if (name.find("_NOT_BUILT-") != std::string::npos) continue;  // an executable of the suite; ctest fails on it
    CHECK_MESSAGE(objection(test).empty(), name << ": " << objection(test));
    CHECK_MESSAGE(names.insert(name).second, name << ": twice");
  }
  CHECK(names.size() > 2);
}

TEST_CASE("selftest.test_names.breach_is_named") {
  CHECK(objection(a_test("op.conv2d.random", {"unit"}, 60)).empty());
  CHECK(objection(a_test("op.conv2d.random.8x8-w4a4", {"unit", "slow"}, 60)).empty());
  CHECK(objection(a_test("block.pool.exhaustive", {"block"}, 60)).empty());
  CHECK(objection(a_test("conv2d.random", {"unit"}, 60)) == "not scope.unit.behaviour");
  CHECK(objection(a_test("op.conv2d.Random", {"unit"}, 60)) == "not scope.unit.behaviour");
  CHECK(objection(a_test("unit_op", {"unit"}, 60)) == "not scope.unit.behaviour");
  CHECK(objection(a_test("app.conv2d.random", {"unit"}, 60)) == "scope 'app' below label unit");
  CHECK(objection(a_test("block.pool.exhaustive", {"unit"}, 60)) == "scope 'block' below label unit");
  CHECK(objection(a_test("op.conv2d.random", {}, 60)) == "label ''");
  CHECK(objection(a_test("op.conv2d.random", {"slow"}, 60)) == "label ''");
  CHECK(objection(a_test("op.conv2d.random", {"block", "unit"}, 60)) == "more than one label");
  CHECK(objection(a_test("op.conv2d.random", {"unit"}, 0)) == "no TIMEOUT");
}
