// SPDX-License-Identifier: Apache-2.0
// How runs end: exit codes, reports, Ctrl-C, what a terminal sees, help.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "tests/support/temporary_folder.h"
#include "tests/system/cli_process.h"

namespace systole::test {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using std::chrono::milliseconds;

constexpr const char* kEndless = "1000000";  ///< images; hours

std::set<std::string> keys(const Json& object) {
  std::set<std::string> names;
  for (const auto& [name, value] : object.items()) names.insert(name);
  return names;
}

/// The report alone in its folder, with every key of docs/report.md.
Json read_report(const fs::path& file) {
  CHECK(listing(file.parent_path()).size() == 1);
  Json json = Json::parse(read_text(file));
  CHECK(keys(json) == std::set<std::string>{"version",       "outcome",      "detail",     "network",
                                            "configuration", "token",        "stall",      "via",
                                            "seed",          "tools",        "rtl_sha256", "images",
                                            "cycles",        "seconds",      "compared",   "expected_compared",
                                            "canaries",      "skipped",      "exercised",  "not_exercised",
                                            "mismatches",    "labels_known", "labels_met", "layers",
                                            "predictions",   "failures",     "kind",       "lint_warnings",
                                            "in_part",       "failure",      "check",      "compared_by"});
  CHECK(json["version"] == 1);
  for (const Json& layer : json["layers"]) {
    CHECK(keys(layer) == std::set<std::string>{"name", "kind", "shape", "macs", "cycles", "utilisation", "roofline",
                                               "counters", "compared", "mismatches", "psum_min", "psum_max"});
    CHECK(keys(layer["counters"]) ==
          std::set<std::string>{"busy", "stall_in", "stall_out", "weight_load", "compute", "drain"});
  }
  return json;
}

/// A run that ends without an error message, and its report.
Json run_with_report(Arguments arguments, int code, const Surroundings& surroundings = {}) {
  const TemporaryFolder folder;
  const fs::path report = folder.path() / "report.json";
  arguments.insert(arguments.end(), {"--report", report});
  const Finished result = run(arguments, surroundings);
  CAPTURE(result.out);
  CHECK(result.code == code);
  CHECK(result.err.empty());
  Json json = read_report(report);
  const std::string outcome = json["outcome"], detail = json["detail"];
  const std::string verdict = "\n" + outcome + (detail.empty() ? "" : ": ") + detail + "\n";
  const std::size_t place = result.out.find(verdict);
  REQUIRE(place != std::string::npos);
  // Nothing follows a verdict but what a run that passed did not exercise.
  const std::string rest = result.out.substr(place + verdict.size());
  CHECK((outcome == "passed" ? rest.starts_with("not exercised: ") : rest.empty()));
  return json;
}

TEST_CASE("system.cli_report.passed") {
  const Json json = run_with_report({"run", kLenet, "--images", "2"}, 0);
  CHECK(json["outcome"] == "passed");
  CHECK(json["detail"] == "");
  CHECK(json["images"] == 2);
  CHECK(json["predictions"].size() == 2);
  CHECK(keys(json["predictions"][0]) == std::set<std::string>{"image", "label", "rtl", "golden"});
  CHECK(json["compared"] == json["expected_compared"]);
  CHECK(json["compared"] > 0);
  CHECK(json["check"] == "pe");
  const Json& by = json["compared_by"];
  CHECK(keys(by) == std::set<std::string>{"pins", "registers", "outputs", "tensor"});
  CHECK(by["pins"] > 0);
  CHECK(by["registers"] > by["pins"]);
  CHECK(by["outputs"] == 0);
  CHECK(by["pins"].get<std::uint64_t>() + by["registers"].get<std::uint64_t>() + by["tensor"].get<std::uint64_t>() ==
        json["compared"]);
  CHECK(json["failures"].empty());
}

TEST_CASE("system.cli_report.max_cycles") {
  const Json json = run_with_report({"run", kLenet, "--max-cycles", "1000"}, 3);
  CHECK(json["outcome"] == "unfinished");
  CHECK(json["images"] == 0);
  CHECK(json["cycles"] == 1000);
  REQUIRE(json["failures"].size() == 1);
  CHECK(json["failures"][0].get<std::string>().find("re-run: ") != std::string::npos);
}

TEST_CASE("system.cli_report.interrupted") {
  const Json json = run_with_report({"run", kLenet, "--images", kEndless}, 130,
                                    {.interrupt_after = milliseconds(500), .when_caught = true});
  CHECK(json["outcome"] == "interrupted");
  CHECK(json["predictions"].size() == json["images"]);
}

TEST_CASE("system.cli_report.same_twice") {
  const Arguments arguments{"run", kLenet, "--images", "3", "--stall", "both", "--seed", "77"};
  Json first = run_with_report(arguments, 0), second = run_with_report(arguments, 0);
  for (Json* json : {&first, &second}) json->erase("seconds");
  CHECK(first.dump() == second.dump());
  Json other = run_with_report({"run", kLenet, "--images", "3", "--stall", "both", "--seed", "78"}, 0);
  CHECK(other["cycles"] != first["cycles"]);
}

TEST_CASE("system.cli_report.replaces_the_old_one") {
  const TemporaryFolder folder;
  const fs::path report = folder.path() / "report.json";
  write_text(report, std::string(1'000'000, 'x'));
  CHECK(run({"run", kLenet, "--images", "1", "--report", report}).code == 0);
  CHECK(read_report(report)["outcome"] == "passed");
}

TEST_CASE("system.cli_interrupt.at_any_time") {
  // From before main() to the middle of the second image; Ctrl-C before the program catches it ends it as any other.
  for (const int delay : {0, 2, 4, 6, 8, 10, 12, 14, 16, 20, 25, 30, 40, 60, 90, 130}) {
    CAPTURE(delay);
    const TemporaryFolder folder;
    const fs::path report = folder.path() / "report.json";
    const Finished result =
        run({"run", kLenet, "--images", kEndless, "--report", report}, {.interrupt_after = milliseconds(delay)});
    CAPTURE(result.err);
    CHECK(result.code == 130);
    CHECK(result.err.empty());
    if (result.signalled) {
      CHECK(listing(folder.path()).empty());
    } else {
      CHECK(read_report(report)["outcome"] == "interrupted");
    }
  }
}

TEST_CASE("system.cli_interrupt.dump_is_whole") {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    for (const char* format : {"vcd", "fst"}) {
      CAPTURE(signal);
      CAPTURE(format);
      const TemporaryFolder folder;
      const fs::path dump = folder.path() / "dump", report = folder.path() / "report.json";
      const Finished result =
          run({"run", kLenet, "--images", kEndless, "--trace", format, "--trace-file", dump, "--report", report},
              {.interrupt_after = milliseconds(100), .signal = signal, .when_exists = dump});
      CHECK(result.code == 128 + signal);
      CHECK_FALSE(result.signalled);
      CHECK(result.err.empty());
      CHECK(Json::parse(read_text(report))["outcome"] == "interrupted");
      CHECK(fs::exists(dump.string() + ".gtkw"));
      CHECK(
          listing(folder.path()).size() ==
          5);  // dump, view, names of states and layers, report: none of the parts that the FST writer keeps beside it
      const std::string text = read_text(dump);
      if (format == std::string("vcd")) {
        CHECK(text.find("$enddefinitions") != std::string::npos);
        CHECK(text.ends_with('\n'));
      } else {
        CHECK(text.size() > 1000);
      }
    }
  }
}

