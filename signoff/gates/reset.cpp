// SPDX-License-Identifier: Apache-2.0
#include "signoff/gates/reset.h"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <utility>

#include "base/forked.h"
#include "signoff/stimulus/play.h"
#include "sim/session/design.h"

namespace systole::signoff {
namespace {

constexpr std::uint64_t kNoSeed = 1;

/// What the golden says of the pins, each cycle: the level that needs no register of the model.
PlayOptions pins_from(std::uint64_t seed) { return {.check = check::CheckLevel::pins, .seed = seed}; }

/// The program with the first `count` variables of the model random and the others 0.
bool passes(const ResetQuestion& question, const Program& program, std::uint64_t seed, std::size_t count) {
  const std::unique_ptr<StateDut> dut = question.make();
  dut->randomise(count);
  return passed(play(*dut, program, pins_from(seed)));
}

/// The variable whose random start value turns the program red, of a model of which all random ones do; nothing where
/// it is red from zeros too.
std::optional<std::string> leak(const ResetQuestion& question, const Program& program, std::uint64_t seed) {
  if (!passes(question, program, seed, 0)) return std::nullopt;
  const std::unique_ptr<StateDut> dut = question.make();
  std::size_t good = 0, bad = dut->state_count();  // with so many it passes, with so many it does not
  while (bad - good > 1) {
    const std::size_t middle = good + (bad - good) / 2;
    (passes(question, program, seed, middle) ? good : bad) = middle;
  }
  return dut->state_name(good);
}

/// Empty where the program passes from that start.
std::string fill_verdict(const ResetQuestion& question, const Program& program, std::uint64_t seed) {
  if (passes(question, program, seed, ~std::size_t{0})) return {};
  const std::optional<std::string> name = leak(question, program, seed);
  return name ? "leak " + *name : fmt::format("fill {}", program.name);
}

/// A program in a model, cycle by cycle.
class Bench {
 public:
  Bench(dut::Dut& dut, const Program& program)
      : dut_(dut), name_(program.name), plan_(session::make_plan(program.network, *session::design().lowering(dut))) {
    session::ImageMaker(plan_).make(program.input, work_);
  }

  /// From the next reset on: where `fresh`, the model is a new one, whose state is random.
  void start(bool fresh) {
    fresh ? loop_.reset(kNoSeed) : loop_.reset();
    driver_.emplace(dut_.pins().inputs.size());
    driver_->load(plan_, work_);
    monitor_.emplace(dut_, plan_, check::CheckLevel::pins, loop_.watchdog());
    monitor_->begin(work_);
    stalls_.emplace(kernel::Stall::both, kNoSeed, name_, kernel::stream_names(dut_.pins()));
  }
  kernel::Outcome run(std::uint64_t cycles) {
    kernel::NoTraceSink trace;
    return loop_.run(*driver_, *monitor_, trace, *stalls_, cycles);
  }
  [[nodiscard]] bool done() const { return monitor_->done(); }
  [[nodiscard]] std::uint64_t cycle() const { return loop_.cycle(); }
  [[nodiscard]] std::string status() const { return session::design().status(dut_); }

 private:
  dut::Dut& dut_;
  std::string name_;
  session::Plan plan_;
  session::ImageWork work_;
  kernel::RunLoop loop_{dut_};
  std::optional<session::StreamDriver> driver_;
  std::optional<session::Monitor> monitor_;
  std::optional<kernel::StallPattern> stalls_;
};

/// The cycle in which the program first shows each status of the design.
std::map<std::string, std::uint64_t> first_cycles(const ResetQuestion& question) {
  const std::unique_ptr<StateDut> dut = question.make();
  Bench bench(*dut, question.programs.front());
  bench.start(true);
  std::map<std::string, std::uint64_t> cycles;
  do {
    cycles.emplace(bench.status(), bench.cycle());
    if (bench.run(1) != kernel::Outcome::unfinished) break;
  } while (!bench.done());
  return cycles;
}

bool passes_after_reset_in(const ResetQuestion& question, std::uint64_t cycle) {
  const std::unique_ptr<StateDut> dut = question.make();
  Bench bench(*dut, question.programs.front());
  bench.start(true);
  if (cycle > 0) (void)bench.run(cycle);
  bench.start(false);
  return bench.run(PlayOptions().max_cycles) == kernel::Outcome::passed;
}

/// One question of the gate: an empty answer, or "leak NAME", "fill PROGRAM", "in STATE", "four-state"; and in words.
struct Job {
  std::string name;
  std::function<std::string()> verdict;
};

std::vector<Job> jobs_of(const ResetQuestion& q) {
  std::vector<Job> jobs;
  for (const Program& program : q.programs) {
    for (std::uint64_t seed = 1; seed <= q.fills; ++seed) {
      jobs.push_back({fmt::format("{} from random state {}", program.name, seed),
                      [&q, &program, seed] { return fill_verdict(q, program, seed); }});
    }
  }
  for (const auto& first : first_cycles(q)) {
    const std::string& status = first.first;
    const std::uint64_t cycle = first.second;
    jobs.push_back({fmt::format("reset in {}", status), [&q, status, cycle] {
                      return passes_after_reset_in(q, cycle) ? std::string() : fmt::format("in {}", status);
                    }});
  }
  if (q.four_state) {
    jobs.push_back({"four states", [&q] {
                      const std::string said = q.four_state();
                      return said.starts_with("PASS") ? std::string() : "four-state " + said;
                    }});
  }
  return jobs;
}

}  // namespace

Evidence check_reset(const ResetQuestion& question, const GateProgress& progress) {
  const std::vector<Job> jobs = jobs_of(question);
  const auto results = base::run_forked(
      jobs.size(), question.workers, [&jobs](std::size_t i) { return jobs[i].verdict(); }, kProgramLimit,
      counted_by(progress, jobs.size()));
  Evidence evidence;
  evidence.gate = "reset";
  evidence.unit = "starts";
  evidence.checked = jobs.size();
  base::Table table{.name = "reset", .columns = {"start", "verdict"}};
  std::map<std::string, std::string> found;
  std::size_t right = 0;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const std::string wrong = results[i].ended ? results[i].answer : "no answer: " + results[i].problem;
    table.rows.push_back({jobs[i].name, wrong.empty() ? "as the golden" : wrong});
    right += wrong.empty() ? 1U : 0U;
    if (!wrong.empty()) found.emplace("reset " + wrong, jobs[i].name);
  }
  for (const auto& [id, job] : found) {
    evidence.findings.push_back({.id = id, .text = fmt::format("{}: {}", job, id), .waiver = {}});
  }
  evidence.figures = {{"starts as the golden", fmt::format("{} of {}", right, jobs.size())},
                      {"variables with a random start", std::to_string(question.make()->state_count())}};
  evidence.tables.push_back(std::move(table));
  return evidence;
}

}  // namespace systole::signoff
