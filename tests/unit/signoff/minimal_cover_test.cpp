// SPDX-License-Identifier: Apache-2.0
#include "signoff/gates/minimal_cover.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace systole::signoff {
namespace {

/// A row a program, the cheapest first, with a column a thing: 'x' where the program reaches it.
using Matrix = std::vector<std::string>;

bool reaches(const Matrix& matrix, const std::vector<std::size_t>& programs, std::size_t thing) {
  return std::ranges::any_of(programs, [&](std::size_t program) { return matrix[program][thing] == 'x'; });
}

std::vector<std::size_t> covered(const Matrix& matrix, std::size_t at_a_time = 1) {
  CoverQuestion question{.first = {}, .reached = {}, .at_a_time = at_a_time};
  for (std::size_t thing = 0; thing < matrix.front().size(); ++thing) {
    const auto first = std::ranges::find_if(matrix, [thing](const std::string& row) { return row[thing] == 'x'; });
    question.first.push_back(first == matrix.end() ? std::nullopt : std::optional(first - matrix.begin()));
  }
  question.reached = [&](const std::vector<std::size_t>& programs, const std::vector<std::size_t>& things) {
    std::vector<bool> reached;
    for (const std::size_t thing : things) {
      CHECK(std::ranges::all_of(programs, [&](std::size_t one) { return one > *question.first[thing]; }));
      reached.push_back(reaches(matrix, programs, thing));
    }
    return reached;
  };
  return minimal_cover(question);
}

/// Nothing that a program reaches is missed, and without any of those taken something is.
void check_minimal(const Matrix& matrix, const std::vector<std::size_t>& taken) {
  const auto missed = [&matrix](const std::vector<std::size_t>& programs) {
    std::size_t count = 0;
    for (std::size_t thing = 0; thing < matrix.front().size(); ++thing) {
      const bool any = std::ranges::any_of(matrix, [thing](const std::string& row) { return row[thing] == 'x'; });
      if (any && !reaches(matrix, programs, thing)) ++count;
    }
    return count;
  };
  CHECK(missed(taken) == 0);
  for (std::size_t i = 0; i < taken.size(); ++i) {
    std::vector<std::size_t> without = taken;
    without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
    CHECK(missed(without) > 0);
  }
}

TEST_CASE("signoff.minimal_cover.small_matrices") {
  CHECK(covered({"xx", "x."}) == std::vector<std::size_t>{0});
  CHECK(covered({"x.", ".x"}) == std::vector<std::size_t>{0, 1});
  // What the cheaper ones reach, the last does too.
  CHECK(covered({"x..", ".x.", "xxx"}) == std::vector<std::size_t>{2});
  // The middle one is the first of a thing, and superfluous.
  CHECK(covered({"xx..", "..x.", ".xxx", "...x"}) == std::vector<std::size_t>{0, 2});
  CHECK(covered({"..", ".."}).empty());
}

TEST_CASE("signoff.minimal_cover.none_of_it_can_be_left_out") {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    Matrix matrix(1 + random() % 12, std::string(1 + random() % 30, '.'));
    const auto share = 2 + random() % 6;
    for (std::string& row : matrix) {
      for (char& one : row) one = random() % share == 0 ? 'x' : '.';
    }
    CAPTURE(round);
    const std::vector<std::size_t> taken = covered(matrix);
    check_minimal(matrix, taken);
    CHECK(covered(matrix, 7) == taken);  // however many are asked for at once
  }
}

}  // namespace
}  // namespace systole::signoff