/// Two runs that would write one dump: the second is refused, and the first one's stays.
TEST_CASE("system.cli_report.junit") {
  const TemporaryFolder folder;
  const std::string file = folder / "junit.xml";
  const Finished passed = run({"run", kLenet, "--images", "1", "--check", "outputs", "--junit", file});
  CHECK(passed.code == 0);
  const std::string text = read_text(file);
  CHECK(text.find("<testsuite name=\"run.lenet.8x8.stall_none\" tests=\"8\" failures=\"0\"") != std::string::npos);
  CHECK(text.find("<testcase classname=\"run.lenet.8x8.stall_none\" name=\"fc3\" />") != std::string::npos);
  const Finished hangs = run({"run", kLenet, "--layer", "fc3", "--images", "1", "--max-cycles", "9", "--junit", file});
  CHECK(hangs.code == 3);
  CHECK(read_text(file).find("<failure message=\"unfinished: fc3 of image 0, cycle 9: ") != std::string::npos);
  CHECK(run({"run", "models/none", "--junit", file}).code == 2);
  CHECK_FALSE(fs::exists(file));
}

TEST_CASE("system.cli_trace.two_runs_never_share_a_dump") {
  for (const char* format : {"vcd", "fst"}) {
    CAPTURE(format);
    const TemporaryFolder folder;
    const std::string dump = folder / "dump", first = folder / "first";
    const Arguments traced{"run",    kLenet,    "--layer", "conv1",        "--images",
                           kEndless, "--trace", format,    "--trace-file", dump};
    // The first one has its dump open twice, to write it and to keep others off, until it ends, which it does when the
    // second one has been refused. (Files that it closes while `ls` looks at them are no matter: 2>/dev/null.)
    const std::string script =
        fmt::format(R"sh("$0" "$@" > {} & p=$!; until [ "$(ls -l /proc/$p/fd 2>/dev/null | grep -c '{}$')" -ge 2 ]; )sh"
                    R"sh(do sleep 0.01; done; "$0" "$@"; c=$?; kill -TERM $p; wait $p; exit $c)sh",
                    first, dump);
    Arguments both{"-c", script, SYSTOLE_PROGRAM};
    both.insert(both.end(), traced.begin(), traced.end());
    const Finished second = run(both, {.program = "/bin/sh"});
    CHECK(second.code == 2);
    CHECK(second.err.starts_with("systole: " + dump + ": another run is writing it, process "));
    CHECK(second.err.ends_with("); name another file\n"));
    CHECK(read_text(first).find("interrupted") != std::string::npos);
    CHECK(fs::file_size(dump) > 1000);
  }
}

