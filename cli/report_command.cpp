// SPDX-License-Identifier: Apache-2.0
// `systole report`: a page of what a run or a regression left.
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>

#include "base/input_error.h"
#include "base/output_file.h"
#include "cli/commands.h"
#include "cli/programs.h"
#include "regress/summary.h"
#include "report/index.h"
#include "report/place.h"
#include "report/run_page.h"

namespace systole::cli {
namespace {

namespace fs = std::filesystem;

/// A regression's page links to what lies beside it.
fs::path write_regression_page(const fs::path& run, const std::string& output) {
  if (!output.empty()) throw base::InputError("-o", output, "the page of a regression is regress.html in its folder");
  const regress::Summary summary = regress::read_summary(run);
  return write_page(summary, run, own_command(), report::runs_up_to(run, summary.run));
}

fs::path write_run_page(const fs::path& report, const std::string& output) {
  const fs::path page = output.empty() ? fs::path(report).replace_extension(".html") : fs::path(output);
  const std::string text = report::run_page(report);
  if (fs::exists(page) && fs::equivalent(page, report))
    throw base::InputError("-o", page.string(), "expected another file than the report");
  base::write_file_at_once(page, text);
  return page;
}

int write_page(const std::string& place, const std::string& output) {
  const fs::path run = fs::is_regular_file(place) ? fs::path() : report::regression_at(place);
  const fs::path page = run.empty() ? write_run_page(place, output) : write_regression_page(run, output);
  fmt::print("{}\n", page.string());
  return 0;
}

}  // namespace

Command add_report_command(CLI::App& program) {
  auto place = std::make_shared<std::string>(), output = std::make_shared<std::string>();
  CLI::App* command = program.add_subcommand("report", std::string(description_of("report")));
  command
      ->add_option("RUN", *place,
                   "A report of `run`, or a run of `regress`: its folder, DIR:N, or DIR for the newest, whose page is "
                   "written anew")
      ->required();
  command->add_option("-o,--output", *output, "The page; beside the report, its name with .html, if not given");
  command->footer(
      "Examples: systole report report.json -o page.html\n"
      "          systole report regress-report:7");
  return [place, output] { return write_page(*place, *output); };
}

}  // namespace systole::cli
