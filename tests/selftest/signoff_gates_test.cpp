// SPDX-License-Identifier: Apache-2.0
// Attacks on the gates of the sign-off: each must turn the right one red, with the right words.
#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "accel/dut/geometry.h"
#include "base/input_error.h"
#include "signoff/gates/code_coverage.h"
#include "signoff/gates/coverage.h"
#include "signoff/gates/four_state.h"
#include "signoff/gates/lint.h"
#include "signoff/gates/mutation.h"
#include "signoff/gates/netlist.h"
#include "signoff/gates/played_stimulus.h"
#include "signoff/gates/reset.h"
#include "signoff/gates/simulators.h"
#include "signoff/mutants/models.h"
#include "signoff/stimulus/play.h"
#include "sim/dut/registry.h"
#include "tests/support/temporary_folder.h"

namespace systole::signoff {

std::unique_ptr<StateDut> make_state_model();
CountedModel make_counted_model();
std::unique_ptr<StateDut> make_leaky_model();  // whose activation buffer has lost the reset of its flags

}  // namespace systole::signoff

namespace systole::test {
namespace {

namespace fs = std::filesystem;
using namespace signoff;

std::vector<std::string> sources() {
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator("rtl")) {
    if (entry.path().extension() == ".v") files.push_back(fs::absolute(entry.path()).string());
  }
  std::ranges::sort(files);
  return files;
}

/// The table of that name; fails the test where the gate wrote none.
const base::Table& table_of(const Evidence& evidence, const std::string& name) {
  const auto found = std::ranges::find(evidence.tables, name, &base::Table::name);
  REQUIRE_MESSAGE(found != evidence.tables.end(), "no table ", name);
  return *found;
}

/// The ids of what a gate found.
std::vector<std::string> ids(const Evidence& evidence) {
  std::vector<std::string> all;
  for (const Finding& finding : evidence.findings) all.push_back(finding.id);
  return all;
}

bool names(const Evidence& evidence, std::string_view text) {
  return std::ranges::any_of(evidence.findings, [text](const Finding& finding) {
    return finding.id.find(text) != std::string::npos || finding.text.find(text) != std::string::npos;
  });
}

const std::string& figure(const Evidence& evidence, std::string_view name) {
  static const std::string none;
  const auto found = std::ranges::find(evidence.figures, name, &Figure::name);
  return found == evidence.figures.end() ? none : found->value;
}

/// The RTL with something more in front of the end of one module.
Evidence lint_with(const std::string& module, const std::string& more) {
  const TemporaryFolder folder;
  MutatedDesign design{.folder = folder.path(), .sources = {}, .top = "accel", .parameters = {}};
  for (const std::string& source : sources()) {
    const fs::path file = source;
    std::ifstream in(file);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    if (file.stem() == module) text.insert(text.rfind("endmodule"), more);
    std::ofstream(folder.path() / file.filename()) << text;
    design.sources.push_back(file.filename());
  }
  return lint({.design = design,
               .vlts = {fs::absolute("accel/dut/dut.vlt").string()},
               .configurations = {{.name = "4x4", .parameters = {"Rows=4", "Cols=4"}}},
               .workers = 2});
}

TEST_CASE("selftest.signoff.lint.clean_rtl_has_no_finding") {
  const fs::perms before = fs::status("/dev/null").permissions();
  const Evidence clean = lint_with("skew", "");
  CHECK(ids(clean).empty());
  CHECK(clean.checked == 3);
  CHECK(fs::status("/dev/null").permissions() == before);  // as root a tool could take it away from all others
}

TEST_CASE("selftest.signoff.lint.faults_are_found") {
  CHECK(names(lint_with("pool", "  reg latch_l;\n  always @* if (clk_i) latch_l = rst_ni;\n"), "atch"));
  CHECK(names(
      lint_with(
          "ctrl",
          "  wire ring_w, other_w;\n  assign ring_w = ~(other_w & rst_ni);\n  assign other_w = ring_w ^ rst_ni;\n"),
      "loop"));
  CHECK(names(lint_with("ctrl", "  wire twice_w;\n  assign twice_w = ~rst_ni;\n  assign twice_w = rst_ni ^ clk_i;\n"),
              "yosys Warning: multiple conflicting drivers"));
  CHECK(names(lint_with("ctrl", "  wire nobody_w;\n  wire reads_it_w = nobody_w;\n"), "UNDRIVEN"));
  CHECK(names(lint_with("ctrl", "  reg unread_q;\n  always @(posedge clk_i) unread_q <= rst_ni;\n"), "UNUSED"));
  CHECK(names(lint_with("ctrl", "  this is no Verilog\n"), "syntax error"));
}

TEST_CASE("selftest.signoff.lint.missing_tools_and_sources_are_found") {
  LintQuestion question{.design = {.folder = ".", .sources = sources(), .top = "accel", .parameters = {}},
                        .vlts = {},
                        .configurations = {{.name = "4x4", .parameters = {"Rows=4", "Cols=4"}}},
                        .workers = 2};
  const std::string path = std::getenv("PATH");
  ::setenv("PATH", "/nowhere", 1);
  const std::vector<std::string> without_tools = ids(lint(question));
  ::setenv("PATH", path.c_str(), 1);
  CHECK(without_tools == std::vector<std::string>{"lint verilator stops", "lint iverilog stops", "lint yosys stops"});
  std::erase_if(question.design.sources, [](const std::string& source) { return source.ends_with("/pool.v"); });
  const Evidence without_pool = lint(question);
  for (const char* const tool : {"lint verilator", "lint iverilog", "lint yosys"}) CHECK(names(without_pool, tool));
}

TEST_CASE("selftest.signoff.lint.one_finding_for_all_configurations") {
  const Evidence once = lint_with("ctrl", "  wire unread_w = rst_ni;\n");
  CHECK(std::ranges::count_if(ids(once), [](const std::string& id) { return id.starts_with("lint verilator"); }) == 1);
}

TEST_CASE("selftest.signoff.reset.clean_rtl_has_no_finding") {
  const Evidence clean =
      check_reset({.make = make_state_model, .programs = programs(4), .fills = 2, .workers = 2, .four_state = {}});
  CHECK(ids(clean).empty());
  CHECK(clean.checked >= 2 * programs(4).size() + 8);  // and each of the eight states
}

TEST_CASE("selftest.signoff.reset.leak_is_named") {
  std::vector<Program> programs = signoff::programs(4);
  programs.resize(2);
  const Evidence leaky =
      check_reset({.make = make_leaky_model, .programs = programs, .fills = 2, .workers = 2, .four_state = {}});
  CHECK(names(leaky, "reset leak TOP.accel.u_act_buffer.act_full_q"));
}

TEST_CASE("selftest.signoff.reset.x_is_found") {
  std::vector<Program> programs = signoff::programs(4);
  programs.resize(1);
  const accel::Geometry geometry = accel::geometry_of(*make_mutant(0));
  CHECK(run_with_four_states(programs, geometry, sources()) == "PASS");
  std::vector<std::string> leaky = sources();
  for (std::string& source : leaky) {
    if (source.ends_with("/act_buffer.v")) source = SYSTOLE_LEAKY_SOURCE;
  }
  const std::string said = run_with_four_states(programs, geometry, leaky);
  CAPTURE(said);
  CHECK(said.find("expected no x") != std::string::npos);
  const Evidence found =
      check_reset({.make = make_state_model, .programs = programs, .fills = 1, .workers = 1, .four_state = [] {
                     return std::string("FAIL out_valid_o");
                   }});
  CHECK(ids(found) == std::vector<std::string>{"reset four-state FAIL out_valid_o"});
}

TEST_CASE("selftest.signoff.coverage.hole_is_named") {
  std::vector<Program> programs = signoff::programs(4);
  programs.resize(1);
  const Evidence evidence =
      signoff::cover({.make = [] { return make_mutant(0); }, .programs = programs, .checkers = {}, .workers = 1});
  CHECK(names(evidence, "coverage kinds: max_pool"));
  CHECK_FALSE(names(evidence, "coverage kinds: conv2d"));
}

TEST_CASE("selftest.signoff.coverage.maps_are_of_what_ran") {
  const std::vector<Program> programs = signoff::programs(4);
  const Evidence evidence =
      signoff::cover({.make = [] { return make_mutant(0); }, .programs = programs, .checkers = {}, .workers = 2});
  REQUIRE(evidence.maps.size() == 3);
  const base::Table &cross = evidence.maps[0], &kinds = evidence.maps[1], &by_program = evidence.maps[2];
  const auto kind = [&cross](const char* name) {
    return static_cast<std::size_t>(std::ranges::find(cross.columns, name) - cross.columns.begin());
  };
  const auto runs = [&](const char* item, const char* name) {
    const auto row =
        std::ranges::find_if(cross.rows, [item](const auto& one) { return base::cell_text(one[1], 0) == item; });
    REQUIRE(row != cross.rows.end());
    return std::get<std::int64_t>(row->at(kind(name)));
  };
  CHECK(runs("padding in max_pool", "max_pool") > 0);
  CHECK(runs("padding in max_pool", "conv2d") == 0);
  CHECK(runs("bias", "conv2d") > 0);
  CHECK(kinds.name == kCycleShares);
  CHECK(kinds.rows.size() + 2 >= cross.columns.size() - 2);  // of kinds without MACs there are none
  CHECK(by_program.rows.size() <= programs.size());
  for (const base::Table* table : {&kinds, &by_program}) {
    REQUIRE_FALSE(table->rows.empty());
    for (const auto& row : table->rows) {
      double sum = 0;
      for (std::size_t c = 1; c < row.size(); ++c) {
        CHECK(std::get<double>(row[c]) >= 0);
        sum += std::get<double>(row[c]);
      }
      CHECK(sum == doctest::Approx(100));
    }
  }
}

TEST_CASE("selftest.signoff.coverage.wrong_value_is_named") {
  const Evidence evidence =
      signoff::cover({.make = [] { return make_mutant(1); }, .programs = programs(4), .checkers = {}, .workers = 2});
  CHECK(names(evidence, " none: "));
}

/// fully_connected, which has three words.
Program small_program() { return programs(4)[8]; }

/// A design whose bench has lost the checker of some registers.
class Unwatched : public dut::Dut {
 public:
  Unwatched(std::unique_ptr<dut::Dut> inner, std::string_view registers) : inner_(std::move(inner)) {
    pins_ = inner_->pins();
    std::erase_if(pins_.registers, [registers](const port::RegisterBank& of) { return of.name == registers; });
  }
  [[nodiscard]] std::span<const dut::Parameter> parameters() const override { return inner_->parameters(); }
  [[nodiscard]] dut::TraceFormat trace_format() const override { return inner_->trace_format(); }
  void eval() override { inner_->eval(); }
  void fill_unreset_state(std::uint64_t seed) override { inner_->fill_unreset_state(seed); }
  void open_trace(const fs::path& file, std::span<const dut::TraceSignal> extra) override {
    inner_->open_trace(file, extra);
  }
  void dump(std::uint64_t time, bool extra_changed) override { inner_->dump(time, extra_changed); }
  void close_trace() override { inner_->close_trace(); }

