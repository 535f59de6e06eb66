// SPDX-License-Identifier: Apache-2.0
#include "report/index.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <limits>
#include <map>
#include <stdexcept>
#include <system_error>

#include "base/file_lock.h"
#include "base/input_error.h"
#include "base/interrupt.h"
#include "base/interrupted.h"
#include "base/progress.h"
#include "base/standard_streams.h"
#include "regress/campaign.h"
#include "regress/store.h"
#include "regress/summary.h"
#include "report/job_report.h"

namespace systole::report {
namespace {

namespace fs = std::filesystem;
using regress::PastRun;
using regress::Verdict;

constexpr std::int64_t kApplication = 0x5359'5349;  // "SYSI"
constexpr std::int64_t kVersion = 1;                // of the tables and of what they hold

constexpr std::int64_t kObjects = 4;  // tables and indices
constexpr const char* kTables = R"sql(
CREATE TABLE runs(number INTEGER PRIMARY KEY, stamp TEXT NOT NULL, started TEXT, plan TEXT, verdict TEXT,
  planned INTEGER, passed INTEGER, failed INTEGER, lost INTEGER, skipped INTEGER, cancelled INTEGER,
  seconds REAL, job_seconds REAL, cycles INTEGER, covered INTEGER, items INTEGER);
CREATE TABLE jobs(run INTEGER, place INTEGER, key TEXT, name TEXT, network TEXT, design TEXT, token TEXT, verdict TEXT,
  line TEXT, seconds REAL, cycles INTEGER, PRIMARY KEY(run, place)) WITHOUT ROWID;
CREATE INDEX jobs_by_key ON jobs(key);
CREATE INDEX jobs_by_token ON jobs(token) WHERE token <> '';
)sql";

constexpr const char* kOpen = "open";

/// Of the file that says what became of a run; a summary is renamed into its place, so that a new one has another.
std::string stamp_of(const fs::path& run) {
  const fs::path summary = run / regress::kSummaryFile;
  struct stat status {};
  if (::stat(summary.c_str(), &status) != 0) return kOpen;
  return fmt::format("{} {}.{:09} {}", status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ino);
}

std::int64_t as_value(std::uint64_t count) { return static_cast<std::int64_t>(count); }

PastRun past_run(const regress::Summary& summary, const fs::path& folder, bool open) {
  PastRun past;
  past.started = summary.started;
  past.plan = summary.plan;
  past.verdict = open ? kOpen : to_string(verdict_of(summary));
  past.planned = summary.ledger.planned();
  for (std::size_t i = 0; i < regress::kVerdicts; ++i) past.counts[i] = summary.ledger.count(static_cast<Verdict>(i));
  past.seconds = summary.seconds;
  Coverage coverage;
  for (std::size_t i = 0; i < summary.jobs.size(); ++i) {
    const regress::JobResult& result = summary.results[i];
    past.job_seconds += result.seconds;
    past.cycles += result.cycles;
    if (regress::is_result(result.verdict))
      coverage.add(read_job_report(job_folder(folder, summary.jobs[i]) / regress::kReport));
  }
  past.covered = coverage.met.size();
  past.items = coverage.items.size();
  return past;
}

void insert_run(const Database& database, const std::string& stamp, const PastRun& past) {
  std::vector<DatabaseValue> values{past.number, stamp, past.started, past.plan, past.verdict, as_value(past.planned)};
  for (const std::size_t count : past.counts) values.emplace_back(as_value(count));
  values.insert(values.end(),
                {past.seconds, past.job_seconds, as_value(past.cycles), as_value(past.covered), as_value(past.items)});
  Statement(database, "INSERT INTO runs VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)").run(values);
}

void insert_jobs(const Database& database, int run, const regress::Summary& summary) {
  Statement insert(database, "INSERT INTO jobs VALUES(?,?,?,?,?,?,?,?,?,?,?)");
  for (std::size_t i = 0; i < summary.jobs.size(); ++i) {
    const regress::Job& job = summary.jobs[i];
    const regress::JobResult& result = summary.results[i];
    insert.run({run, as_value(i), job.key, job.name, job.at[regress::Axis::network] + job.at[regress::Axis::vectors],
                job.at[regress::Axis::design], result.token, std::string(to_string(result.verdict)), result.line,
                result.seconds, as_value(result.cycles)});
  }
}

void forget(const Database& database, std::int64_t run) {
  Statement(database, "DELETE FROM jobs WHERE run = ?").run({run});
  Statement(database, "DELETE FROM runs WHERE number = ?").run({run});
}

/// A run of which nothing can be read is still one that was there.
void read_run(const Database& database, int number, const fs::path& folder) {
  const std::string stamp = stamp_of(folder);  // before its files: what changes meanwhile is read again
  regress::Summary summary;
  PastRun past;
  try {
    summary = regress::read_summary(folder);
    past = past_run(summary, folder, stamp == kOpen);
  } catch (const std::runtime_error&) {  // cut, or locked
    past.verdict = "unreadable";
  }
  past.number = number;
  insert_run(database, stamp, past);
  insert_jobs(database, number, summary);
}

std::int64_t integer_of(const Database& database, const char* sql) {
  Statement statement(database, sql);
  return statement.step() ? statement.integer(0) : 0;
}

/// Throws a DatabaseError of damage for one that is not as this version makes it.
void require_sound(Database& database) {
  constexpr const char* kCount = "SELECT count(*) FROM sqlite_schema";
  if (integer_of(database, kCount) == 0) {
    database.run(fmt::format("BEGIN IMMEDIATE;{}PRAGMA application_id = {};PRAGMA user_version = {};COMMIT", kTables,
                             kApplication, kVersion));
  }
  const bool ours = integer_of(database, kCount) == kObjects &&
                    integer_of(database, "PRAGMA application_id") == kApplication &&
                    integer_of(database, "PRAGMA user_version") == kVersion;
  if (!ours) throw DatabaseError("is of another version", true);
  Statement check(database, "PRAGMA quick_check(1)");
  if (!check.step() || check.text(0) != "ok") throw DatabaseError("is damaged", true);
}

/// The columns that come from `runs` in every question.
PastRun run_from(const Statement& row) {
  PastRun run;
  run.number = static_cast<int>(row.integer(0));
  run.started = row.text(1);
  run.plan = row.text(2);
  run.verdict = row.text(3);
  run.planned = row.count(4);
  for (std::size_t i = 0; i < regress::kVerdicts; ++i) run.counts[i] = row.count(5 + static_cast<int>(i));
  run.seconds = row.number(10);
  run.job_seconds = row.number(11);
  run.cycles = row.count(12);
  run.covered = row.count(13);
  run.items = row.count(14);
  return run;
}

}  // namespace

