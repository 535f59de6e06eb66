// SPDX-License-Identifier: Apache-2.0
// A run as a page: verdict, groups of failures, the matrix of all jobs, the slowest, each with links to what it left.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <system_error>
#include <utility>

#include "base/counted.h"
#include "base/page.h"
#include "regress/campaign.h"
#include "regress/summary.h"

namespace systole::regress {
namespace {

namespace fs = std::filesystem;
using base::Look;
using base::Page;
using base::Table;
using base::Tone;

// Of what may be many, so that the page of ten thousand failures is one that opens.
constexpr std::size_t kMostGroups = 50, kMostTokens = 200, kMostRows = 1000, kSlowest = 20, kMostNames = 200;

Tone tone_of(RunVerdict verdict) {
  if (verdict == RunVerdict::passed) return Tone::good;
  return verdict == RunVerdict::unfinished ? Tone::warning : Tone::bad;
}

Tone tone_of(Trend trend) { return trend == Trend::fresh || trend == Trend::flaky ? Tone::bad : Tone::warning; }

bool did_not_pass(const JobResult& result) {
  return result.verdict == Verdict::failed || result.verdict == Verdict::lost;
}

/// False too in a folder that cannot be read.
bool is_there(const fs::path& file) {
  std::error_code ignored;
  return fs::exists(file, ignored);
}

std::string group_anchor(std::size_t group) { return fmt::format("group-{}", group + 1); }

/// The matrix has a row for a network or set with a design, and a column for a stall policy.
using Row = std::pair<std::string, std::string>;
Row row_of(const Job& job) { return {job.at[Axis::network] + job.at[Axis::vectors], job.at[Axis::design]}; }

class Writer {
 public:
  Writer(const Summary& summary, const fs::path& run, std::string command, const std::vector<PastRun>& past)
      : s_(summary), run_(run), command_(std::move(command)), past_(past), page_("Regression " + summary.plan) {}

  std::string write() {
    page_.banner(tone_of(verdict_of(s_)), to_string(verdict_of(s_)), verdict_note(s_));
    numbers();
    page_.contents();
    failures();
    names("Flaky", "flaky", Trend::flaky, "The same RTL, network and arguments gave another result before.");
    names("Fixed", "fixed", Trend::fixed, "These failed the last time that they ran.");
    matrix();
    slowest();
    runs_before();
    origin();
    return page_.html();
  }

 private:
  /// Relative to the page; empty where it is elsewhere.
  [[nodiscard]] std::string below(const fs::path& file) const {
    const fs::path relative =
        fs::absolute(file).lexically_normal().lexically_relative(fs::absolute(run_).lexically_normal());
    return relative.empty() || *relative.begin() == ".." ? "" : relative.string();
  }

  void numbers() {
    std::vector<base::BigNumber> numbers{{"planned", std::to_string(s_.ledger.planned()), "jobs", ""}};
    for (std::size_t i = 0; i < kVerdicts; ++i) {
      const auto verdict = static_cast<Verdict>(i);
      const bool wrong = verdict == Verdict::failed || verdict == Verdict::lost;
      numbers.push_back({std::string(to_string(verdict)), std::to_string(s_.ledger.count(verdict)), "",
                         wrong && !s_.groups.empty() ? "failures" : ""});
    }
    page_.numbers(numbers);
    if (!s_.objection.empty()) page_.paragraph({{"The ledger does not close: " + s_.objection, {.tone = Tone::bad}}});
  }

  void failures() {
    page_.heading(2, "Failures", "failures");
    if (s_.groups.empty()) return page_.paragraph("None.");
    Table table{"groups", {"trend", "group", "jobs", "first job"}, {}};
    const std::size_t shown = std::min(s_.groups.size(), kMostGroups);
    for (std::size_t g = 0; g < shown; ++g) {
      const Group& group = s_.groups[g];
      table.rows.push_back({std::string(to_string(group.trend)), to_string(group.signature),
                            static_cast<std::int64_t>(group.jobs.size()), s_.jobs[group.jobs.front()].name});
    }
    page_.table(table, [this](std::size_t row, std::size_t column) {
      if (column == 0) return Look{.tone = tone_of(s_.groups[row].trend)};
      return column == 1 ? Look{.anchor = group_anchor(row)} : Look{};
    });
    if (shown < s_.groups.size())
      page_.paragraph(fmt::format("And {} in summary.json.", base::counted(s_.groups.size() - shown, "more group")));
    for (std::size_t g = 0; g < shown; ++g) group(g);
  }

