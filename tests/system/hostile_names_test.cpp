// SPDX-License-Identifier: Apache-2.0
// Names of files, networks, layers and classes that a shell, a terminal, Verilog, GTKWave or a page would take for
// something else: each command keeps them as names.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/temporary_folder.h"
#include "tests/system/cli_process.h"

namespace systole::test {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

const std::string kFolder = "it's; touch $(pwd).x & <b> \"net\"";
const std::string kLayer = "conv'; exit 77; '<script> \"*/ $finish; //";
const std::string kName = "../../x; <script>";
const std::string kClass = "zero'; exit 78; '<b>";

/// LeNet, `variant` of it, under other names.
fs::path hostile_network(const TemporaryFolder& folder, const std::string& variant = "models/lenet") {
  fs::path network = folder / kFolder;
  fs::copy(variant, network, fs::copy_options::recursive);
  Json json = Json::parse(read_text(network / "network.json"));
  json["name"] = kName;
  if (json.contains("classes")) json["classes"][0] = kClass;
  json["nodes"][0]["name"] = kLayer;
  json["nodes"][1]["inputs"][0] = kLayer;
  write_text(network / "network.json", json.dump());
  return network;
}

Finished passes(const Arguments& arguments) {
  Finished result = run(arguments);
  CAPTURE(arguments.front());
  CAPTURE(result.out);
  CAPTURE(result.err);
  REQUIRE(result.code == 0);
  CHECK(result.err.empty());
  CHECK(result.out.find('\x1b') == std::string::npos);
  return result;
}

/// The line behind "re-run: " without its program, which is this build's in the tests.
std::string rerun_words(const std::string& text) {
  const std::string mark = "re-run: ";
  const std::size_t start = text.find(mark);
  REQUIRE(start != std::string::npos);
  const std::string line = text.substr(start + mark.size(), text.find('\n', start) - start - mark.size());
  return line.substr(line.find(' '));
}

TEST_CASE("system.hostile_names.rerun_line_repeats_the_run") {
  const TemporaryFolder folder;
  const fs::path network = hostile_network(folder);
  const Finished first = run({"run", network, "--layer", kLayer, "--max-cycles", "100", "--seed", "3"});
  CHECK(first.code == 3);
  const std::string words = rerun_words(first.out);
  CAPTURE(words);
  const std::string dump = folder / "dump.vcd";
  const Finished again =
      run({"-c", "\"$0\"" + words + " --max-cycles 100 --trace-file '" + dump + "'", SYSTOLE_PROGRAM},
          {.program = "/bin/sh"});
  CHECK(again.code == 3);
  CHECK(rerun_words(again.out) == words);
}

TEST_CASE("system.hostile_names.networks") {
  const TemporaryFolder folder;
  const fs::path network = hostile_network(folder);
  CHECK(passes({"run", network, "--images", "1"}).out.find(kLayer) != std::string::npos);
  CHECK(passes({"info", network}).out.find(kClass) != std::string::npos);
  CHECK(passes({"list", "--models", folder.path()}).out.find(kFolder) != std::string::npos);
  passes({"golden", network, "--images", "10"});
  const fs::path outputs = folder / "it's.csv";
  passes({"run", network, "--images", "1", "--outputs", outputs});
  CHECK(read_text(outputs).find(kClass) != std::string::npos);
  passes({"study", "headroom", network, "-o", folder / "a study; <b>"});

  const fs::path real = folder / "it's real;";
  const TemporaryFolder other;
  fs::rename(hostile_network(other, "models/lenet-float"), real);
  const fs::path made = folder / "<made> \"it\"";
  passes({"quantize", real, "--scheme", "affine", "--images", "1", "-o", made, "--export", folder / "$(weights)"});
  passes({"run", made, "--layer", kLayer, "--images", "1"});
  passes({"prune", real, "--fraction", "0.1", "--images", "1", "-o", folder / "`pruned`"});
}

/// Whatever the network is called, its dump is beside the others; the view of a dump finds it.
TEST_CASE("system.hostile_names.dump_and_view") {
  const TemporaryFolder folder;
  const fs::path network = hostile_network(folder), here = folder / "here";
  fs::create_directories(here);
  const Finished result =
      run({"-c",
           "cd '" + here.string() + R"(' && exec "$0" run "$1" --layer fc3 --images 1 --trace vcd --trace-window 1:9)",
           fs::absolute(SYSTOLE_PROGRAM), network},
          {.program = "/bin/sh"});
  CAPTURE(result.err);
  REQUIRE(result.code == 0);
  CHECK(fs::exists(here / ".._.._x; <script>.vcd"));
  CHECK(listing(here).size() == 4);  // dump, view, names of states and layers
  const std::string dump = here / "it's \"a\" <dump>.vcd";
  passes({"run", network, "--layer", "fc3", "--images", "1", "--trace", "vcd", "--trace-window", "1:9", "--trace-file",
          dump});
  const std::string view = read_text(dump + ".gtkw");
  CHECK(view.find("[dumpfile] \"" + dump + "\"\n") != std::string::npos);
  CHECK(view.find(kLayer) == std::string::npos);
  const Finished wave = run({"wave", dump}, {.unset = {"DISPLAY", "WAYLAND_DISPLAY"}});
  CHECK(wave.code == 0);
  CHECK(run({"-c", "gtkwave() { test \"$1\" = \"$0.gtkw\"; }; " + wave.out, dump}, {.program = "/bin/sh"}).code == 0);
}

TEST_CASE("system.hostile_names.vectors_and_bench") {
  const TemporaryFolder folder;
  const fs::path network = hostile_network(folder);
  for (const char* format : {"array", "readmemh", "npy"}) {
    CAPTURE(format);
    const fs::path set = folder / (std::string("it's a set; <b> ") + format);
    passes({"vectors", network, "--layer", kLayer, "--format", format, "-o", set});
    passes({"replay", set, "--config", "8x8", "--check", "outputs"});
    if (format != std::string("readmemh")) continue;
    const Finished bench =
        run({"-c", R"(rtl=$PWD/rtl; cd "$0" && iverilog -g2005 -s bench -o bench.vvp bench.v "$rtl"/*.v)", set},
            {.program = "/bin/sh"});
    CAPTURE(bench.err);
    CHECK(bench.code == 0);
  }
}

TEST_CASE("system.hostile_names.control_characters_are_refused_in_one_line") {
  const TemporaryFolder folder;
  const std::string name = folder / "two\nlines \x1b[31m\xC2\x9B";
  for (const Arguments& arguments : {Arguments{"run", name},
                                     {"golden", name},
                                     {"info", name},
                                     {"wave", name},
                                     {"list", "--models", name},
                                     {"replay", name},
                                     {"import", name, "-o", "x"},
                                     {"run", "models/lenet", "--input", name},
                                     {"run", "models/lenet", "--trace", "vcd", "--trace-file", name},
                                     {"run", "models/lenet", "--report", name},
                                     {"quantize", "models/lenet-float", "--scheme", "affine", "-o", name},
                                     {"prune", "models/lenet-float", "--fraction", "0.1", "-o", name},
                                     {"study", "headroom", "models/lenet", "-o", name},
                                     {"vectors", "models/lenet", "--layer", name, "--format", "npy", "-o", "x"}}) {
    CAPTURE(arguments.front());
    const Finished result = run(arguments);
    CAPTURE(result.err);
    CHECK(result.code == 2);
    CHECK(result.out.empty());
    CHECK(std::ranges::count(result.err, '\n') == 1);
    CHECK(result.err.find("expected a value without control characters") != std::string::npos);
    CHECK(result.err.find_first_of("\x1b\x9B") == std::string::npos);
  }
  CHECK(listing(folder.path()).empty());
  // Inside a file, and in a folder that is read.
  const fs::path network = hostile_network(folder);
  std::string text = read_text(network / "network.json");
  text.replace(text.find("../../x"), 2, "\\u001b");
  write_text(network / "network.json", text);
  const Finished inside = run({"info", network});
  CHECK(inside.code == 2);
  CHECK(std::ranges::count(inside.err, '\n') == 1);
  fs::create_directory(folder / "a\x1b[31m\nb");
  write_text(folder / "a\x1b[31m\nb/network.json", "{}");
  const Finished list = passes({"list", "--models", folder.path()});
  CHECK(list.out.find("/a [31m b\n") != std::string::npos);
}

}  // namespace
}  // namespace systole::test