Index::Index(const fs::path& folder, std::chrono::milliseconds patience) : folder_(folder) {
  if (regress::Store(folder).runs().empty())
    throw base::InputError(folder.string(), "", "has no runs of `systole regress`");
  const fs::path file = folder / "index.sqlite";
  try {
    // One that is made anew is nobody else's to write.
    const base::FileLock lock(
        folder / "index.lock",
        [](const std::string& holder) { base::print_error("waits for the index, which is held by " + holder); },
        patience);
    try {
      open_file(file);
    } catch (const DatabaseError& error) {
      if (!error.damaged()) throw;
      database_.reset();
      for (const char* behind : {"", "-journal", "-wal", "-shm"}) fs::remove(file.string() + behind);
      open_file(file);
    }
    kept_ = true;
    return;
  } catch (const base::LockHeld& held) {
    base::print_error(fmt::format("{}; what follows is from an index in memory", held.what()));
  } catch (const DatabaseError&) {  // no room, no rights
  } catch (const base::InputError&) {
  } catch (const fs::filesystem_error&) {
  }
  database_ = std::make_unique<Database>();
  require_sound(*database_);
  update();
}

void Index::open_file(const fs::path& file) {
  database_ = std::make_unique<Database>(file);
  require_sound(*database_);
  update();
}

