// SPDX-License-Identifier: Apache-2.0
// What a failed run leaves: `systole run` and `systole rerun` over the RTL with one planted fault.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/npy.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/cli_process.h"

namespace systole::test {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr const char* kFault = "c_unit.shadow_swapped_late";  // in a register long before an output shows it

Surroundings faulty(const std::string& fault = kFault) {
  return {.program = SYSTOLE_FAULTY_PROGRAM, .set = {{"SYSTOLE_FAULT", fault}}};
}

Arguments run_lenet(const fs::path& failures, const Arguments& more = {}) {
  Arguments all{"run", "models/lenet", "--config", "4x4", "--images", "2", "--failures", failures};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

std::vector<fs::path> folders(const fs::path& place) {
  std::vector<fs::path> found;
  if (!fs::exists(place)) return found;
  for (const auto& entry : fs::directory_iterator(place)) found.push_back(entry.path());
  std::ranges::sort(found);
  return found;
}

Json record_of(const fs::path& failure) { return Json::parse(read_text(failure / "failure.json")); }

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

bool shows(const std::string& vcd, std::uint64_t cycle) {
  return vcd.find(fmt::format("\n#{}\n", 10 * cycle)) != std::string::npos;
}

TEST_CASE("selftest.failure_folder.register.origin_and_detection") {
  const TemporaryFolder scratch;
  const fs::path failures = scratch / "deep/failures";
  const Finished result = run(run_lenet(failures), faulty());
  CAPTURE(result.out);
  CAPTURE(result.err);
  CHECK(result.code == 1);
  REQUIRE(folders(failures).size() == 1);
  const fs::path failure = folders(failures)[0];
  CHECK(failure.filename().string().starts_with("lenet.conv1-"));
  CHECK(result.out.find("\nfailure: " + failure.string() + " (1 in ") != std::string::npos);

  const Json json = record_of(failure);
  CHECK(json["complete"] == true);
  CHECK(json["image"] == 0);
  CHECK(json["origin"]["signal"] == "u_array.g_row[0].g_col[0].u_c.weight_q");
  CHECK(json["detection"]["signal"] == "out_data_o[0]");
  CHECK(json["detection"]["coordinate"] == Json{{"oc", 0}, {"oh", 0}, {"ow", 0}});
  const std::uint64_t origin = json["origin"]["cycle"], detection = json["detection"]["cycle"];
  CHECK(origin < detection);
  CHECK(first_line(result.out).find(fmt::format("cycle {} ", origin)) != std::string::npos);
  // The two lie far apart: a window around each, and nothing between them.
  CHECK(json["window"] == Json{{origin - 64, origin + 256}, {detection - 64, detection + 256}});
  // The cell that is named took its weight from a shadow register that was right.
  const auto shadow = std::ranges::find_if(json["operands"], [](const Json& operand) {
    return operand["signal"] == "u_array.g_row[0].g_col[0].u_c.shadow_q";
  });
  REQUIRE(shadow != json["operands"].end());
  const std::int64_t mask = (std::int64_t{1} << (*shadow)["bits"].get<int>()) - 1;
  CHECK(std::stoll((*shadow)["value"].get<std::string>(), nullptr, 16) ==
        (json["origin"]["golden"].get<std::int64_t>() & mask));
  const std::string vcd = read_text(failure / "window.vcd");
  for (const std::uint64_t cycle : {origin - 64, origin, origin + 256, detection - 64, detection + 256}) {
    CHECK(shows(vcd, cycle));
  }
  for (const std::uint64_t cycle : {origin - 65, origin + 257, detection - 65, detection + 257}) {
    CHECK_FALSE(shows(vcd, cycle));
  }
  const std::string view = read_text(failure / "window.gtkw");
  CHECK(view.find("golden.u_array.g_row[0].g_col[0].u_c.weight_q[") != std::string::npos);
  CHECK(view.find(fmt::format(" {} {} -1 ", 10 * origin, 10 * detection)) != std::string::npos);
  const std::string blame = read_text(failure / "blame.txt");
  CHECK(blame.starts_with("origin: u_array.g_row[0].g_col[0].u_c.weight_q is 0 in cycle"));
  CHECK(blame.find("seen outside") != std::string::npos);
  CHECK(std::ranges::count(blame, '\n') <= 8);
}

/// The module that holds the fault is among those that are named.
TEST_CASE("selftest.failure_folder.suspect.names_the_module") {
  const TemporaryFolder scratch;
  for (const std::string fault :
       {"act_buffer.ready_stuck", "cfg_loader.header_one_beat_short", "ctrl.counter_off_by_one", "ctrl.edge_skipped",
        "ctrl.pass_starts_without_weights", "im2col.stride_ignored", "output_lane.zero_out_ignored",
        "psum_lane.first_pass_keeps_the_bank", "stream_fifo.second_entry_lost", "weight_loader.tile_one_row_short"}) {
    CAPTURE(fault);
    const fs::path failures = scratch / fault;
    REQUIRE(run(run_lenet(failures, {"--images", "1", "--stall", "bursts"}), faulty(fault)).code == 1);
    REQUIRE(folders(failures).size() == 1);
    const std::string blame = read_text(folders(failures)[0] / "blame.txt");
    CAPTURE(blame);
    const std::size_t suspect = blame.find("\nsuspect: ");
    REQUIRE(suspect != std::string::npos);
    const std::string line = first_line(blame.substr(suspect + 1));
    const std::string module = fault.substr(0, fault.find('.'));
    CHECK(line.find(module) != std::string::npos);
    const Json suspects = record_of(folders(failures)[0])["suspects"];
    CHECK(std::ranges::count(suspects["modules"], Json(module)) == 1);
    CHECK(suspects["lines"].size() <= 5);
    CHECK(suspects["lines"][0]["line"] > 0);
  }
}

TEST_CASE("selftest.failure_folder.looks.says_what_explains_all_values") {
  const std::vector<std::pair<std::string, std::string>> faults{
      {"output_lane.act_min_ignored", "not limited to -128"},
      {"output_stage.extra_output", "a cycle late, or a beat twice"},
      {"output_stage.last_output_dropped_pins", "a cycle early, or a beat lost"},
      {"round_shift.floor_for_clipq", "one too low, as of a wrong rounding or count"},
      {"requantize_round.shift_alone_multiplies", "stays at 0"},
      {"psum_bank.columns_reversed", "the columns in reverse"},
      {"act_buffer.fill_counter_not_cleared", "always 416 too high"},
      {"ctrl.edge_skipped", ""},
      {"c_unit.shadow_swapped_late", "keeps its value where it should change"},
      {"output_lane.bias_ignored", ""}};
  for (const auto& one : faults) {
    const std::string &fault = one.first, &looks = one.second;
    CAPTURE(fault);
    const TemporaryFolder scratch;
    const std::string network = fault.ends_with("clipq") ? "models/nin-clipq" : "models/lenet";
    const Finished result =
        run({"run", network, "--config", "4x4", "--images", "1", "--failures", scratch / "failures"}, faulty(fault));
    REQUIRE(folders(scratch / "failures").size() == 1);
    CHECK(record_of(folders(scratch / "failures")[0])["looks_like"] == looks);
    CHECK((result.out.find("looks like: " + looks) != std::string::npos) == !looks.empty());
  }
}

TEST_CASE("selftest.failure_folder.pins.same_origin_at_every_level") {
  const TemporaryFolder scratch;
  const Finished result = run(run_lenet(scratch / "failures", {"--check", "pins", "--images", "1"}), faulty());
  CHECK(result.code == 1);
  CHECK(first_line(result.out).find("out_data_o[0]") != std::string::npos);
  REQUIRE(folders(scratch / "failures").size() == 1);
  CHECK(record_of(folders(scratch / "failures")[0])["origin"]["signal"] == "u_array.g_row[0].g_col[0].u_c.weight_q");
}

TEST_CASE("selftest.failure_folder.hang.ends_with_the_run") {
  const TemporaryFolder scratch;
  const Finished result = run(run_lenet(scratch / "failures", {"--check", "none", "--layer", "fc3"}),
                              faulty("weight_loader.ready_stuck_at_0"));
  CAPTURE(result.out);
  CHECK(result.code == 3);
  REQUIRE(folders(scratch / "failures").size() == 1);
  const Json json = record_of(folders(scratch / "failures")[0]);
  CHECK(json["outcome"].get<std::string>().starts_with("timeout: "));
  CHECK(json["origin"]["signal"] == "u_weight_loader.u_fifo.count_q");
}

/// LeNet never rounds so, and the canary layer does.
TEST_CASE("selftest.failure_folder.canary.is_a_network_that_fails_by_itself") {
  const TemporaryFolder scratch;
  const fs::path failures = scratch / "failures";
  const Finished result = run(run_lenet(failures, {"--images", "1"}), faulty("round_shift.floor_up"));
  CAPTURE(result.out);
  CHECK(result.code == 1);
  CHECK(result.out.find("unproven: the canary layer differs unplanted") != std::string::npos);
  const std::string network = (failures / "canary.4x4-1").string();
  REQUIRE(result.out.find("canary layer: " + network + ", which fails by itself: ") != std::string::npos);
  const Finished alone =
      run({"run", network, "--config", "4x4", "--failures", failures}, faulty("round_shift.floor_up"));
  CAPTURE(alone.out);
  CHECK(alone.code == 1);
  CHECK(alone.out.find("\nfailure: ") != std::string::npos);
  CHECK(run({"run", network, "--config", "4x4"}, faulty("")).code == 0);
}

TEST_CASE("selftest.failure_folder.again.is_kept_beside_the_first") {
  const TemporaryFolder scratch;
  const fs::path failures = scratch / "failures";
  REQUIRE(run(run_lenet(failures), faulty()).code == 1);
  const auto before = listing(failures);
  const Finished again = run(run_lenet(failures), faulty());
  CHECK(again.out.find("(2 in ") != std::string::npos);
  REQUIRE(folders(failures).size() == 2);
  CHECK(folders(failures)[1].string() == folders(failures)[0].string() + "-2");
  const auto after = listing(failures);
  CHECK(std::ranges::all_of(before, [&](const auto& file) { return std::ranges::find(after, file) != after.end(); }));
}

TEST_CASE("selftest.failure_folder.none.where_nothing_failed_or_none_is_wanted") {
  const TemporaryFolder scratch;
  const fs::path failures = scratch / "failures";
  CHECK(run(run_lenet(failures, {"--layer", "fc3"}), faulty("")).code == 0);
  CHECK(run(run_lenet(failures, {"--no-failure-folder"}), faulty()).code == 1);
  CHECK(run(run_lenet(failures, {"--max-cycles", "100"}), faulty()).code == 3);
  CHECK(run(run_lenet(failures, {"--layer", "no"}), faulty()).code == 2);
  CHECK_FALSE(fs::exists(failures));
}

TEST_CASE("selftest.failure_folder.trouble.verdict_and_code_stay") {
  const TemporaryFolder scratch;
  write_text(scratch / "file", "");
  const std::string verdict = "\nmismatch: conv1 of image 0: 1 value differs\n";
  const Finished no_place = run(run_lenet(scratch / "file"), faulty());
  CHECK(no_place.code == 1);
  CHECK(no_place.out.find(verdict) != std::string::npos);
  CHECK(no_place.err.find("no whole failure folder: ") != std::string::npos);
  CHECK(std::ranges::count(no_place.err, '\n') == 1);

  Surroundings full = faulty();
  full.file_bytes = 100'000;
  const Finished disk_full = run(run_lenet(scratch / "full"), full);
  CHECK(disk_full.code == 1);
  CHECK(disk_full.out.find(verdict) != std::string::npos);
  CHECK(disk_full.err.find("no whole failure folder: ") != std::string::npos);
  REQUIRE(folders(scratch / "full").size() == 1);
  CHECK(record_of(folders(scratch / "full")[0])["complete"] == false);

  // As soon as the folder is there: whatever it was in, the verdict was out, and the record says what it is.
  for (const int signal : {SIGINT, SIGTERM}) {
    const fs::path place = scratch / fmt::format("signal{}", signal);
    Surroundings interrupted = faulty();
    interrupted.interrupt_after = std::chrono::milliseconds(0);
    interrupted.signal = signal;
    interrupted.when_exists = place;
    const Finished result = run(run_lenet(place, {"--check", "pins"}), interrupted);
    CAPTURE(result.out);
    CHECK(result.code == 1);
    CHECK(result.out.find("\nmismatch: conv1 of image 0: 2 values differ\n") != std::string::npos);
    for (const fs::path& folder : folders(place)) {
      if (!fs::exists(folder / "failure.json")) continue;
      const bool complete = record_of(folder)["complete"];
      CHECK(complete == (result.err.find("interrupted, incomplete") == std::string::npos));
    }
  }
}

TEST_CASE("selftest.failure_folder.rerun.token_and_folder_repeat_the_failure") {
  const TemporaryFolder scratch;
  const fs::path failures = scratch / "failures";
  const fs::path report = scratch / "report.json";
  const Finished first = run(run_lenet(failures, {"--stall", "both", "--seed", "5", "--report", report}), faulty());
  REQUIRE(first.code == 1);
  const std::string token = Json::parse(read_text(report))["token"];
  CHECK(record_of(folders(failures)[0])["token"] == token);
  for (const std::string& what : {token, folders(failures)[0].string()}) {
    const Finished again = run({"rerun", what, "--failures", failures, "--no-failure-folder"}, faulty());
    CAPTURE(again.out);
    CAPTURE(again.err);
    CHECK(again.code == 1);
    CHECK(again.out.find("\n" + first_line(first.out) + "\n") != std::string::npos);
  }
}

TEST_CASE("selftest.failure_folder.rerun.input_files_are_part_of_it") {
  const TemporaryFolder scratch;
  const fs::path failures = scratch / "failures", image = scratch / "a.npy", other = scratch / "b.npy";
  base::write_npy(image, {.shape = {32, 32, 3}, .values = std::vector<std::uint8_t>(3072, 20)});
  base::write_npy(other, {.shape = {32, 32, 3}, .values = std::vector<std::uint8_t>(3072, 21)});
  const Finished first =
      run({"run", "models/lenet", "--config", "4x4", "--input", image, "--failures", failures}, faulty());
  REQUIRE(first.code == 1);
  const std::string token = record_of(folders(failures)[0])["token"];
  const Arguments none{"--failures", scratch / "none", "--no-failure-folder"};
  const auto rerun = [&](const Arguments& more) {
    Arguments all{"rerun", token};
    all.insert(all.end(), none.begin(), none.end());
    all.insert(all.end(), more.begin(), more.end());
    return run(all, faulty());
  };
  check_refused(rerun({}), "name it: --input FILE");
  check_refused(rerun({"--input", other}), "image: the token has");
  const Finished again = rerun({"--input", image});
  CHECK(again.code == 1);
  CHECK(again.out.find("\n" + first_line(first.out) + "\n") != std::string::npos);
}

TEST_CASE("selftest.failure_folder.rerun.what_differs_is_said") {
  const std::string rtl(8, '0');
  const auto refused = [](const std::string& what, const std::string& words) {
    check_refused(run({"rerun", what}, faulty()), words);
  };
  refused("no-such", "expected a token");
  refused("S1-" + rtl + "-00000000-4x4-1-none-0-all", "no network in models/ has the hash 00000000");
  refused("models", "failure.json");
  const TemporaryFolder scratch;
  const Finished first = run(run_lenet(scratch / "failures"), faulty());
  REQUIRE(first.code == 1);
  std::string token = record_of(folders(scratch / "failures")[0])["token"];
  token.replace(3, 8, "12345678");
  refused(token, "RTL: the token has 12345678, here is 00000000; --anyway");
  CHECK(run({"rerun", token, "--anyway", "--no-failure-folder"}, faulty()).code == 1);
}

TEST_CASE("selftest.failure_folder.workers.leave_one_folder") {
  const TemporaryFolder scratch;
  const Finished result = run(run_lenet(scratch / "failures", {"-j", "2"}), faulty());
  CAPTURE(result.out);
  CHECK(result.code == 1);
  REQUIRE(folders(scratch / "failures").size() == 1);
  CHECK(record_of(folders(scratch / "failures")[0])["complete"] == true);
}

TEST_CASE("selftest.failure_folder.wave.opens_the_newest") {
  const TemporaryFolder scratch;
  REQUIRE(run(run_lenet(scratch / "failures"), faulty()).code == 1);
  const fs::path view = folders(scratch / "failures")[0] / "window.gtkw";
  const Surroundings no_display{.unset = {"DISPLAY", "WAYLAND_DISPLAY"}};
  const Finished named = run({"wave", view.parent_path()}, no_display);
  CHECK(named.out == fmt::format("gtkwave {}\n", view.string()));
  const Finished newest = run({"-c", R"(cd "$0" && exec "$1" wave)", scratch.path(), fs::absolute(SYSTOLE_PROGRAM)},
                              {.program = "/bin/sh", .unset = {"DISPLAY", "WAYLAND_DISPLAY"}});
  CHECK(newest.out ==
        fmt::format("gtkwave {}\n", (fs::path("failures") / fs::relative(view, scratch / "failures")).string()));
  check_refused(run({"wave", scratch.path()}, no_display), "expected the folder of a failure");
}

}  // namespace
}  // namespace systole::test
