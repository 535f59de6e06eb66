// SPDX-License-Identifier: Apache-2.0
// `systole replay`: vectors of any team through the command line, the golden and the RTL.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/foreign_array_set.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/cli_process.h"

namespace systole::test {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

void write_set(const fs::path& folder, const ForeignStyle& style) {
  Draw draw(11, "replay", "operands");
  write_foreign_set(folder, style, draw);
}

void check_says(const Finished& result, int code, const Words& words) {
  CAPTURE(result.out);
  CAPTURE(result.err);
  CHECK(result.code == code);
  for (const std::string& word : words) {
    const bool found = result.out.find(word) != std::string::npos || result.err.find(word) != std::string::npos;
    CHECK_MESSAGE(found, word);
  }
}

void check_clean(const ForeignStyle& style, const Words& words, Arguments options = {}) {
  const TemporaryFolder folder;
  write_set(folder.path(), style);
  Arguments arguments{"replay", folder.path().string()};
  arguments.insert(arguments.end(), options.begin(), options.end());
  CAPTURE(to_string(style));
  const Finished result = run(arguments);
  check_says(result, 0, words);
  CHECK(result.out.find("passed: ") != std::string::npos);
  CHECK(result.err.empty());
}

// The squeezed 8 -> 8 layer of VGG16 on 4x4 maps in several teams' hands.
TEST_CASE("system.replay.array.styles_of_other_teams") {
  check_clean({},
              {"array set, 8x8, 4-bit fields, 16-bit psums, 36 padded pixels (6x6), 3x3 kernel", "weights by output",
               "headers", "configuration 8x8-w4a4\n", "psum     file against RTL           2592 compared"});
  check_clean({.names = Names::bare, .headers = false, .transposed = true},
              {"transposed weights", "no headers", "other file names"}, {"--stall", "both", "--seed", "5"});
  check_clean({.names = Names::kij, .headers = false, .blank_lines = true, .crlf = true, .relu = false},
              {"outputs before ReLU", "blank lines, CRLF"}, {"--dut", "accel"});
  check_clean({.names = Names::underscore, .psum_in_one = true}, {"psums of all kij in one file"}, {"--dut", "array"});
  check_clean({.rows = 16}, {"array set, 16x8", "configuration 16x16"});
  check_clean({.ic_tiles = 2, .oc_tiles = 2, .act_bits = 8, .wgt_bits = 8, .psum_bits = 32},
              {"8-bit fields, 32-bit psums", "2 ic tiles, 2 oc tiles", "configuration 8x8 (not 8x8-w4a4"});
  check_clean({.padded_h = 18, .padded_w = 18}, {"324 padded pixels (18x18)", "configuration 4x4"},
              {"--config", "4x4", "--check", "pins"});
}

TEST_CASE("system.replay.array.random_styles") {
  Draw draw(3, "replay", "styles");
  for (int i = 0; i < 6; ++i) check_clean(random_style(draw), {"file against RTL"}, {"--check", "pins"});
}

/// Flips bit `bit` (character 0 or 1) of the word on line `line`, counted from 1.
void flip(const fs::path& file, int line, std::size_t bit) {
  std::string text = read_text(file);
  std::size_t start = 0;
  for (int i = 1; i < line; ++i) start = text.find('\n', start) + 1;
  text.at(start + bit) = text.at(start + bit) == '0' ? '1' : '0';
  write_text(file, text);
}

TEST_CASE("system.replay.array.disagreement_is_a_finding") {
  const TemporaryFolder folder;
  write_set(folder.path(), {.names = Names::kij, .headers = false});
  SUBCASE("psum") {
    // nij 17, column 3: its least significant bit is the last of the fifth field from the left.
    flip(folder / "psum_kij4.txt", 18, 79);
    check_says(run({"replay", folder.path().string()}), 1,
               {"1 of 2720  8x8", "psum kij 4 nij 17 oc 3: file ", " golden ", " RTL ", "(psum_kij4.txt line 18)",
                "transposed weights, outputs before ReLU",
                "psum     file against golden        2592 compared         1 differ", "mismatch: "});
  }
  SUBCASE("output") {
    flip(folder / "output.txt", 16, 127);
    check_says(run({"replay", folder.path().string()}), 1,
               {"output oh 3 ow 3 oc 0: file ", "(output.txt line 16)",
                "output   file against RTL            128 compared         1 differ"});
  }
  SUBCASE("weight") {
    flip(folder / "weight_7.txt", 6, 31);
    check_says(run({"replay", folder.path().string()}), 1, {"psum kij 7 nij ", " oc 5: file ", "output oh "});
  }
  SUBCASE("activation") {
    flip(folder / "activation.txt", 8, 3);
    check_says(run({"replay", folder.path().string()}), 1, {"psum kij 0 nij 7 oc 0: file "});
  }
}

TEST_CASE("system.replay.array.damage_is_bad_input") {
  const TemporaryFolder folder;
  write_set(folder.path(), {.names = Names::kij, .headers = false});
  const fs::path psum = folder / "psum_kij4.txt";
  const std::string text = read_text(psum);
  const auto check_refused = [&](const std::string& damaged, const std::string& word) {
    write_text(psum, damaged);
    const Finished result = run({"replay", folder.path().string()});
    check_says(result, 2, {psum.string(), word});
    CHECK(result.out.empty());
    CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
  };
  check_refused("", "found none");
  check_refused("x" + text.substr(1), "line 1: character 1: expected 0 or 1");
  check_refused("0" + text, "line 1: expected 128 characters as in most lines, found 129");
  check_refused(text.substr(0, text.size() - 129), "line 35: 35 words");
  check_refused(text + text.substr(0, 129), "line 37: 37 words");
}

TEST_CASE("system.replay.array.partial_sets") {
  const TemporaryFolder folder;
  write_set(folder.path(), {.names = Names::underscore, .psum_in_one = true});
  const Arguments replay{"replay", folder.path().string()};
  fs::remove(folder / "out.txt");
  check_says(run(replay), 0, {"not checked: no outputs", "psum     file against RTL", "output   RTL against golden"});
  fs::remove(folder / "psum.txt");
  check_says(run(replay), 4,
             {"not checked: no psums", "no psums and no outputs to tell the layout by", "RTL against golden",
              "no value of a file was compared, only the RTL with the golden\nnothing_compared: "});
  for (int kij = 0; kij < 9; ++kij) fs::remove(folder / ("weight_" + std::to_string(kij) + ".txt"));
  check_says(run(replay), 4, {"not checked: no weights", "nothing_compared: 0 values compared"});
  fs::remove(folder / "activation.txt");
  check_says(run(replay), 2, {"expected files of an array set, found none"});
}

TEST_CASE("system.replay.array.psums_and_outputs_alone") {
  const TemporaryFolder folder;
  write_set(folder.path(), {.names = Names::bare, .psum_in_one = true});
  for (int kij = 0; kij < 9; ++kij) fs::remove(folder / ("weight" + std::to_string(kij) + ".txt"));
  fs::remove(folder / "activation.txt");
  const Arguments replay{"replay", folder.path().string()};
  check_says(run(replay), 0, {"output   file against psums          128 compared         0 differ"});
  flip(folder / "out.txt", 4, 127);
  check_says(run(replay), 1, {"output oh 0 ow 0 oc 0: file ", " sum of psums "});
}

/// A weight.txt with the words of weight_0.txt .. weight_8.txt.
void join_weights(const fs::path& folder) {
  std::string all;
  for (int kij = 0; kij < 9; ++kij) all += read_text(folder / ("weight_" + std::to_string(kij) + ".txt"));
  write_text(folder / "weight.txt", all);
}

TEST_CASE("system.replay.array.two_files_for_one_place") {
  const TemporaryFolder folder;
  write_set(folder.path(), {.names = Names::kij, .headers = false});
  join_weights(folder.path());
  const Arguments replay{"replay", folder.path().string(), "--check", "pins"};
  check_says(run(replay), 0, {"weight.txt holds the words of weight_0.txt .. weight_8.txt\n"});
  SUBCASE("outputs follow the first") {
    flip(folder / "weight.txt", 27, 5);
    check_says(run(replay), 1,
               {"weight_3.txt line 3 and weight.txt line 27 differ; psums and outputs follow the first\n",
                "psum     file against golden        2592 compared         0 differ"});
  }
  SUBCASE("outputs follow the second") {
    flip(folder / "weight_3.txt", 3, 5);
    check_says(run(replay), 1,
               {"weight_3.txt line 3 and weight.txt line 27 differ; psums and outputs follow the second\n",
                "psum     file against golden        2592 compared         0 differ"});
  }
  SUBCASE("nothing says which") {
    flip(folder / "weight.txt", 27, 5);
    fs::remove(folder / "output.txt");
    for (int kij = 0; kij < 9; ++kij) fs::remove(folder / ("psum_kij" + std::to_string(kij) + ".txt"));
    check_says(run(replay), 1, {"no psums and no outputs say which is right: the first is taken\n"});
  }
}

TEST_CASE("system.replay.array.negative_zero_gets_a_hint") {
  const TemporaryFolder folder;
  write_set(folder.path(), {.names = Names::kij, .headers = false});
  flip(folder / "psum_kij4.txt", 1, 0);  // a pixel of the border, whose sums are 0
  check_says(run({"replay", folder.path().string(), "--check", "pins"}), 1,
             {"psum kij 4 nij 0 oc 7: file -32768 golden 0",
              "hint: 1 of the 1 are the sign bit alone where golden has 0, as -0 of sign and magnitude"});
}

TEST_CASE("system.replay.array.layout_by_name") {
  const TemporaryFolder folder;
  write_set(folder.path(), {.names = Names::kij, .transposed = true});
  const auto replay = [&](const std::string& layout) {
    return run({"replay", folder.path().string(), "--check", "pins", "--layout", layout});
  };
  check_says(
      run({"replay", folder.path().string(), "--check", "pins"}), 0,
      {"layout 8x8,activation4,weight4,psum16,input-channel-a-line,map6x6,output16,relu,column-0-right\n",
       "  weight_0.txt .. weight_8.txt (9 files): weights, kij 0 .. 8; 8 words of 32 characters for each, an input "
       "channel a word"});
  check_says(replay("input-channel-a-line,relu"), 0, {"transposed weights", "passed: "});
  check_says(replay("output-channel-a-line"), 1, {"weights by output channel", "mismatch: "});
  check_says(replay("sideways"), 2, {"--layout: sideways: these files have no 'sideways'; expected words of: "});
}

TEST_CASE("system.replay.array.outputs_in_other_forms") {
  check_clean({.outputs_in_one = true, .tiles_below = true, .oc_tiles = 2}, {"one below another"});
  check_clean({.pool = 2}, {"outputs after ReLU and 2x2 maximum pooling", "output   file against RTL             32 "});
  check_clean({.pool = 4, .pool_average = true, .psums = false}, {"4x4 average pooling"}, {"--dut", "accel"});
}

TEST_CASE("system.replay.array.output_stationary") {
  const TemporaryFolder folder;
  Draw draw(12, "replay", "stationary");
  write_stationary_set(folder.path(), {.ic_tiles = 2}, 72, true, draw);
  const Arguments replay{"replay", folder.path().string(), "--check", "pins"};
  check_says(run(replay), 0,
             {"array set, output-stationary, 8x8 (output pixels, output channels), 4-bit fields, 16-bit outputs, 16 "
              "output pixels",
              "layout 8x8,output-stationary,", "output   file against RTL            128 compared         0 differ"});
  flip(folder / "output_os.txt", 11, 127);
  check_says(run(replay), 1, {"output oh 0 ow 10 oc 0: file ", "(output_os.txt line 11)"});
  fs::remove(folder / "output_os.txt");
  check_says(run(replay), 2, {"expected outputs of 2 tiles of pixels each, found 0 lines"});
}

// 72 steps and 8 outputs are also a map of 4x18 pixels under a 3x3 kernel, pooled by 2x2.
TEST_CASE("system.replay.array.output_stationary_without_names") {
  const TemporaryFolder folder;
  Draw draw(13, "replay", "stationary");
  write_stationary_set(folder.path(), {}, 72, false, draw);
  check_says(
      run({"replay", folder.path().string(), "--check", "pins"}), 0,
      {"array set, output-stationary, 8x8", "output   file against golden          64 compared         0 differ"});
}

TEST_CASE("system.replay.array.trace") {
  const TemporaryFolder folder;
  write_set(folder.path(), {});
  const fs::path dump = folder / "dump.fst";
  check_says(run({"replay", folder.path().string(), "--dut", "accel", "--config", "8x8", "--trace", "fst",
                  "--trace-file", dump.string()}),
             0, {"waveform: " + dump.string()});
  CHECK(fs::file_size(dump) > 1000);
}

/// Writes a set with `systole vectors` and replays it.
void check_written(const std::string& network, const std::string& layer, const std::string& format,
                   const std::string& configuration = "8x8") {
  CAPTURE(network);
  CAPTURE(layer);
  CAPTURE(format);
  const TemporaryFolder folder;
  const std::string set = folder / "set";
  const Finished written = run({"vectors", "models/" + network, "--layer", layer, "--format", format, "--config",
                                configuration, "--output", set});
  REQUIRE_MESSAGE(written.code == 0, written.err);
  check_says(run({"replay", set, "--check", "pins"}), 0,
             {format + " set, ", "file against golden", "file against RTL", "passed: "});
}

// First, a middle and the last layer of every embedded network; the form that says most of each layer.
TEST_CASE("system.replay.written.lenet") {
  check_written("lenet", "conv1", "array");
  check_written("lenet", "pool2", "readmemh");
  check_written("lenet", "fc1", "npy");
  check_written("lenet", "fc3", "readmemh", "16x16");
}
TEST_CASE("system.replay.written.nin") {
  check_written("nin-clipq", "conv1", "clipq");
  check_written("nin-clipq", "cccp4", "clipq-packed");
  check_written("nin-clipq", "cccp4", "readmemh");
  check_written("nin-clipq", "pool3", "npy");
}
TEST_CASE("system.replay.written.vgg16") {
  check_written("vgg16-w4a4", "conv1_1", "readmemh");
  check_written("vgg16-w4a4", "conv4_2", "array", "8x8");
  check_written("vgg16-w4a4", "conv4_2", "readmemh", "8x8-w4a4");
  check_written("vgg16-w4a4", "fc", "array", "4x4");
}
TEST_CASE("system.replay.written.resnet") {
  check_written("resnet-bfp", "stem", "npy");
  check_written("resnet-bfp", "add1", "readmemh");
  check_written("resnet-bfp", "add2", "npy");
  check_written("resnet-bfp", "fc", "readmemh");
}
TEST_CASE("system.replay.written.inception") {
  check_written("inception-bfp", "stem1", "readmemh");
  check_written("inception-bfp", "mixed1_join", "npy");
  check_written("inception-bfp", "mixed2_join", "readmemh");
  check_written("inception-bfp", "fc", "npy");
}

/// A set of ours with one character of one file changed: its SHA-256 and, where it still reads, its values are told.
TEST_CASE("system.replay.written.changed_file_is_a_finding") {
  const TemporaryFolder folder;
  const std::string set = folder / "set";
  const auto replay = [&set] { return run({"replay", set, "--check", "pins"}); };
  const auto write = [&set](const std::string& network, const std::string& layer, const std::string& format) {
    REQUIRE(run({"vectors", "models/" + network, "--layer", layer, "--format", format, "--output", set}).code == 0);
  };
  const auto change = [&set](const std::string& file, std::size_t from_end, char to) {
    std::string text = read_text(fs::path(set) / file);
    char& c = text.at(text.size() - from_end);
    c = c == to ? static_cast<char>(to + 1) : to;
    write_text(fs::path(set) / file, text);
  };
  SUBCASE("array") {
    write("vgg16-w4a4", "conv4_2", "array");
    change("psum_itile0_otile0_kij4.txt", 2, '0');
    check_says(replay(), 1, {"psum_itile0_otile0_kij4.txt: expected SHA-256", "psum kij 4 nij 35 oc 0: file "});
  }
  SUBCASE("clipq") {
    write("nin-clipq", "cccp6", "clipq");
    change("Out8.hex", 2, '1');
    check_says(replay(), 1,
               {"Out8.hex: expected SHA-256", "output oc 9 oh 7 ow 7: file ", "(Out8.hex line 640)",
                "round_shift_trunc by 5 bits"});
  }
  SUBCASE("readmemh") {
    write("lenet", "fc3", "readmemh");
    change("out.hex", 2, '1');
    check_says(replay(), 1,
               {"out.hex: expected SHA-256", "command 0 otile 1 oc 0 oh 0 ow 0: file ", "(out.hex line 2)"});
  }
  SUBCASE("npy") {
    write("lenet", "fc3", "npy");
    change("output.npy", 1, 'a');
    check_says(replay(), 1, {"output.npy: expected SHA-256", "output oc 9 oh 0 ow 0: file ", "(output.npy)"});
  }
}

TEST_CASE("system.replay.clipq.of_another_team") {
  const TemporaryFolder folder;
  const std::string set = folder / "set";
  REQUIRE(run({"vectors", "models/nin-clipq", "--layer", "cccp6", "--format", "clipq-packed", "--output", set}).code ==
          0);
  fs::remove(fs::path(set) / "manifest.json");
  fs::remove(fs::path(set) / "README.txt");
  check_says(run({"replay", set}), 0, {"clipq-packed set, HWC", "output stage: round_shift_clipq by 5 bits\n"});
  check_says(run({"replay", set, "--dut", "array"}), 2, {"--dut array", "only array sets"});
  const std::string outputs = read_text(fs::path(set) / "Out8.hex");
  fs::remove(fs::path(set) / "Out8.hex");
  check_says(run({"replay", set}), 4,
             {"not checked: no outputs; output stage taken as round_shift_clipq by 5 bits, ReLU\n",
              "output   RTL against golden", "\nnothing_compared: "});
  write_text(fs::path(set) / "Out8.hex", outputs);
  fs::resize_file(fs::path(set) / "Bias32.hex", 9 * std::uintmax_t{9});  // words of eight digits
  check_says(run({"replay", set}), 2, {"Bias32.hex: line 10: "});
}

TEST_CASE("system.replay.clipq.pooling") {
  const TemporaryFolder folder;
  // 4x4, two channels: the maxima of 2x2.
  write_text(folder / "In8.hex",
             "01 02 03 04 05 06 07 08 FF FE FD FC FB FA F9 F8\n80 7F 00 01 02 03 04 05 10 20 30 40 50 "
             "60 70 0F\n\n");
  write_text(folder / "Out8.hex", "06 08 FF FD 7F 05 60 70\n\n");
  write_text(folder / "param.hex", "00000004\n00000002\n00000002\n00000002\n\n");
  const Arguments replay{"replay", folder.path().string(), "--check", "pins"};
  check_says(run(replay), 0,
             {"clipq set of a pooling layer, 4x4 map, 2 channels\npooling: maximum of 2x2, stride 2, padding 0\n",
              "output   file against golden           8 compared         0 differ",
              "output   file against RTL              8 compared         0 differ"});
  write_text(folder / "Out8.hex", "06 08 FF FD 7F 05 60 71\n");
  check_says(run(replay), 1, {"output oc 1 oh 1 ow 1: file 113 golden 112 (Out8.hex line 1)", "       1 outputs miss"});
  fs::remove(folder / "Out8.hex");
  check_says(run(replay), 4, {"not checked: no outputs; pooling taken as maximum of 2x2", "nothing_compared: "});
}

/// Takes a file and its entry in the manifest out of a set.
void leave_out(const fs::path& set, const std::string& file) {
  auto manifest = nlohmann::ordered_json::parse(read_text(set / "manifest.json"));
  std::erase_if(manifest["files"].get_ref<nlohmann::ordered_json::array_t&>(),
                [&file](const auto& entry) { return entry["name"] == file; });
  write_text(set / "manifest.json", manifest.dump(2));
  REQUIRE(fs::remove(set / file));
}

TEST_CASE("system.replay.partial_sets_with_a_manifest") {
  const TemporaryFolder folder;
  const std::string set = folder / "set";
  const auto write = [&set](const std::string& network, const std::string& layer, const std::string& format) {
    REQUIRE(run({"vectors", "models/" + network, "--layer", layer, "--format", format, "--output", set}).code == 0);
  };
  const Arguments replay{"replay", set, "--check", "pins"};
  SUBCASE("clipq without outputs: the stage is the manifest's") {
    write("nin-clipq", "cccp6", "clipq");
    leave_out(set, "Out8.hex");
    check_says(run(replay), 4,
               {"5 files, all as manifest.json says\n",
                "not checked: no outputs; output stage taken as round_shift_clipq by 5 bits\n",
                "output   RTL against golden"});
  }
  SUBCASE("npy without psums, then without outputs too") {
    write("lenet", "fc3", "npy");
    leave_out(set, "psum.npy");
    const Finished outputs = run(replay);
    check_says(outputs, 0, {"not checked: no psum.npy\n", "output   file against RTL   "});
    CHECK(outputs.out.find("psum     file") == std::string::npos);
    leave_out(set, "output.npy");
    check_says(run(replay), 4, {"not checked: no output.npy\n", "layer    RTL against golden", "\nnothing_compared: "});
  }
}

TEST_CASE("system.replay.clipq.stated_stage_is_the_one_compared") {
  const TemporaryFolder folder;
  const std::string set = folder / "set";
  REQUIRE(run({"vectors", "models/nin-clipq", "--layer", "cccp6", "--format", "clipq", "--output", set}).code == 0);
  const std::string manifest = read_text(fs::path(set) / "manifest.json");
  const auto state = [&](const std::string& key, int value) {
    auto json = nlohmann::ordered_json::parse(manifest);
    json["shape"][key] = value;
    write_text(fs::path(set) / "manifest.json", json.dump(2));
    return run({"replay", set, "--check", "pins"});
  };
  check_says(state("shift", 4), 1,
             {"6 files, all as manifest.json says\n", "output stage: round_shift_clipq by 4 bits\n",
              "       0 outputs miss  round_shift_clipq by 5 bits\n"});
  check_says(state("size", 9), 2, {"manifest.json: shape.size: expected 8 as in param.hex, found 9"});
}

}  // namespace
}  // namespace systole::test
