// SPDX-License-Identifier: Apache-2.0
#include "base/process.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <string>

#include "base/temporary_folder.h"

namespace systole::base {

TEST_CASE("base.process.output_and_exit_code") {
  const ProcessResult good = run_process({"printf", "%s|", "a b", "$HOME;", "'"});
  CHECK(good.succeeded);
  CHECK(good.output == "a b|$HOME;|'|");
  const ProcessResult bad = run_process({"sh", "-c", "echo seen; exit 3"});
  CHECK_FALSE(bad.succeeded);
  CHECK(bad.output == "seen\n");
  CHECK_FALSE(run_process({"sh", "-c", "kill -9 $$"}).succeeded);
}

TEST_CASE("base.process.program_that_is_missing") {
  const ProcessResult result = run_process({"systole-has-no-such-program"});
  CHECK_FALSE(result.succeeded);
  CHECK(result.output.empty());
}

TEST_CASE("base.process.errors") {
  const std::string both = "echo out; echo err >&2";
  CHECK(run_process({"sh", "-c", both}).output == "out\n");
  CHECK(run_process({"sh", "-c", both}, {.errors_too = true}).output == "out\nerr\n");
}

/// Whatever the caller's holds.
TEST_CASE("base.process.standard_input_is_empty") {
  const int kept = ::dup(STDIN_FILENO);
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  REQUIRE(::write(ends[1], "x", 1) == 1);
  ::close(ends[1]);
  ::dup2(ends[0], STDIN_FILENO);
  const ProcessResult result = run_process({"cat"});
  ::dup2(kept, STDIN_FILENO);
  for (const int descriptor : {kept, ends[0]}) ::close(descriptor);
  CHECK(result.succeeded);
  CHECK(result.output.empty());
}

TEST_CASE("base.process.folder") {
  const TemporaryFolder folder;
  CHECK(run_process({"pwd", "-P"}, {.folder = folder.path()}).output ==
        std::filesystem::canonical(folder.path()).string() + "\n");
  CHECK_FALSE(run_process({"true"}, {.folder = folder / "missing"}).succeeded);
}

// More than a pipe holds.
TEST_CASE("base.process.long_output") {
  CHECK(run_process({"head", "-c", "1000000", "/dev/zero"}).output.size() == 1'000'000);
}

TEST_CASE("base.temporary_folder.gone_with_the_object") {
  std::filesystem::path path;
  {
    const TemporaryFolder folder, other;
    path = folder.path();
    CHECK(path != other.path());
    CHECK(std::filesystem::is_directory(path));
    std::filesystem::create_directories(folder / "deep/er");
  }
  CHECK_FALSE(std::filesystem::exists(path));
}

}  // namespace systole::base
