// SPDX-License-Identifier: Apache-2.0
#include "signoff/mutants/choice.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/output_file.h"
#include "base/temporary_folder.h"

namespace systole::signoff {
namespace {

Mutant inverted(const std::string& module, const std::string& cell, int line, int bit) {
  return parse_mutants(
             fmt::format("mutate -mode inv -module {} -cell {} -port Y -portbit {} -wire sum -src {}.v:{}.1-{}.9\n",
                         module, cell, bit, module, line, line),
             "list")
      .front();
}

/// Modules whose files have `lines` lines, with bits 0 to 3 of a cell in each.
struct Listed {
  explicit Listed(const std::map<std::string, int>& lines, int first_number = 1) {
    for (const auto& [module, count] : lines) {
      std::string text;
      for (int line = 1; line <= count; ++line) {
        text += fmt::format("  assign sum = a + {};\n", line);
        for (int bit = 0; bit < 4; ++bit)
          mutants.push_back(
              inverted(module, fmt::format("$add${}.v:{}${}", module, line, first_number + line), line, bit));
      }
      base::write_file(folder / (module + ".v"), text);
    }
  }
  [[nodiscard]] std::vector<std::string> names(unsigned seed) const {
    std::vector<std::string> names;
    for (const Mutant& mutant : in_order(all_modes(mutants, folder.path(), seed), folder.path(), seed))
      names.push_back(identity(mutant, folder.path()));
    return names;
  }

  base::TemporaryFolder folder;
  std::vector<Mutant> mutants;
};

TEST_CASE("signoff.choice.identity_holds_no_number_that_an_edit_moves") {
  const base::TemporaryFolder folder;
  const auto named = [&folder](const std::string& text, int line, const std::string& cell) {
    base::write_file(folder / "a.v", text);
    return identity(inverted("a", cell, line, 3), folder.path());
  };
  const std::string name = named("module a;\n  assign sum = x + y;\n", 2, "$add$a.v:2$1");
  CHECK(name == "a inv Y[3] of sum at 'assign sum = x + y;'");
  CHECK(named("module a;\n\n  assign sum = x + y;\n", 3, "$add$a.v:3$7") == name);
  CHECK(named("module a;\n  assign sum = x - y;\n", 2, "$sub$a.v:2$1") != name);
}

TEST_CASE("signoff.choice.each_bit_has_five_mutants") {
  const Listed listed({{"a", 1}});
  const std::vector<Mutant> all = all_modes(listed.mutants, listed.folder.path(), 1);
  CHECK(all.size() == 20);
  for (const Mutant& mutant : all) {
    CAPTURE(mutant.options);
    CHECK(mutant.options.starts_with("-mode " + mutant.mode + " -module a "));
    CHECK(mutant.control.has_value() == mutant.mode.starts_with("cnot"));
    if (!mutant.control) continue;
    CHECK(*mutant.control < 4);
    CHECK(*mutant.control != mutant.bit);
    CHECK(mutant.options.ends_with(fmt::format(" -ctrlbit {}", *mutant.control)));
  }
}

TEST_CASE("signoff.choice.a_port_of_one_bit_looks_at_no_other") {
  const base::TemporaryFolder folder;
  base::write_file(folder / "a.v", "  assign sum = x;\n");
  CHECK(all_modes({inverted("a", "$not$a.v:1$1", 1, 0)}, folder.path(), 1).size() == 3);
}

TEST_CASE("signoff.choice.cells_that_no_line_says_have_none") {
  const base::TemporaryFolder folder;
  const auto mutants =
      parse_mutants("mutate -mode inv -module a -cell $neg$1 -port A -portbit 0 -src a.v:0.0-0.0\n", "list");
  CHECK(all_modes(mutants, folder.path(), 1).empty());
}

TEST_CASE("signoff.choice.numbers_of_cells_do_not_count") {
  CHECK(Listed({{"a", 9}, {"b", 3}}, 1).names(1) == Listed({{"a", 9}, {"b", 3}}, 700).names(1));
}

TEST_CASE("signoff.choice.a_bit_more_or_less_leaves_the_others_in_their_order") {
  Listed listed({{"a", 9}});
  std::vector<std::string> names = listed.names(1);
  const Mutant gone = listed.mutants[17];
  std::erase_if(listed.mutants, [&gone](const Mutant& m) { return m.cell == gone.cell; });
  std::erase_if(names, [](const std::string& name) { return name.ends_with("'assign sum = a + 5;'"); });
  CHECK(listed.names(1) == names);
}

TEST_CASE("signoff.choice.each_seed_has_its_own") {
  const Listed listed({{"a", 20}});
  CHECK(listed.names(1) == listed.names(1));
  CHECK(listed.names(1) != listed.names(2));
}

TEST_CASE("signoff.choice.every_line_comes_before_a_second_of_any") {
  const std::vector<std::string> names = Listed({{"a", 20}}).names(1);
  std::set<std::string> lines;
  for (std::size_t i = 0; i < 20; ++i) lines.insert(names[i].substr(names[i].find('\'')));
  CHECK(lines.size() == 20);
}

TEST_CASE("signoff.choice.modules_have_shares_by_the_square_root_of_their_size") {
  const std::vector<std::string> names = Listed({{"large", 90}, {"small", 10}}).names(1);
  CHECK(std::ranges::count_if(names.begin(), names.begin() + 40,
                              [](const std::string& name) { return name.starts_with("small "); }) == 10);
}

}  // namespace
}  // namespace systole::signoff