/// Under nohup SIGHUP is ignored, and stays so.
TEST_CASE("system.cli_interrupt.nohup_goes_on") {
  const std::string script =
      "trap '' HUP; \"$0\" run models/lenet --images 5 & p=$!; while kill -HUP $p 2>/dev/null; do sleep 0.01; done; "
      "wait $p";
  const Finished result = run({"-c", script, SYSTOLE_PROGRAM}, {.program = "/bin/sh"});
  CHECK(result.code == 0);
  CHECK(result.out.find("\npassed\n") != std::string::npos);
}

TEST_CASE("system.cli_interrupt.golden_and_bench") {
  const Finished golden =
      run({"golden", kLenet, "--images", "1000000000"}, {.interrupt_after = milliseconds(300), .when_caught = true});
  CHECK(golden.code == 130);
  CHECK(golden.err == "systole: interrupted\n");
  CHECK(golden.out.empty());

  const TemporaryFolder folder;
  const fs::path scratch = folder.path() / "tmp", report = folder.path() / "bench.json";
  fs::create_directory(scratch);
  for (const int delay : {700, 800, 900, 1000}) {  // in whichever row it is then
    CAPTURE(delay);
    const Finished bench =
        run({"bench", "--rounds", kEndless, "--report", report},
            {.set = {{"TMPDIR", scratch.string()}}, .interrupt_after = milliseconds(delay), .when_caught = true});
    CHECK(bench.code == 130);
    CHECK(bench.err == "systole: interrupted\n");
  }
  CHECK(listing(folder.path()).size() == 1);  // the empty scratch folder
}

/// A bar before anything else, and the line is wiped at the end.
void check_lively(const TerminalRun& result) {
  CAPTURE(result.text.substr(0, 2000));
  CHECK(result.code == 0);
  CHECK(result.text.starts_with("\r["));
  CHECK(result.text.find("\r[") != std::string::npos);
  const std::size_t last_bar = result.text.rfind("\r["), wiped = result.text.rfind("\r\x1b[K");
  CHECK(wiped != std::string::npos);
  CHECK(wiped > last_bar);
}

