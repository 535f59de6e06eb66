// SPDX-License-Identifier: Apache-2.0
#include "signoff/mutants/decide.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "base/input_error.h"
#include "base/output_file.h"
#include "base/temporary_folder.h"

namespace systole::signoff {
namespace {

Answer answer_to(const std::string& circuit) {
  const base::TemporaryFolder folder;
  base::write_file(folder / "proof.aig", circuit);
  return decide(folder.path(), "proof.aig", std::chrono::seconds(5)).answer;
}

/// Of which nothing is left but a constant: what pdr does not take.
TEST_CASE("signoff.decide.circuits_without_registers") {
  CHECK(answer_to("aig 0 0 0 1 0\n0\n") == Answer::never);
  CHECK(answer_to("aig 0 0 0 1 0\n1\n") == Answer::sometimes);
  CHECK(answer_to("aig 1 1 0 1 0\n2\n") == Answer::sometimes);
}

/// A register whose next value is its own, and one whose next value is 1.
TEST_CASE("signoff.decide.circuits_with_registers") {
  CHECK(answer_to("aig 1 0 1 1 0\n2\n2\n") == Answer::never);
  CHECK(answer_to("aig 1 0 1 1 0\n1\n2\n") == Answer::sometimes);
}

TEST_CASE("signoff.decide.other_files_are_refused") {
  for (const char* const text : {"", "aag 0 0 0 1 0\n0\n", "aig 1 1"})
    CHECK_THROWS_AS((void)answer_to(text), base::InputError);
}

}  // namespace
}  // namespace systole::signoff