  void group(std::size_t g) {
    const Group& group = s_.groups[g];
    const std::size_t first = group.jobs.front();
    const JobResult& result = s_.results[first];
    page_.heading(3, to_string(group.signature), group_anchor(g));
    page_.paragraph({{std::string(to_string(group.trend)), {.tone = tone_of(group.trend)}},
                     {fmt::format(", {}, the first of them ", base::counted(group.jobs.size(), "job"))},
                     {s_.jobs[first].name, job_link(first)}});
    page_.preformatted(result.line);
    if (!result.last.empty()) page_.preformatted(result.last);
    if (const std::string again = rerun_command(s_.jobs[first], result, command_); !again.empty())
      page_.preformatted(again);
    if (!group.folder.empty()) folder(group.folder);
    if (group.jobs.size() > 1) others(group);
  }

  void folder(const fs::path& folder) {
    std::vector<base::Piece> pieces{{"Failure folder: "}, {folder.string(), {.code = true}}};
    for (const char* file : {"blame.txt", "failure.json", "window.fst", "window.vcd", "window.gtkw"}) {
      if (!is_there(folder / file)) continue;
      pieces.push_back({", "});
      pieces.push_back({file, {.file = below(folder / file)}});
    }
    page_.paragraph(pieces);
  }

  void others(const Group& group) {
    page_.details(base::counted(group.jobs.size() - 1, "other job"), [&] {
      Table table{"", {"job", "token"}, {}};
      const std::size_t last = std::min(group.jobs.size(), kMostTokens + 1);
      for (std::size_t i = 1; i < last; ++i)
        table.rows.push_back({s_.jobs[group.jobs[i]].name, s_.results[group.jobs[i]].token});
      page_.table(table, [&](std::size_t row, std::size_t column) {
        return column == 0 ? job_link(group.jobs[row + 1]) : Look{.code = true};
      });
      if (last < group.jobs.size()) page_.paragraph(fmt::format("And {} in summary.json.", group.jobs.size() - last));
    });
  }

  [[nodiscard]] Look job_link(std::size_t i) const {
    const fs::path folder = job_folder(run_, s_.jobs[i]);
    for (const char* file : {kOutput, kReport, kResult}) {
      if (is_there(folder / file)) return {.file = below(folder / file)};
    }
    return {};
  }

  void names(const char* title, const char* anchor, Trend trend, const char* what) {
    const std::vector<std::size_t> jobs = jobs_with(s_, trend);
    if (jobs.empty()) return;
    page_.heading(2, title, anchor);
    page_.paragraph(what);
    Table table{base::counted(jobs.size(), "job"), {"job", "verdict now"}, {}};
    for (std::size_t i = 0; i < std::min(jobs.size(), kMostNames); ++i)
      table.rows.push_back({s_.jobs[jobs[i]].name, std::string(to_string(s_.results[jobs[i]].verdict))});
    page_.table(table, [&](std::size_t row, std::size_t column) { return column == 0 ? job_link(jobs[row]) : Look{}; });
  }

  /// Where a cell's number leads: the jobs behind it, as far as they did not pass.
  static std::string cell_anchor(std::size_t row, std::size_t column) { return fmt::format("cell-{}-{}", row, column); }

  void matrix() {
    page_.heading(2, "Matrix", "matrix");
    page_.paragraph("Jobs that failed or were lost, of those that ended; an empty cell has none that ended.");
    std::map<Row, std::map<std::string, std::vector<std::size_t>>> cells;
    std::set<std::string> stalls;
    for (std::size_t i = 0; i < s_.jobs.size(); ++i) {
      const std::string& stall = s_.jobs[i].at[Axis::stall];
      stalls.insert(stall);
      std::vector<std::size_t>& cell = cells[row_of(s_.jobs[i])][stall];
      if (is_result(s_.results[i].verdict)) cell.push_back(i);
    }
    Table table{"network or set, design, stall policy", {"network or set", "design"}, {}};
    table.columns.insert(table.columns.end(), stalls.begin(), stalls.end());
    std::vector<std::vector<std::vector<std::size_t>>> wrong;  // row, column of the stalls
    for (const auto& [row, by_stall] : cells) {
      std::vector<base::Cell>& line = table.rows.emplace_back();
      line.insert(line.end(), {row.first, row.second});
      wrong.emplace_back();
      for (const std::string& stall : stalls) {
        const auto cell = by_stall.find(stall);
        const bool any = cell != by_stall.end() && !cell->second.empty();
        std::vector<std::size_t>& failed = wrong.back().emplace_back();
        if (any) {
          std::ranges::copy_if(cell->second, std::back_inserter(failed),
                               [this](std::size_t i) { return did_not_pass(s_.results[i]); });
        }
        line.push_back(any ? base::Cell(static_cast<std::int64_t>(failed.size())) : base::Cell());
      }
    }
    page_.heat_map(table, true, 2, [&wrong](std::size_t row, std::size_t column) {
      const bool leads = column >= 2 && !wrong[row][column - 2].empty();
      return leads ? Look{.anchor = cell_anchor(row, column)} : Look{};
    });
    for (std::size_t r = 0; r < wrong.size(); ++r) {
      for (std::size_t c = 0; c < wrong[r].size(); ++c) {
        if (!wrong[r][c].empty()) cell(table, r, c + 2, wrong[r][c]);
      }
    }
  }