TEST_CASE("system.cli_terminal.progress_comes_first_and_goes_last") {
  check_lively(run_on_terminal({"run", kLenet, "--images", "30"}));
  check_lively(run_on_terminal({"golden", kLenet, "--images", "8000"}));
  check_lively(run_on_terminal({"bench", "--rounds", "1"}));
  const TemporaryFolder folder;
  for (const char* format : {"vcd", "fst"}) {
    CAPTURE(format);
    check_lively(
        run_on_terminal({"run", kLenet, "--images", "2", "--trace", format, "--trace-file", folder.path() / "dump"}));
  }
}

TEST_CASE("system.cli_terminal.no_progress_elsewhere") {
  for (const Arguments& arguments : {Arguments{"run", kLenet, "--images", "10"},
                                     Arguments{"golden", kLenet, "--images", "1000"}, Arguments{"list"}}) {
    const Finished result = run(arguments);
    CHECK(result.code == 0);
    CHECK(result.err.empty());
    CHECK_FALSE(result.out.empty());
    CHECK(result.out.find_first_of("\r\x1b") == std::string::npos);
  }
}

TEST_CASE("system.cli_terminal.error_after_bar_is_readable") {
  const TerminalRun result = run_on_terminal({"run", kLenet, "--trace", "vcd", "--trace-file", "/dev/full"});
  CHECK(result.code == 2);
  CHECK(result.text.find("\r\x1b[Ksystole: /dev/full: cannot write") != std::string::npos);
}

/// Names that `systole --help` lists under its subcommands.
std::vector<std::string> commands() {
  std::vector<std::string> names;
  const std::string help = run({"--help"}).out;
  std::size_t place = help.find("Subcommands:\n");
  REQUIRE(place != std::string::npos);
  for (place = help.find('\n', place) + 1; help.compare(place, 2, "  ") == 0; place = help.find('\n', place) + 1) {
    if (help[place + 2] != ' ') names.push_back(help.substr(place + 2, help.find(' ', place + 2) - place - 2));
  }
  return names;
}

TEST_CASE("system.cli_help.every_command_has_an_example") {
  std::vector<std::string> names = commands();
  for (const char* expected : {"run", "golden", "list", "bench", "vectors", "wave"}) {
    CHECK_MESSAGE(std::count(names.begin(), names.end(), expected) == 1, expected);
  }
  for (const std::string& name : names) {
    if (name != "signoff") check_help_has_example(name);  // built for the slow tier only: signoff_test.cpp
  }
}

TEST_CASE("system.cli_help.program") {
  const Finished help = run({"--help"}), version = run({"--version"});
  CHECK(help.code == 0);
  CHECK(help.out.find("Example: systole run ") != std::string::npos);
  CHECK(version.code == 0);
  CHECK(version.out.find_first_of("0123456789") == 0);
}

TEST_CASE("system.cli_list.names") {
  const Finished result = run({"list"});
  CHECK(result.code == 0);
  for (const char* word :
       {"  models/lenet\n", "  8x8 ", "cifar10:FILE", "  bursts\n", "  requantize_double_rounding\n"}) {
    CHECK_MESSAGE(result.out.find(word) != std::string::npos, word);
  }
}

/// Anywhere: the networks of the repository; those beside the caller where there are any.
TEST_CASE("system.cli_list.outside_the_repository") {
  const TemporaryFolder folder;
  const std::string program = fs::absolute(SYSTOLE_PROGRAM);
  const Surroundings shell{.program = "/bin/sh"};
  const Finished outside = run({"-c", "cd '" + folder.path().string() + "' && \"$0\" list", program}, shell);
  CHECK(outside.code == 0);
  CHECK(outside.err.empty());
  CHECK(outside.out.find((fs::current_path() / "models/lenet").string() + "\n") != std::string::npos);
  fs::create_directories(folder / "models/mine");
  write_text(folder / "models/mine/network.json", "{}");
  const Finished beside = run({"-c", "cd '" + folder.path().string() + "' && \"$0\" list", program}, shell);
  CHECK(beside.out.starts_with("networks in models:\n  models/mine\n"));
  const Finished missing = run({"list", "--models", folder / "none"});
  CHECK(missing.code == 2);
  CHECK(missing.err == "systole: " + (folder / "none").string() + ": cannot be listed: No such file or directory\n");
}