 private:
  std::unique_ptr<dut::Dut> inner_;
};

TEST_CASE("selftest.signoff.coverage.deleted_checker_is_named") {
  CoverageQuestion question{.make = [] { return make_mutant(0); },
                            .programs = {small_program()},
                            .checkers = {"pins", "registers weight", "tensor"},
                            .workers = 1};
  CHECK_FALSE(names(signoff::cover(question), "coverage checker"));
  question.make = [] { return std::make_unique<Unwatched>(make_mutant(0), "weight"); };
  CHECK(names(signoff::cover(question), "coverage checker registers weight"));
}

/// With a canary layer that is wrong already, nobody knows whether the checkers see.
TEST_CASE("selftest.signoff.coverage.canaries_that_show_nothing_are_found") {
  const Evidence evidence = signoff::cover(
      {.make = [] { return make_mutant(1); }, .programs = {small_program()}, .checkers = {"pins"}, .workers = 1});
  CHECK(names(evidence, "coverage canaries"));
  CHECK(names(evidence, "coverage checker pins"));
}

/// Of the RTL, by fewer programs.
CodeCoverageQuestion lines_by(std::vector<Program> some) {
  std::vector<std::string> files;
  for (const std::string& source : sources()) files.push_back("rtl/" + fs::path(source).filename().string());
  return {.make = make_counted_model, .programs = std::move(some), .folder = ".", .sources = files, .workers = 2};
}

TEST_CASE("selftest.signoff.code_coverage.line_and_branch_that_nothing_comes_by_are_named") {
  const Evidence evidence = cover_code(lines_by({small_program()}));
  CHECK(evidence.checked > 400);
  CHECK(names(evidence, "code_coverage line rtl/round_shift.v 'Clipq: increment = negative;'"));
  CHECK(names(evidence, "code_coverage branch rtl/"));
  CHECK_FALSE(names(evidence, "'S_IDLE: if (start) state_d = S_READ_PARAM;'"));
  CHECK(evidence.tables.size() == 1 + sources().size());
}

TEST_CASE("selftest.signoff.code_coverage.without_programs_no_line_is_run") {
  const Evidence evidence = cover_code(lines_by({}));
  CHECK(figure(evidence, "lines run").starts_with("0 of "));
  CHECK(figure(evidence, "branches taken").starts_with("0 of "));
  CHECK(verdict_of(evidence) == Verdict::fail);
}

TEST_CASE("selftest.signoff.code_coverage.run_that_does_not_pass_counts_nothing") {
  CodeCoverageQuestion question = lines_by({small_program()});
  question.make = [] {
    const auto counted = std::make_shared<CountedModel>(make_counted_model());
    return CountedModel{.dut = make_mutant(1), .counts = [counted] { return counted->counts(); }};
  };
  const Evidence evidence = cover_code(question);
  CHECK(names(evidence, "code_coverage run fully_connected both"));
}

/// A model that counts nothing has nothing that was not run.
TEST_CASE("selftest.signoff.code_coverage.model_without_counters_does_not_pass") {
  CodeCoverageQuestion question = lines_by({small_program()});
  question.make = [] { return CountedModel{.dut = make_mutant(0), .counts = [] { return std::string(); }}; };
  const Evidence evidence = cover_code(question);
  CHECK(evidence.checked == 0);
  CHECK(verdict_of(evidence) == Verdict::fail);
}

TEST_CASE("selftest.signoff.programs.one_that_compares_nothing_does_not_pass") {
  const auto dut = make_mutant(0);
  const Played played = play(*dut, small_program(), {.check = check::CheckLevel::none});
  CHECK(played.mismatches.empty());
  CHECK(played.compared == 0);
  CHECK_FALSE(passed(played));
}

/// Without its last cycles a run proves nothing of what comes there.
TEST_CASE("selftest.signoff.programs.one_that_is_cut_short_does_not_pass") {
  const auto dut = make_mutant(0);
  const Played played = play(*dut, small_program(), {.max_cycles = 50});
  CHECK(played.mismatches.empty());
  CHECK(played.compared > 0);
  CHECK_FALSE(passed(played));
  CHECK(problem_of(played) == "unfinished");
}

TEST_CASE("selftest.signoff.netlist.difference_is_named") {
  const auto question = [](const char* model) {
    return NetlistQuestion{.make = [model] { return dut::make_dut(model, dut::TraceFormat::none); },
                           .programs = programs(4),
                           .statistics = SYSTOLE_NETLIST_STATISTICS,
                           .workers = 2};
  };
  CHECK(ids(check_netlist(question("4x4-gates"))).empty());
  const Evidence faulty = check_netlist(question("4x4-faulty-gates"));
  CHECK(names(faulty, "netlist conv"));
  CHECK(names(faulty, "out_data_o"));
  NetlistQuestion without = question("4x4-gates");
  without.programs.resize(1);
  without.statistics = "nowhere.txt";
  CHECK(ids(check_netlist(without)) == std::vector<std::string>{"netlist statistics"});
}

/// A simulator that says of a set with a right expectation what `right` is, and of a flipped bit what `wrong` is.
Simulator pretend(const std::string& name, const std::string& right, const std::string& wrong) {
  return {.name = name, .compile = [=](const fs::path& set) -> Simulator::Run {
            const auto size_of = [set] {
              std::ifstream in(set / "out.hex");
              return std::string{std::istreambuf_iterator<char>(in), {}};
            };
            return [=, before = size_of()](const std::vector<std::string>&) {
              return size_of() == before ? right : wrong;
            };
          }};
}

Evidence compared(std::vector<Simulator> simulators) {
  return compare_simulators({.simulators = std::move(simulators),
                             .programs = {small_program()},
                             .geometry = accel::geometry_of(*make_mutant(0))});
}

TEST_CASE("selftest.signoff.simulators.both_pass_and_agree") {
  const Evidence evidence = compared(simulators(sources()));
  for (const Finding& finding : evidence.findings) MESSAGE(finding.id << ": " << finding.text);
  CHECK(verdict_of(evidence) == Verdict::pass);
  CHECK(evidence.checked == 4);  // two simulators, with stalls and without
}

TEST_CASE("selftest.signoff.simulators.fault_of_the_rtl_is_seen_by_both") {
  const TemporaryFolder folder;
  std::vector<std::string> faulty = sources();
  for (std::string& source : faulty) {
    if (!source.ends_with("/clamp_add.v")) continue;
    std::ifstream in(source);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    text.replace(text.find("a_i + b_i;"), 3, "b_i");
    source = folder / "clamp_add.v";
    std::ofstream(source) << text;
  }
  const Evidence evidence = compared(simulators(faulty));
  CHECK(names(evidence, "simulators icarus fully_connected"));
  CHECK(names(evidence, "simulators verilator fully_connected"));
  CHECK(evidence.checked == 0);
}

TEST_CASE("selftest.signoff.simulators.what_does_not_compare_is_found") {
  const Evidence honest = compare_simulators({.simulators = simulators(sources()), .programs = {}, .geometry = {}});
  CHECK(verdict_of(honest) == Verdict::fail);  // nothing was run
  const auto found = [](const std::string& right, const std::string& wrong) {
    return ids(compared({pretend("one", right, wrong), pretend("two", right, wrong)}));
  };
  const std::string told = "FAIL out.hex word 1: expected 1, got 2 in cycle 3";
  const std::vector<std::string> both{"simulators one fully_connected", "simulators two fully_connected"};
  for (const char* const said :
       {"", "PASS", "PASS 3 words compared in ", "PASS 0 words compared in 9 cycles",
        "PASS 4 words compared in 9 cycles", "FAIL out.hex word 0: expected 1", "Segmentation fault"}) {
    CAPTURE(said);
    CHECK(found(said, told) == both);
  }
}

TEST_CASE("selftest.signoff.simulators.flipped_bit_that_is_not_told_is_found") {
  const std::string right = "PASS 3 words compared in 9 cycles";
  const std::string told = "FAIL out.hex word 1: expected 1, got 2 in cycle 3";
  CHECK(ids(compared({pretend("one", right, told), pretend("two", right, told)})).empty());
  for (const std::string& wrong : {right, std::string(), std::string("FAIL out.hex word 0: expected 1, got 2")}) {
    CHECK(ids(compared({pretend("one", right, told), pretend("two", right, wrong)})) ==
          std::vector<std::string>{"simulators two fully_connected blind"});
  }
}

TEST_CASE("selftest.signoff.simulators.difference_is_found") {
  const std::string told = "FAIL out.hex word 1: expected 1, got 2 in cycle 3";
  CHECK(ids(compared({pretend("one", "PASS 3 words compared in 9 cycles", told),
                      pretend("two", "PASS 3 words compared in 8 cycles", told)})) ==
        std::vector<std::string>{"simulators differ fully_connected"});
  CHECK(ids(compared({pretend("one", "PASS 3 words compared in 9 cycles", told)})) ==
        std::vector<std::string>{"simulators too few"});
}

TEST_CASE("selftest.signoff.simulators.missing_tool_is_named") {
  const std::string path = std::getenv("PATH");
  const std::vector<Simulator> both = simulators(sources());
  ::setenv("PATH", "/nowhere", 1);
  const Evidence evidence = compared(both);
  ::setenv("PATH", path.c_str(), 1);
  CHECK(names(evidence, "apt-get install iverilog"));
  CHECK(names(evidence, "apt-get install verilator"));
  CHECK(evidence.checked == 0);
  CHECK(verdict_of(evidence) == Verdict::fail);
}

/// Of the first mutants, without proofs.
MutationQuestion few(std::size_t count) {
  return {.mutants = mutants(),
          .count = count,
          .stimulus = played_stimulus(make_mutant, programs(4)),
          .refute = [](const Mutant&) { return std::nullopt; },
          .prove = [](const Mutant&) { return std::nullopt; },
          .workers = 2};
}

TEST_CASE("selftest.signoff.mutation.survivor_is_a_finding_until_it_is_proved") {
  constexpr std::size_t kCount = 20;
  const Evidence open = mutate(few(kCount), ".");
  CHECK(open.checked == kCount);
  REQUIRE(!open.findings.empty());
  CHECK(figure(open, "open") == std::to_string(open.findings.size()));
  MutationQuestion proved = few(kCount);
  proved.prove = [](const Mutant&) { return std::string("as the test says"); };
  const Evidence settled = mutate(proved, ".");
  CHECK(settled.findings.empty());
  CHECK(figure(settled, "proved equivalent") == std::to_string(open.findings.size()));
  CHECK(figure(settled, "killed") == figure(open, "killed"));
}

TEST_CASE("selftest.signoff.mutation.kill_of_a_property_is_shown_as_such") {
  constexpr std::size_t kCount = 20;
  const Evidence open = mutate(few(kCount), ".");
  MutationQuestion broken = few(kCount);
  broken.refute = [](const Mutant&) { return BrokenProperty{"block wrong_o", "cycle 0: up_i=0x1"}; };
  const Evidence evidence = mutate(broken, ".");
  CHECK(evidence.findings.empty());
  CHECK(figure(evidence, "proved equivalent") == "0");
  CHECK(figure(evidence, "of them by a property alone") == std::to_string(open.findings.size()));
  CHECK(figure(evidence, "killed").starts_with("20 of 20"));
  const base::Table& kills = table_of(evidence, "killed by properties");
  REQUIRE(kills.rows.size() == open.findings.size());
  CHECK(base::cell_text(kills.rows[0].at(1), 0) == "block wrong_o");
  CHECK(base::cell_text(kills.rows[0].at(2), 0) == "cycle 0: up_i=0x1");
  std::int64_t in_modules = 0;
  for (const auto& module : evidence.maps.at(0).rows) in_modules += std::get<std::int64_t>(module.back());
  CHECK(in_modules == static_cast<std::int64_t>(open.findings.size()));
  const std::vector<base::Cell>& row = evidence.maps.at(1).rows.back();
  CHECK(base::cell_text(row.front(), 0) == "block wrong_o");
  CHECK(std::get<std::int64_t>(row.back()) == static_cast<std::int64_t>(open.findings.size()));
}

TEST_CASE("selftest.signoff.mutation.equivalent_mutant_is_no_kill_of_a_property") {
  const Evidence open = mutate(few(20), ".");
  MutationQuestion both = few(20);
  both.refute = [](const Mutant&) { return BrokenProperty{"leaf alone", "cycle 0:"}; };
  both.prove = [](const Mutant&) { return std::string("in its place"); };
  const Evidence evidence = mutate(both, ".");
  CHECK(figure(evidence, "of them by a property alone") == "0");
  CHECK(figure(evidence, "proved equivalent") == std::to_string(open.findings.size()));
}

TEST_CASE("selftest.signoff.mutation.score_below_its_bar_is_a_finding") {
  MutationQuestion question = few(20);
  question.least = question.least_of_module = 100;
  const Evidence evidence = mutate(question, ".");
  const std::vector<std::string> found = ids(evidence);
  CHECK(std::ranges::count(found, "mutation score") == 1);
  for (const auto& row : table_of(evidence, "modules").rows) {
    const bool open = std::get<std::int64_t>(row.at(5)) > 0;
    CHECK(std::ranges::count(found, "mutation score of " + std::get<std::string>(row.at(0))) == (open ? 1 : 0));
  }
  question.prove = [](const Mutant&) { return std::string("as the test says"); };  // and so no part of the score
  CHECK(mutate(question, ".").findings.empty());
}

/// Who asks for a property or a proof and dies has found neither.
TEST_CASE("selftest.signoff.mutation.crash_of_a_proof_is_no_answer") {
  const std::vector<std::string> open = ids(mutate(few(20), "."));
  for (const bool property : {true, false}) {
    MutationQuestion question = few(20);
    if (property) {
      question.refute = [](const Mutant&) -> std::optional<BrokenProperty> { throw std::runtime_error("no tool"); };
    } else {
      question.prove = [](const Mutant&) -> std::optional<std::string> {
        (void)::raise(SIGKILL);
        return std::nullopt;
      };
    }
    CHECK(ids(mutate(question, ".")) == open);
  }
}

TEST_CASE("selftest.signoff.mutation.what_kills_rest_on_is_listed") {
  MutationQuestion question = few(20);
  question.stimulus.programs.resize(1);
  const Evidence evidence = mutate(question, ".");
  const auto table = std::ranges::find(evidence.tables, kRestsOn, &base::Table::name);
  REQUIRE(table != evidence.tables.end());
  std::vector<std::string> items;
  for (const auto& row : table->rows) items.push_back(base::cell_text(row.at(0), 0));
  CHECK(std::ranges::count(items, "coverage kinds: conv2d") == 1);
  CHECK(std::ranges::count(items, "coverage kinds: max_pool") == 0);  // of no program here
  question.stimulus.programs.clear();
  const Evidence none = mutate(question, ".");
  CHECK(std::ranges::find(none.tables, kRestsOn, &base::Table::name)->rows.empty());
}

TEST_CASE("selftest.signoff.mutation.nothing_counts_where_the_design_fails") {
  MutationQuestion question = few(10);
  question.stimulus = played_stimulus(
      [](std::size_t) { return dut::make_dut("4x4-faulty-gates", dut::TraceFormat::none); }, programs(4));
  const Evidence evidence = mutate(question, ".");
  CHECK(ids(evidence) == std::vector<std::string>{"mutation design"});
  CHECK(evidence.checked == 0);
}

TEST_CASE("selftest.signoff.mutation.crash_of_the_bench_is_no_kill") {
  MutationQuestion question = few(4);
  question.stimulus = played_stimulus(
      [](std::size_t number) {
        if (number != 0) (void)::raise(SIGKILL);
        return make_mutant(number);
      },
      programs(4));
  const Evidence evidence = mutate(question, ".");
  CHECK(evidence.findings.size() == 4);
  CHECK(std::ranges::all_of(ids(evidence), [](const std::string& id) { return id.starts_with("mutation lost "); }));
  CHECK(figure(evidence, "killed").starts_with("0 of 4"));
}

TEST_CASE("selftest.signoff.mutation.next_program_that_kills_is_named") {
  MutationQuestion question = few(3);
  question.stimulus = {.programs = {"a", "b", "c"},
                       .levels = {"pins"},
                       .design = [](std::size_t program) { return ProgramRun{.cycles = program + 1}; },
                       .kill = [](std::size_t n, std::size_t program) -> std::optional<std::size_t> {
                         if (n == 3 && program == 1) (void)::raise(SIGKILL);
                         const bool kills = n == 2 ? program == 1 : program != 1;
                         return kills ? std::optional<std::size_t>(0) : std::nullopt;
                       }};
  const Evidence evidence = mutate(question, ".");
  CHECK(figure(evidence, "killed").starts_with("3 of 3"));
  const base::Table& kills = table_of(evidence, kKilledByPrograms);
  std::vector<std::string> found;
  for (const auto& row : kills.rows)
    found.push_back(base::cell_text(row.at(1), 0) + " " + base::cell_text(row.at(3), 0));
  REQUIRE(found.size() == 3);
  CHECK(found[0] == "a c");
  CHECK(found[1] == "b ");
  CHECK(found[2].starts_with("a no verdict: "));
}

TEST_CASE("selftest.signoff.mutation.shortened_list_is_a_finding") {
  MutationQuestion question = few(10);
  question.mutants.resize(3);
  CHECK(names(mutate(question, "."), "mutation too few"));
}

TEST_CASE("selftest.signoff.mutation.without_programs_nothing_is_killed") {
  MutationQuestion question = few(10);
  question.stimulus.programs.clear();
  CHECK(mutate(question, ".").findings.size() == 10);
}

// Values of Wilson's interval as published for the binomial share: 81 of 263 (Newcombe 1998, table I, method 3).
TEST_CASE("selftest.signoff.mutation.interval_is_wilsons") {
  const auto [low, high] = wilson_95(81, 263);
  CHECK(low == doctest::Approx(25.53).epsilon(0.001));
  CHECK(high == doctest::Approx(36.62).epsilon(0.001));
  CHECK(wilson_95(0, 0) == std::pair<double, double>(0, 100));
  CHECK(wilson_95(10, 10).second == doctest::Approx(100));
}

}  // namespace
}  // namespace systole::test
