// SPDX-License-Identifier: Apache-2.0
#include "cli/study_output.h"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <stdexcept>

#include "base/input_error.h"
#include "tests/support/temporary_folder.h"

using systole::base::Table;
using systole::cli::StudyFolder;
using systole::cli::StudyPlot;

namespace {

Table mixed_table() {
  return {"t",
          {"layer", "bits", "loss"},
          {{std::string("fc1"), std::int64_t{8}, 0.1}, {std::string("a,\"b\""), std::int64_t{16}, {}}}};
}

StudyPlot two_points(bool log_y) { return {"p", "a <b> & 'c'", "x", "y", {{"curve_1", {{0, 0}, {1, 2}}}}, log_y}; }

std::string contents(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("cli.svg_text.draws_the_curve_and_escapes_its_title") {
  const std::string svg = svg_text(two_points(false));
  CHECK(svg.find("</svg>") != std::string::npos);
  CHECK(svg.find("a &lt;b> &amp; ") != std::string::npos);
  CHECK(svg.find("curve_1") != std::string::npos);
  CHECK(svg != svg_text(two_points(true)));
}

TEST_CASE("cli.svg_text.empty") {
  StudyPlot plot = two_points(false);
  plot.curves[0].points.clear();
  CHECK_THROWS_AS((void)svg_text(plot), std::logic_error);
}

TEST_CASE("cli.svg_text.shows_markup_and_runs_nothing") {
  StudyPlot plot = two_points(false);
  plot.title = "<script>alert(1)</script> & `false` it's\n\x1b[31m";
  plot.curves[0].title = "a<b> \"c\" 'd'";
  const std::string svg = svg_text(plot);
  CHECK(svg.find("<script>alert") == std::string::npos);
  CHECK(svg.find("&lt;script") != std::string::npos);
  CHECK(svg.find("`false` it's") != std::string::npos);
  CHECK(svg.find("<b>") == std::string::npos);
  CHECK(svg.find('\x1b') == std::string::npos);
}

TEST_CASE("cli.study_folder.writes_both_kinds") {
  const systole::test::TemporaryFolder folder;
  const std::filesystem::path inside = folder.path() / "a" / "b";
  const StudyFolder study(inside, "bits", "models/lenet");
  const std::vector<Table> tables{mixed_table()};
  const std::vector<StudyPlot> plots{two_points(false)};
  study.write(tables, plots);
  CHECK(contents(inside / "t.csv") == csv_text(tables[0]));
  CHECK(contents(inside / "p.svg").find("</svg>") != std::string::npos);
  CHECK_NOTHROW(StudyFolder(inside, "bits", "models/./lenet/"));
  CHECK_THROWS_AS(StudyFolder(inside, "psum", "models/lenet"), systole::base::InputError);
  CHECK_THROWS_AS(StudyFolder(inside, "bits", "models/corners"), systole::base::InputError);
  CHECK_THROWS_AS(StudyFolder(inside.parent_path(), "bits", "models/lenet"), systole::base::InputError);
}

TEST_CASE("cli.study_folder.file_in_the_way") {
  const systole::test::TemporaryFolder folder;
  std::ofstream(folder.path() / "file") << "x";
  CHECK_THROWS_AS(StudyFolder(folder.path() / "file", "bits", "models/lenet"), systole::base::InputError);
}