/// An error of the system that is none of standard output names what it is one of.
TEST_CASE("system.cli_errors.name_their_file") {
  const TemporaryFolder folder;
  const std::string there = (folder / "gone").string();
  const std::string script = "mkdir " + there + " && cd " + there + " && rmdir " + there +
                             R"( && exec "$0" run "$1" --images 1 --layer fc3 --trace vcd --trace-file d)";
  const Finished gone =
      run({"-c", script, fs::absolute(SYSTOLE_PROGRAM), fs::absolute(kLenet)}, {.program = "/bin/sh"});
  CAPTURE(gone.err);
  CHECK(gone.code == 2);
  CHECK(gone.err.find("standard output") == std::string::npos);
  CHECK(std::count(gone.err.begin(), gone.err.end(), '\n') == 1);
  const Finished full = run({"list"}, {.redirection = ">/dev/full"});
  CHECK(full.code == 2);
  CHECK(full.err.find("standard output: ") != std::string::npos);
}

TEST_CASE("system.cli_golden.accuracy") {
  const Finished result = run({"golden", kLenet, "--images", "100"});
  CHECK(result.code == 0);
  CHECK(result.out.starts_with("100 images: "));
  CHECK(result.out.find(" % of the labels met") != std::string::npos);
  CHECK(std::count(result.out.begin(), result.out.end(), '\n') == 1);
}

/// Standard output as the JSON of tables, by name.
Json tables_of(const Finished& result) {
  CAPTURE(result.out);
  const Json json = Json::parse(result.out);
  CHECK(json["version"] == 1);
  Json by_name = Json::object();
  for (const Json& table : json["tables"]) by_name[table["name"].get<std::string>()] = table["rows"];
  return by_name;
}

TEST_CASE("system.cli_tables.alone_on_standard_output") {
  const Finished list = run({"list", "--json", "-"});
  CHECK(list.code == 0);
  const Json tables = tables_of(list);
  CHECK(keys(tables) == std::set<std::string>{"networks", "configurations", "models", "stalls", "rounding"});
  CHECK(std::ranges::any_of(tables["networks"], [](const Json& row) { return row["network"] == kLenet; }));
  CHECK(std::ranges::any_of(tables["configurations"], [](const Json& row) { return row["rows"] == 16; }));
  CHECK(list.err.find("networks in models") != std::string::npos);
  const Finished info = run({"info", kLenet, "--csv", "-"});
  CHECK(info.code == 0);
  CHECK(info.out.starts_with("layer,kind,reads,output,weights,act,rounding\nconv1,"));
  const Finished golden = run({"golden", kLenet, "--images", "20", "--json", "-"});
  CHECK(tables_of(golden)["accuracy"][0]["images"] == 20);
}

TEST_CASE("system.cli_tables.of_a_run_in_files_and_on_standard_output") {
  const TemporaryFolder folder;
  const std::string json = folder.path() / "layers.json";
  const Finished result = run({"run", kLenet, "--images", "1", "--layer", "fc3", "--json", json, "--csv", "-"});
  CHECK(result.code == 0);
  CHECK(result.out.starts_with("layer,shape,cycles,util,roofline,checked,mismatches,psum range\nfc3,"));
  CHECK(std::ranges::count(result.out, '\n') == 2);
  CHECK(result.err.find("\npassed\n") != std::string::npos);
  // By another program, which has that model.
  const Finished other = run({"run", kLenet, "--images", "1", "--layer", "fc3", "--csv", "-", "--trace", "vcd",
                              "--trace-file", folder.path() / "dump.vcd"});
  CHECK(other.code == 0);
  CHECK(other.out == result.out);
  CHECK(Json::parse(read_text(json))["tables"][0]["rows"][0]["layer"] == "fc3");
}

TEST_CASE("system.cli_tables.alone_where_it_is_to_be_quiet") {
  const TemporaryFolder folder;
  const std::string csv = folder.path() / "layers.csv";
  const Finished result = run({"run", kLenet, "--images", "2", "-j", "2", "--layer", "fc3", "--quiet", "--csv", csv});
  CHECK(result.code == 0);
  CHECK(result.out.empty());
  CHECK(result.err.empty());
  CHECK(read_text(csv).find("\nfc3,") != std::string::npos);
  const Finished info = run({"info", kLenet, "--quiet", "--csv", "-"});
  CHECK(info.out.starts_with("layer,kind,"));
  CHECK(info.err.empty());
  CHECK(run({"info", "models/none", "--quiet"}).err.starts_with("systole: models/none"));
}

