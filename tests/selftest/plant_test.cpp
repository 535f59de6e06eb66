// SPDX-License-Identifier: Apache-2.0
// The planter itself: which quotes apply, and what is said of one that does not.
#include "tests/selftest/plant.h"

#include <doctest/doctest.h>

#include <fstream>

#include "tests/support/temporary_folder.h"

namespace systole::test {
namespace {

constexpr const char* kText =
    "module m(input a, input b, output y);\n"
    "  // not this one: y = a & b\n"
    "  assign y = a & b;\n"
    "  wire xa = a;\n"
    "endmodule\n";

Fault fault(const std::string& quoted, const std::string& mutated, const std::string& name = "m.f") {
  Fault fault;
  fault.name = name;
  fault.module = "m";
  fault.quoted = quoted;
  fault.mutated = mutated;
  return fault;
}

struct Result {
  std::string text;
  std::vector<Fault> faults;
};

Result plant_into(const std::string& text, std::vector<Fault> faults) {
  Modules modules{{"m", text}};
  plant(modules, faults);
  return {modules.at("m"), faults};
}

/// The problem of one fault that must not apply; the text must stay as it is.
std::string problem_of(const Fault& fault) {
  const Result result = plant_into(kText, {fault});
  CHECK(result.text == kText);
  return result.faults.front().problem;
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("selftest.plant.replaces_the_quote_under_its_condition") {
  const Result result =
      plant_into(kText, {fault("b;", "b | @;", "m.first"), fault("y = a &", "y = a & ~@ &", "m.second")});
  CHECK(result.faults[0].problem == "");
  CHECK(result.faults[1].problem == "");
  CHECK(contains(result.text,
                 "assign y = a & ~(accel_fault_pkg::active == 32'sd2) & b | (accel_fault_pkg::active == 32'sd1);"));
  CHECK(contains(result.text, "// not this one: y = a & b\n"));
}

TEST_CASE("selftest.plant.white_space_and_comments_do_not_count") {
  for (const char* text : {"assign y=a&b;", "assign y = a\n    & // both\n    b;", "assign y = a /* and */ &\tb;"}) {
    CAPTURE(text);
    const Result result = plant_into(text, {fault("y = a & b", "y = a | @")});
    CHECK(result.faults.front().problem == "");
    CHECK(result.text == "assign y = a | (accel_fault_pkg::active == 32'sd1);");
  }
}

TEST_CASE("selftest.plant.missing_quote_is_reported") {
  const std::string problem = problem_of(fault("y = a ^ b", "y = @"));
  for (const char* part : {"rtl/m.v", "\"y = a ^ b\"", "0 times", "quote the text as it is now"})
    CHECK(contains(problem, part));
  CHECK(contains(problem_of(fault("y = a & bb", "@")), "0 times"));
  CHECK(contains(problem_of(fault("", "@")), "0 times"));
}

TEST_CASE("selftest.plant.quote_that_occurs_twice_is_reported") {
  CHECK(contains(problem_of(fault("= a", "= @")), "2 times"));
  CHECK(plant_into(kText, {fault("a;", "a | @;")}).faults.front().problem == "");  // xa = a; is one word on
}

TEST_CASE("selftest.plant.overlap_leaves_out_the_later_fault") {
  const Result result =
      plant_into(kText, {fault("y = a & b", "y = a & @", "m.first"), fault("a & b;", "b & @;", "m.second")});
  CHECK(result.faults[0].problem == "");
  CHECK(contains(result.faults[1].problem, "overlaps the quote of m.first"));
}

TEST_CASE("selftest.plant.name_that_the_module_has_not_is_reported") {
  CHECK(contains(problem_of(fault("= a & b", "= @ ? c_q : a")), "has no c_q"));
  CHECK(plant_into(kText, {fault("= a & b", "= @ ? 1'b0 : 12 - 'hff")}).faults.front().problem == "");
}

TEST_CASE("selftest.plant.missing_module_is_reported") {
  Fault other = fault("y", "@");
  other.module = "gone";
  CHECK(contains(problem_of(other), "rtl/gone.v does not exist"));
}

TEST_CASE("selftest.plant.table_errors_name_the_line") {
  const TemporaryFolder folder;
  const auto message = [&](const std::string& text) -> std::string {
    const std::string file = folder / "faults.tsv";
    std::ofstream(file) << "# comment\n" << text;
    try {
      read_faults(file);
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "";
  };
  const std::string row = "m.f\tm\ty\t@\tconv\tpe\tmismatch\tstate_o\n";
  CHECK(message(row) == "");
  CHECK(contains(message("m.f\tm\ty\n"), "faults.tsv:2: expected 8 fields, found 3"));
  CHECK(contains(message(row + row), "faults.tsv:3: m.f is a name that an earlier line has"));
  CHECK(contains(message("m.f\tm\ty\tz\tconv\tpe\tmismatch\tstate_o\n"), "faults.tsv:2: expected @"));
  CHECK(contains(message(""), "no faults"));
}

}  // namespace systole::test
