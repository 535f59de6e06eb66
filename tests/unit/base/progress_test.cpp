// SPDX-License-Identifier: Apache-2.0
#include "base/progress.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

#include "tests/support/temporary_folder.h"

namespace {

using namespace systole;
using std::chrono::milliseconds;

int count_of(const std::string& text, const std::string& part) {
  int count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

/// What a bar of ten images wrote, `done` of them after that time, once it has written that `lines` times at least.
std::string written(bool terminal, milliseconds period, int lines, double done = 6, milliseconds after = {}) {
  const test::TemporaryFolder folder;
  const std::string name = folder / "log";
  std::FILE* file = std::fopen(name.c_str(), "w");
  REQUIRE(file != nullptr);
  const auto text = [&name] {
    std::ifstream in(name);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  {
    base::ProgressBar bar("images", 10, {file, terminal, period});
    std::this_thread::sleep_for(after);
    bar.set(done, 2'000'000);
    while (count_of(text(), "M cycles/s") < lines) std::this_thread::yield();
  }
  std::fclose(file);
  return text();
}

TEST_CASE("base.progress.log_gets_a_line_each_period") {
  const std::string log = written(false, milliseconds(5), 3);
  CHECK(std::ranges::count(log, '\n') >= 3);
  CHECK(log.find_first_of("\r\x1b") == std::string::npos);
  CHECK(log.find("6/10 images") != std::string::npos);
  CHECK(log.find("M cycles/s") != std::string::npos);
}

TEST_CASE("base.progress.part_of_the_first_unit_moves") {
  const std::string log = written(false, milliseconds(5), 3, 0.5);
  CHECK(log.find("[#") != std::string::npos);
  CHECK(log.find("0/10 images  2.00 M cycles") != std::string::npos);
}

TEST_CASE("base.progress.what_is_left_is_estimated") {
  // A tenth in 0.3 s: some 2.7 s are left, far more than it takes to write the lines.
  CHECK(written(false, milliseconds(5), 3, 1, milliseconds(300)).find(" s left\n") != std::string::npos);
}

TEST_CASE("base.progress.work_beyond_its_estimate_says_so") {
  CHECK(written(false, milliseconds(5), 3).ends_with(" s over the estimate\n"));
}

TEST_CASE("base.progress.short_work_leaves_no_log") { CHECK(written(false, std::chrono::hours(1), 0).empty()); }

TEST_CASE("base.progress.terminal_line_is_wiped") {
  const std::string text = written(true, milliseconds(5), 3);
  CHECK(text.starts_with("\r["));
  CHECK(text.ends_with("\r\x1b[K"));
  CHECK(text.find('\n') == std::string::npos);
}

}  // namespace
