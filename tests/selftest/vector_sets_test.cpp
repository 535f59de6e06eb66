// SPDX-License-Identifier: Apache-2.0
// The sets that a sign-off leaves behind, under attack: one is missing, one has a wrong word.
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <numeric>
#include <string>
#include <vector>

#include "base/input_error.h"
#include "base/output_file.h"
#include "base/temporary_folder.h"
#include "signoff/gates/program_set.h"
#include "signoff/mutants/models.h"

namespace systole::signoff {
namespace {

constexpr std::size_t kMutants = 24;
constexpr int kWorkers = 2;

/// Small programs as sets, each of which passes on the design itself.
std::vector<ProgramSet> sets_in(const std::filesystem::path& folder) {
  const accel::Geometry geometry{.rows = 4,
                                 .cols = 4,
                                 .act_width = 8,
                                 .wgt_width = 8,
                                 .psum_width = 32,
                                 .act_depth = 512,
                                 .psum_depth = 512,
                                 .par_tiles = 2};
  std::vector<ProgramSet> sets;
  for (const Program& program : programs(4)) {
    if (!fits_a_set(program)) continue;
    (void)write_program_set(program, geometry, folder / program.name);
    sets.push_back(read_program_set(folder / program.name, program));
    CAPTURE(program.name);
    CHECK(passed(play(*make_mutant(0), sets.back(), check::CheckLevel::all)));
  }
  return sets;
}

TEST_CASE("selftest.vector_sets.one_that_is_dropped_is_missed") {
  const base::TemporaryFolder folder;
  std::vector<ProgramSet> sets = sets_in(folder.path());
  REQUIRE(sets.size() > 3);
  std::vector<std::size_t> mutants(kMutants);
  std::iota(mutants.begin(), mutants.end(), std::size_t{1});
  const auto missed = [&mutants](const std::vector<ProgramSet>& by) {
    return missed_by(by, mutants, make_mutant, kWorkers);
  };
  const std::size_t by_all = missed(sets).size();
  CHECK(by_all < kMutants / 2);
  CHECK(missed({}).size() == kMutants);
  // Sets are dropped until a mutant is missed; it is one that the set that went last kills.
  std::vector<std::size_t> now;
  ProgramSet last;
  do {
    last = std::move(sets.back());
    sets.pop_back();
    now = missed(sets);
  } while (now.size() == by_all && !sets.empty());
  REQUIRE(now.size() > by_all);
  std::vector<ProgramSet> alone;
  alone.push_back(std::move(last));
  CHECK(missed_by(alone, now, make_mutant, kWorkers).size() < now.size());
}

TEST_CASE("selftest.vector_sets.wrong_word_is_refused") {
  const base::TemporaryFolder folder;
  (void)sets_in(folder.path());
  const Program program = programs(4).front();
  const std::filesystem::path file = folder / program.name / "out.hex";
  std::ifstream in(file);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  char& digit = text.at(text.find('\n') - 1);
  digit = digit == '0' ? '1' : '0';
  base::write_file(file, text);
  CHECK_THROWS_AS((void)read_program_set(file.parent_path(), program), base::InputError);
}

}  // namespace
}  // namespace systole::signoff
