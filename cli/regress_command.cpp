// SPDX-License-Identifier: Apache-2.0
// `systole regress`: the jobs of a plan on all cores, and what became of each.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/cores.h"
#include "base/counted.h"
#include "base/file_lock.h"
#include "base/input_error.h"
#include "base/interrupt.h"
#include "base/progress.h"
#include "base/quote.h"
#include "base/sha256.h"
#include "cli/commands.h"
#include "cli/programs.h"
#include "regress/chunk.h"
#include "regress/freeze.h"
#include "regress/local_runner.h"
#include "regress/order.h"
#include "regress/regression.h"
#include "regress/slurm_runner.h"
#include "report/index.h"
#include "report/place.h"
#include "sim/dut/registry.h"
#include "sim/session/session.h"

namespace systole::cli {
namespace {

namespace fs = std::filesystem;
using regress::Axis;
using regress::Job;
using regress::JobResult;

struct RegressArguments {
  std::string plan, folder = "regress-report";
  std::string since;         ///< a run, as report::regression_at() takes it, or the number of one in the folder
  std::int64_t seconds = 0;  ///< 0: no end
  int workers = 0;
  std::size_t stop_after = 0;
  bool resume = false, rerun_failed = false, dry_run = false, quiet = false, verbose = false;
  bool on_slurm = false;
  regress::SlurmOptions slurm;
  std::int64_t slurm_task = 60, slurm_poll = 5, slurm_late = 60;  ///< seconds
};

constexpr const char* kSlurmFolder = "slurm";  ///< of a run

/// The design that a plan means where it names none.
std::string own_design() {
  return dut::has_adapter() ? std::string(dut::own_configuration()) : session::RunOptions().configuration;
}

fs::path frozen(const fs::path& program, const fs::path& as, const fs::path& folder) {
  return regress::freeze({.program = program, .as = as, .sources = rtl_files_of(program)}, folder);
}

/// Models are built here, before the first job.
regress::DesignFacts freeze_design(const std::string& design, const regress::Block& block, const fs::path& folder) {
  const bool is_dut = design.starts_with(regress::kDut), replays = !block.axes[Axis::vectors].empty();
  if (is_dut && !block.kind.empty()) throw base::InputError(design, "kind", "goes with configurations");
  const ModelNeed need{.configuration = design, .kind = block.kind};
  const fs::path program = is_dut    ? program_of_design(design.substr(regress::kDut.size()))
                           : replays ? replayer_for(need)
                                     : program_for(need);
  regress::DesignFacts facts;
  (replays ? facts.replayer : facts.program) = frozen(program, program.filename(), folder);
  facts.hashes = base::sha256_of_file(program);
  if (is_dut || replays) return facts;
  // The one that makes failure folders where the program's own model has no trace.
  const fs::path traced = program_with({.configuration = design, .trace = dut::TraceFormat::fst});
  const bool below = traced.parent_path().filename() == "dut";
  if (!traced.empty()) (void)frozen(traced, below ? "dut" / traced.filename() : traced.filename(), folder);
  return facts;
}

/// The first failure of each kind, as soon as it is there.
class News {
 public:
  explicit News(bool quiet) : quiet_(quiet) {}
  void operator()(const Job& job, const JobResult& result) {
    constexpr std::size_t kMost = 10;
    const bool first = seen_.insert(signature_of(job, result)).second;
    if (quiet_ || !first || seen_.size() > kMost) return;
    fmt::print("{}: {}\n  {}\n  again: {}\n", to_string(result.verdict), base::terminal_text(job.name), result.line,
               rerun_command(job, result, own_command()));
    std::fflush(stdout);
  }