  void cell(const Table& matrix, std::size_t row, std::size_t column, const std::vector<std::size_t>& jobs) {
    page_.heading(3,
                  fmt::format("{}, {}, stall {}", base::cell_text(matrix.rows[row][0], 0),
                              base::cell_text(matrix.rows[row][1], 0), matrix.columns[column]),
                  cell_anchor(row, column));
    page_.details(base::counted(jobs.size(), "job") + " failed or lost", [&] {
      Table table{"", {"job", "trend", "what"}, {}};
      for (std::size_t i = 0; i < std::min(jobs.size(), kMostTokens) && rows_ < kMostRows; ++i, ++rows_) {
        table.rows.push_back({s_.jobs[jobs[i]].name, std::string(to_string(s_.trends[jobs[i]])),
                              to_string(signature_of(s_.jobs[jobs[i]], s_.results[jobs[i]]))});
      }
      page_.table(table, [&](std::size_t at, std::size_t c) { return c == 0 ? job_link(jobs[at]) : Look{}; });
    });
  }

  void slowest() {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < s_.jobs.size(); ++i) {
      if (is_result(s_.results[i].verdict)) order.push_back(i);
    }
    std::ranges::stable_sort(order, std::greater(), [this](std::size_t i) { return s_.results[i].seconds; });
    order.resize(std::min(order.size(), kSlowest));
    page_.heading(2, "Slowest jobs", "slowest");
    Table table{"slowest", {"job", "verdict", "time s", "cycles"}, {}};
    for (const std::size_t i : order) {
      table.rows.push_back({s_.jobs[i].name, std::string(to_string(s_.results[i].verdict)), s_.results[i].seconds,
                            static_cast<std::int64_t>(s_.results[i].cycles)});
    }
    page_.table(table,
                [&](std::size_t row, std::size_t column) { return column == 0 ? job_link(order[row]) : Look{}; });
  }

  void runs_before() {
    if (past_.empty()) return;
    page_.heading(2, "Last runs", "last-runs");
    std::vector<Page::Bar> times, coverage;
    double longest = 0;
    std::size_t items = 0;
    for (auto run = past_.rbegin(); run != past_.rend(); ++run) {
      const Tone tone = run->verdict == "passed"       ? Tone::good
                        : run->verdict == "unfinished" ? Tone::warning
                                                       : Tone::bad;
      const std::string name = fmt::format("run {}, {}: ", run->number, run->verdict);
      times.push_back({fmt::format("{}{:.1f} s", name, run->seconds), run->seconds, tone});
      coverage.push_back({fmt::format("{}{} of {}", name, run->covered, base::counted(run->items, "item")),
                          static_cast<double>(run->covered), tone});
      longest = std::max(longest, run->seconds);
      items = std::max(items, run->covered);
    }
    page_.bars(fmt::format("wall clock of the last {}, up to {:.1f} s", base::counted(past_.size(), "run"), longest),
               times);
    page_.bars(fmt::format("items that the jobs of a run met, up to {}", items), coverage);
  }

  void origin() {
    page_.heading(2, "Run", "run");
    page_.paragraph({{fmt::format("Run {} of the plan {}, started {} UTC, {:.1f} s. All of this page is in ", s_.run,
                                  s_.plan, s_.started, s_.seconds)},
                     {"summary.json", {.file = "summary.json"}},
                     {"; the plan is "},
                     {"plan.json", {.file = "plan.json"}},
                     {", what ran is "},
                     {"run.json", {.file = "run.json"}},
                     {"."}});
    page_.preformatted(s_.ledger.text());
  }

  const Summary& s_;
  const fs::path& run_;
  std::string command_;
  const std::vector<PastRun>& past_;
  Page page_;
  std::size_t rows_ = 0;  ///< in tables of cells so far
};

}  // namespace

std::string summary_page(const Summary& summary, const fs::path& run, const std::string& command,
                         const std::vector<PastRun>& past) {
  return Writer(summary, run, command, past).write();
}

}  // namespace systole::regress