TEST_CASE("system.cli_tables.that_cannot_be_written_are_no_pass") {
  const Finished full = run({"info", kLenet, "--csv", "-"}, {.redirection = ">/dev/full"});
  CHECK(full.code == 2);
  CHECK(full.err.ends_with("systole: standard output: No space left on device\n"));
  test::check_refused({"run", kLenet, "--json", "/no/such/folder/x.json"}, "/no/such/folder");
  test::check_refused({"list", "--json", "-", "--csv", "-"}, "name a file");
}

TEST_CASE("system.cli_bench.report") {
  const TemporaryFolder folder;
  const fs::path report = folder.path() / "bench.json";
  const Finished result = run({"bench", "--rounds", "1", "--report", report});
  CHECK(result.code == 0);
  CHECK(result.err.empty());
  CHECK(listing(folder.path()).size() == 1);
  const Json json = Json::parse(read_text(report));
  CHECK(keys(json) ==
        std::set<std::string>{"version", "tools", "rtl_sha256", "ratios", "cycles_per_second", "golden", "resnet8"});
  CHECK(json["resnet8"].at("images_per_second") > 0.0);
  CHECK(json["resnet8"].at("cycles_per_image") > 200000);
  for (const char* name : {"edit", "pins", "pe", "all", "own_dut", "vcd", "fst", "icarus"}) {
    CAPTURE(name);
    CHECK(json["ratios"].at(name) > 0.0);
    CHECK(json["cycles_per_second"].at(name) > 0.0);
  }
  CHECK(json["cycles_per_second"].at("bare") > 0.0);
  CHECK(json["golden"].at("macs_per_second") > 0.0);
}

TEST_CASE("system.cli_wave.without_display") {
  const TemporaryFolder folder;
  const std::string dump = folder.path() / "dump.vcd";
  const Surroundings no_display{.unset = {"DISPLAY", "WAYLAND_DISPLAY"}};
  REQUIRE(
      run({"run", kLenet, "--images", "1", "--trace", "vcd", "--trace-window", "10:20", "--trace-file", dump}).code ==
      0);
  const Finished result = run({"wave", dump}, no_display);
  CHECK(result.code == 0);
  CHECK(result.out == "gtkwave " + dump + ".gtkw\n");
  CHECK(result.err.empty());
  const Finished missing = run({"wave", dump + ".none"}, no_display);
  CHECK(missing.code == 2);
  CHECK(missing.err == "systole: " + dump + ".none: no such dump\n");
  CHECK(std::count(missing.err.begin(), missing.err.end(), '\n') == 1);
}

/// A run that was killed leaves a dump and no view.
TEST_CASE("system.cli_wave.dump_without_view_opens") {
  const TemporaryFolder folder;
  const std::string dump = folder / "my dump.vcd";
  write_text(dump, "$enddefinitions $end\n#0\n");
  const Finished result = run({"wave", dump}, {.unset = {"DISPLAY", "WAYLAND_DISPLAY"}});
  CHECK(result.code == 0);
  CHECK(result.out == "gtkwave '" + dump + "'\n");
}

TEST_CASE("system.cli_trace_window.beyond_the_end_is_said") {
  const TemporaryFolder folder;
  const Arguments fc3{"run", kLenet, "--layer", "fc3", "--trace", "vcd", "--trace-file", folder / "dump.vcd"};
  for (const auto& [window, empty] : {std::pair{"10:20", false}, {"900000:900001", true}}) {
    Arguments arguments = fc3;
    arguments.insert(arguments.end(), {"--trace-window", window});
    CAPTURE(arguments.back());
    const Finished result = run(arguments);
    CHECK(result.code == 0);
    CHECK((result.out.find("empty: the first image ended before --trace-window") != std::string::npos) == empty);
  }
}

}  // namespace
}  // namespace systole::test