 private:
  bool quiet_;
  std::set<regress::Signature> seen_;
};

/// Each job that has ended.
void print_job(const Job& job, const JobResult& result) {
  std::string command = base::shell_word(job.program.string());
  for (const std::string& word : job.words) command += " " + base::shell_word(word);
  fmt::print("{}, {:.1f} s: {}\n", to_string(result.verdict), result.seconds, command);
  std::fflush(stdout);
}

/// As many as there are cores, and as the memory holds of jobs that take all that the plan lets them.
int workers_of(const RegressArguments& a, const regress::Limits& limits) {
  if (a.workers > 0) return a.workers;
  constexpr std::int64_t kMegabyte = 1 << 20;
  const std::int64_t memory_mb = ::sysconf(_SC_PHYS_PAGES) * ::sysconf(_SC_PAGESIZE) / kMegabyte;
  const std::int64_t held = limits.memory_mb > 0 ? memory_mb / limits.memory_mb : base::cores();
  return static_cast<int>(std::clamp<std::int64_t>(held, 1, base::cores()));
}

int dry_run(const RegressArguments& a, const regress::Plan& plan, const regress::Store& store) {
  const std::vector<Job> jobs = planned_jobs(store, plan, a.rerun_failed);
  const regress::Known known = store.known_before(store.newest() + 1);
  if (!a.quiet) {
    for (const std::size_t i : order_of(jobs, known)) fmt::print("systole {}\n", fmt::join(jobs[i].words, " "));
  }
  const int workers = workers_of(a, plan.limits);
  const double seconds = expected_duration(jobs, known, workers);
  const std::string estimate = seconds == 0 ? "no times are known yet" : fmt::format("about {:.0f} s", seconds);
  fmt::print("{}, {} at a time: {}\n", base::counted(jobs.size(), "job"), workers, estimate);
  return 0;
}

/// The folder of --since, or an empty path.
fs::path since_folder(const RegressArguments& a) {
  if (a.since.empty()) return {};
  const bool number = a.since.find_first_not_of("0123456789") == std::string::npos;
  fs::path folder = report::regression_at(number ? a.folder + ":" + a.since : a.since);
  if (folder.empty()) throw base::InputError("--since", a.since, "expected a run: its number, its folder, or DIR:N");
  return folder;
}

/// Into the page. A run that a signal ended has one without them.
void add_last_runs(const regress::Summary& summary, const fs::path& run) {
  if (!base::interrupted()) (void)write_page(summary, run, own_command(), report::runs_up_to(run, summary.run));
}

regress::SlurmOptions slurm_options(const RegressArguments& a) {
  regress::SlurmOptions options = a.slurm;
  options.task = std::chrono::seconds(a.slurm_task);
  options.poll = std::chrono::seconds(a.slurm_poll);
  options.late = std::chrono::seconds(a.slurm_late);
  return options;
}

std::unique_ptr<regress::Runner> runner_of(const RegressArguments& a, const regress::Limits& limits,
                                           const fs::path& run) {
  if (!a.on_slurm) return std::make_unique<regress::LocalRunner>(workers_of(a, limits));
  const auto tell = [quiet = a.quiet](const std::string& line) {
    if (quiet) return;
    fmt::print("{}\n", line);
    std::fflush(stdout);
  };
  return std::make_unique<regress::SlurmRunner>(run / kSlurmFolder, fs::read_symlink("/proc/self/exe"),
                                                slurm_options(a), tell);
}

regress::Run start_run(const RegressArguments& a, const regress::Plan& plan, const regress::Store& store) {
  if (!a.resume) return begin_run(store, plan, freeze_design, a.rerun_failed, since_folder(a));
  regress::Run run = resume_run(store, plan);
  if (!a.on_slurm && regress::has_open_arrays(run.folder / kSlurmFolder))
    throw base::InputError("--resume", "", fmt::format("run {} has arrays in Slurm; go on with --slurm", run.number));
  return run;
}

int regress_plan(const RegressArguments& a) {
  const base::InterruptGuard guard;
  const regress::Plan plan = regress::read_plan(a.plan, own_design());
  regress::require_inputs(plan);
  const regress::Store store(a.folder);
  if (a.dry_run) return dry_run(a, plan, store);
  const std::unique_ptr<base::FileLock> lock = store.lock();
  if (a.on_slurm) regress::require_slurm(slurm_options(a), plan.limits);
  const regress::Run run = start_run(a, plan, store);
  if (!a.quiet)
    fmt::print("run {}: {} in {}\n", run.number, base::counted(run.jobs.size(), "job"), run.folder.string());
  std::fflush(stdout);
  regress::CampaignOptions options{.limits = plan.limits, .time = {}, .stop_after = a.stop_after};
  if (a.seconds > 0) options.time = std::chrono::seconds(a.seconds);
  const std::unique_ptr<regress::Runner> runner = runner_of(a, plan.limits, run.folder);
  const auto start = std::chrono::steady_clock::now();
  regress::CampaignResult campaign = [&] {
    base::ProgressBar bar("jobs", run.jobs.size());
    News news(a.quiet);
    return run_jobs(run.jobs, run.known, run.folder, *runner, options,
                    {.wrong = [&news](const Job& job, const JobResult& result) { news(job, result); },
                     .progress = [&bar](std::size_t done, std::size_t) { bar.set(done); },
                     .ended = a.verbose ? print_job : std::function<void(const Job&, const JobResult&)>()});
  }();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const regress::Summary summary = finish_run(run, plan, std::move(campaign), *runner, seconds);
  fmt::print("{}: {}\n", summary_text(summary, own_command()), (run.folder / "regress.html").string());
  std::fflush(stdout);
  write_summary(summary, run.folder, own_command());
  add_last_runs(summary, run.folder);
  return exit_code(verdict_of(summary));
}

void add_slurm_options(CLI::App& command, RegressArguments& a) {
  CLI::Option* slurm = command.add_flag("--slurm", a.on_slurm, "Run on a Slurm cluster, as arrays of jobs");
  const auto add = [&](const char* name, auto& value, const char* what) {
    return command.add_option(name, value, what)->needs(slurm)->group("Slurm");
  };
  const auto add_time = [&](const char* name, std::int64_t& seconds, const char* what) {
    add(name, seconds, what)
        ->transform(CLI::AsNumberWithUnit(std::map<std::string, std::int64_t>{{"s", 1}, {"m", 60}, {"h", 3600}}))
        ->check(CLI::Range(1, 86400))
        ->type_name("TIME")
        ->default_str(fmt::format("{}s", seconds));
  };
  add("--partition", a.slurm.partition, "Partition of the arrays");
  add("--account", a.slurm.account, "Account that is charged");
  add("--qos", a.slurm.qos, "Quality of service");
  add("--sbatch", a.slurm.words, "One more word for sbatch, as often as needed: --sbatch=--constraint=avx2")
      ->allow_extra_args(false);
  add("--cpus-per-task", a.slurm.cpus, "Cores of an array task, each of which runs a job")->check(CLI::Range(1, 1024));
  add("--throttle", a.slurm.throttle, "Array tasks at a time; 0: as many as the cluster gives")
      ->check(CLI::Range(0, 100000));
  add_time("--task-time", a.slurm_task, "What an array task takes at least, by the times of earlier runs");
  add_time("--poll", a.slurm_poll, "Between two looks at folder and queue");
  add_time("--late", a.slurm_late, "How late a file of another node may be seen (NFS: acdirmax)");
}

}  // namespace

Command add_regress_command(CLI::App& program) {
  auto a = std::make_shared<RegressArguments>();
  CLI::App* command = program.add_subcommand("regress", std::string(description_of("regress")));
  command->add_option("PLAN", a->plan, "File with what shall run (docs/regress.md)")->required();
  command->add_option("-j,--jobs", a->workers, "Processes at a time; 0: as many as there are cores and memory for")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  command
      ->add_option("-o,--output", a->folder,
                   "Folder of all runs; times and failures of earlier ones decide the order, and what is new")
      ->capture_default_str();
  command->add_option("--time", a->seconds, "No job starts after that: 90s, 30m, 8h")
      ->transform(CLI::AsNumberWithUnit(std::map<std::string, std::int64_t>{{"s", 1}, {"m", 60}, {"h", 3600}}))
      ->type_name("TIME");
  command->add_option("--stop-after", a->stop_after, "No job starts after so many different failures; 0: all do")
      ->capture_default_str();
  CLI::Option* resume = command->add_flag("--resume", a->resume, "Go on with the last run: what has no result yet");
  CLI::Option* failed =
      command->add_flag("--rerun-failed", a->rerun_failed, "A run of what failed or was lost the last time")
          ->excludes(resume);
  CLI::Option* since =
      command
          ->add_option("--since", a->since,
                       "A run of what did not pass in that run, or has changed since: its number, its folder, or DIR:N")
          ->type_name("RUN")
          ->excludes(resume)
          ->excludes(failed);
  command->add_flag("--dry-run", a->dry_run, "Print the jobs and how long they may take")
      ->excludes(since)
      ->excludes(resume);
  CLI::Option* quiet = command->add_flag("--quiet", a->quiet, "Print what a run ends with alone");
  command->add_flag("--verbose", a->verbose, "Print each job that has ended: verdict, seconds, command")
      ->excludes(quiet);
  add_slurm_options(*command, *a);
  command->footer("Example: systole regress tests/plans/smoke.json -j 2 -o regress-report");
  return [a] { return regress_plan(*a); };
}

// What a node of a cluster runs; nobody else calls it.
Command add_regress_chunk_command(CLI::App& program) {
  struct Arguments {
    std::string array;
    std::size_t place = 0;
  };
  auto a = std::make_shared<Arguments>();
  CLI::App* command = program.add_subcommand("regress-chunk", "")->group("");
  command->add_option("ARRAY", a->array)->required();
  command->add_option("PLACE", a->place)->required();
  return [a] { return regress::run_chunk(a->array, a->place); };
}

}  // namespace systole::cli
