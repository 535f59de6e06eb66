// SPDX-License-Identifier: Apache-2.0
// `systole new-dut` on tops in other people's manners (tops/): what it guesses. That what it writes compiles is seen in
// tops.sh.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/temporary_folder.h"
#include "tests/system/cli_process.h"

namespace systole::test {
namespace {

namespace fs = std::filesystem;

/// tops/<top>.guess: in its first line the arguments besides name, top and file, then what is guessed.
struct Top {
  std::string name;
  fs::path source;
  Arguments options;
  std::string guesses;
};

std::vector<Top> tops() {
  std::vector<Top> found;
  const fs::path folder = "tests/system/tops";
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".guess") continue;
    const std::string name = entry.path().stem().string(), text = read_text(entry.path());
    const std::size_t line = text.find('\n');
    Top top{name, folder / (name + ".v"), {}, text.substr(line + 1)};
    if (!fs::exists(top.source)) top.source.replace_extension(".sv");
    std::istringstream words(text.substr(0, line));
    for (std::string word; words >> word;) top.options.push_back(word);
    found.push_back(std::move(top));
  }
  return found;
}

TEST_CASE("system.new_dut.guesses") {
  const std::vector<Top> all = tops();
  CHECK(all.size() == 11);
  for (const Top& top : all) {
    CAPTURE(top.name);
    const TemporaryFolder folder;
    Arguments arguments{"new-dut", "my_npu", "--top", top.name, top.source.string(), "-o", folder / "my_npu"};
    arguments.insert(arguments.end(), top.options.begin(), top.options.end());
    const Finished run = test::run(arguments);
    CHECK(run.code == 0);
    CHECK(run.err.empty());
    CHECK(run.out.substr(0, run.out.find("wrote ")) == top.guesses);
  }
}

TEST_CASE("system.new_dut.refusals_write_nothing") {
  const TemporaryFolder folder;
  const std::string out = folder / "my_npu", pins = "tests/system/tops/mac_pins.v";
  const auto refused = [&](Arguments arguments, const std::string& words) {
    arguments.insert(arguments.begin(), {"new-dut", "my_npu", "-o", out});
    test::check_refused(arguments, words);
    CHECK_FALSE(fs::exists(out));
  };
  refused({"--top", "mac_pins", pins},
          "mac_pins: no clock is found by its name: name it with --clock, one of tick, start");
  refused({"--top", "mac_pins", pins, "--clock", "done"}, "--clock: done: expected an input of one bit: tick, start");
  refused({"--top", "other", pins},
          "other: Verilator does not take the RTL: Error: Specified --top-module 'other' was not found");
  refused({"--top", "mac_pins", "tests/system/tops/none.v"},
          "tests/system/tops/none.v: expected a Verilog file, found none");
  refused({"--top", "inst_core", "tests/system/tops/inst_core.v"},
          "inst_core: Verilator does not take the RTL: Error: ");
  refused({"--top", "mac_pins", pins, "--clock", "tick", "-G", "N=3"},
          "mac_pins: Verilator does not take the RTL: Error");
  refused({"--top", "my-top.x", pins}, "--top: my-top.x: expected letters, digits and underscores");
  for (const std::string letter : {" ", "\"", "'", "$", ";", "\\"})
    refused({"--top", "mac_pins", "rtl" + letter + "x.v"}, "none of ' \"'`$;");
  refused({"--top", "mac_pins", pins, "--clock", "tick", "-D", "A=1;2"}, "-D: A=1;2: expected no control characters");
  for (const std::string name : {"all", "test", "CMakeFiles", "systole_dut", "my-top.x"})
    test::check_refused({"new-dut", name, "-o", out, "--top", "mac_pins", pins, "--clock", "tick"}, "NAME: " + name);
  const std::string quote = folder / "q\"uote";
  test::check_refused({"new-dut", "my_npu", "-o", quote, "--top", "mac_pins", pins, "--clock", "tick"},
                      "-o: " + quote + ": expected no control characters and none of");
  CHECK_FALSE(fs::exists(out));
  fs::create_directories(out);
  write_text(out + "/adapter.cpp", "mine");
  test::check_refused({"new-dut", "my_npu", "-o", out, "--top", "mac_pins", pins, "--clock", "tick"},
                      "adapter.cpp: is there already; choose another -o");
  CHECK(listing(out).size() == 1);
}

}  // namespace
}  // namespace systole::test