void Index::update() {
  const regress::Store store(folder_);
  std::map<int, std::string> stamps;
  Statement all(*database_, "SELECT number, stamp FROM runs");
  while (all.step()) stamps[static_cast<int>(all.integer(0))] = all.text(1);
  std::vector<int> changed;
  for (const int number : store.runs()) {
    const auto found = stamps.find(number);
    const bool same = found != stamps.end() && found->second == stamp_of(store.run_folder(number));
    if (!same || found->second == kOpen) changed.push_back(number);
    if (same) stamps.erase(found);
  }
  if (changed.empty() && stamps.empty()) return;
  database_->run("BEGIN IMMEDIATE");
  for (const auto& [number, stamp] : stamps) forget(*database_, number);
  base::ProgressBar bar("runs", std::max<std::size_t>(1, changed.size()));
  std::size_t done = 0;
  for (const int number : changed) {
    if (base::interrupted()) throw base::Interrupted();
    forget(*database_, number);
    read_run(*database_, number, store.run_folder(number));
    bar.set(++done);
  }
  database_->run("COMMIT");
}

std::vector<PastRun> Index::runs(std::size_t most) const {
  Statement statement(*database_,
                      "SELECT number, started, plan, verdict, planned, passed, failed, lost, skipped, cancelled, "
                      "seconds, job_seconds, cycles, covered, items FROM runs ORDER BY number DESC LIMIT ?");
  statement.bind({as_value(most)});
  std::vector<PastRun> runs;
  while (statement.step()) runs.push_back(run_from(statement));
  return runs;
}

std::vector<Index::Said> Index::said(const Asked& asked, std::size_t most) const {
  // The columns without a sum are those of the row that min() found (SQLite, "Bare columns in an aggregate query").
  Statement statement(
      *database_,
      "SELECT number, started, plan, runs.verdict, count(*), sum(jobs.verdict = 'passed'), sum(jobs.verdict = "
      "'failed'), sum(jobs.verdict = 'lost'), sum(jobs.verdict = 'skipped'), sum(jobs.verdict = 'cancelled'), "
      "runs.seconds, sum(jobs.seconds), sum(jobs.cycles), covered, items, line, "
      "min(CASE WHEN jobs.verdict IN ('failed', 'lost') THEN place END) AS first "
      "FROM runs JOIN jobs ON run = number WHERE (?1 = '' OR network = ?1) AND (?2 = '' OR design = ?2) AND "
      "(?3 = '' OR key = ?3 OR name = ?3) AND (?4 = '' OR key IN (SELECT key FROM jobs WHERE token = ?4 AND token <> "
      "'')) GROUP BY number ORDER BY number DESC LIMIT ?5");
  statement.bind({asked.network, asked.design, asked.job, asked.token, as_value(most)});
  std::vector<Said> all;
  while (statement.step()) {
    Said said{.run = run_from(statement), .line = statement.text(15)};
    if (said.run.count(Verdict::failed) + said.run.count(Verdict::lost) == 0) said.line.clear();
    all.push_back(std::move(said));
  }
  return all;
}

std::vector<PastRun> runs_up_to(const fs::path& run, int number) {
  constexpr std::size_t kMost = 40;
  const fs::path folder = fs::weakly_canonical(run).parent_path().parent_path();
  if (regress::Store(folder).runs().empty()) return {};  // a run that was moved elsewhere
  std::vector<PastRun> runs = Index(folder).runs(std::numeric_limits<std::int64_t>::max());
  std::erase_if(runs, [number](const PastRun& past) { return past.number > number; });
  runs.resize(std::min(runs.size(), kMost));
  return runs;
}

}  // namespace systole::report
