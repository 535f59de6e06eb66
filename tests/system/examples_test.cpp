// SPDX-License-Identifier: Apache-2.0
// Every design of examples/: its layers under every stall policy, and its planted bug.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/fst_dump.h"
#include "tests/support/rounds.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/cli_process.h"

namespace systole::test {
namespace {

Finished run_design(const std::string& program, const Arguments& arguments) {
  const std::filesystem::path folder = std::filesystem::path(SYSTOLE_PROGRAM).parent_path();
  return run(arguments, {.program = folder / program});
}

/// What a design of examples/ does with one image of a network, and what its planted bug does.
struct Example {
  std::string program, network;
  std::string unfit;                ///< one of the layers that it cannot run, and why
  int compared;                     ///< values
  std::string bug;                  ///< the failure's lines
  std::string detail;               ///< of the verdict
  std::vector<std::string> stalls;  ///< policies that change its cycles: what its interfaces let wait
};

const std::vector<Example>& examples() {
  static const std::vector<Example> list{
      {.program = "gemm_axis",
       .network = "lenet",
       .unfit = "pool1: this design multiplies matrices",
       .compared = 6518,
       .bug = "run.lenet.conv1.stall_none  output tensor  cycle 135  oc 5 oh 0 ow 5  rtl -24  golden -23  seed 1\n"
              "  also differ: 5 tensor elements\n",
       .detail = "conv1 of image 0: 6 values differ",
       .stalls = {"in", "out", "both", "bursts"}},
      {.program = "clipq_engine",
       .network = "nin-clipq",
       .unfit = "pool1: this design does convolutions",
       .compared = 100992,
       .bug = "run.nin-clipq.cccp6.stall_none  output tensor  cycle 651  oc 2 oh 7 ow 4  rtl -33  golden -32  seed 1\n"
              "  also differ: 1 tensor element\n",
       .detail = "cccp6 of image 0: 2 values differ",
       .stalls = {}},
      {.program = "conv_stream",
       .network = "resnet-bfp",
       .unfit = "block2_2: this design takes up to 8 input channels",
       .compared = 24576,
       .bug = "run.resnet.stem.stall_none  output tensor  cycle 190  oc 2 oh 1 ow 2  rtl 16  golden 0  seed 1\n"
              "  also differ: 37 tensor elements\n",
       .detail = "stem of image 0: 38 values differ",
       .stalls = {"in", "both", "bursts"}},
      {.program = "corelet_4bit",
       .network = "vgg16-w4a4",
       .unfit = "conv1_1: this design takes unsigned activations of 4 bits",
       .compared = 40960,
       .bug = "run.vgg16-pact4.conv2_2.stall_none  output tensor  cycle 11774  oc 6 oh 2 ow 3  rtl 0  golden 1122  "
              "seed 1\n  also differ: 6 tensor elements\n",
       .detail = "conv2_2 of image 0: 7 values differ",
       .stalls = {"in", "both", "bursts"}},
  };
  return list;
}

Arguments one_image(const Example& example, const std::string& stall = "none", int seed = 1) {
  return {"run",    "models/" + example.network, "--skip-unfit", "--images", "1", "--stall", stall,
          "--seed", std::to_string(seed)};
}

/// "331215 cycles" of a run's output.
std::string cycles_of(const Finished& run) {
  const std::size_t begin = run.out.find("1 image, ");
  REQUIRE(begin != std::string::npos);
  return run.out.substr(begin, run.out.find(" in ", begin) - begin);
}

TEST_CASE("system.examples.runs_the_layers_that_it_can") {
  for (const Example& example : examples()) {
    const std::string cycles = cycles_of(run_design(example.program, one_image(example)));
    for (const std::string stall : {"none", "in", "out", "both", "bursts"}) {
      for (int seed = 1; seed <= rounds(2); ++seed) {
        CAPTURE(example.program);
        CAPTURE(stall);
        CAPTURE(seed);
        const Finished run = run_design(example.program, one_image(example, stall, seed));
        CHECK(run.code == 0);
        CHECK(run.err.empty());
        CHECK(run.out.find("not run: " + example.unfit + "\n") != std::string::npos);
        CHECK(run.out.find(std::to_string(example.compared) + " values compared, 0 differ\n") != std::string::npos);
        CHECK(run.out.find("\npassed\n") != std::string::npos);
        const bool waits = std::ranges::count(example.stalls, stall) != 0;
        CHECK((cycles_of(run) != cycles) == waits);
      }
    }
  }
}

TEST_CASE("system.examples.a_rare_bug_is_named_by_its_place") {
  for (const Example& example : examples()) {
    const std::string program = example.program + "_bug";
    CAPTURE(program);
    const Finished run = run_design(program, one_image(example));
    CHECK(run.code == 1);
    CHECK(run.out.find(example.bug) != std::string::npos);
    CHECK(run.out.find(program + " run models/" + example.network + " --skip-unfit --check outputs --stall none " +
                       "--images 1 --first-image 0 --seed 1") != std::string::npos);
    CHECK(run.out.find("\nmismatch: " + example.detail + "\n") != std::string::npos);
  }
}

TEST_CASE("system.examples.a_dump_shows_expected_words_beside_actual_ones") {
  for (const Example& example : examples()) {
    const TemporaryFolder folder;
    const std::string dump = folder / "dump.fst";
    // Words that the design showed, and those that differ.
    const auto words = [&](const std::string& program) {
      Arguments arguments = one_image(example);
      const std::string layer = example.detail.substr(0, example.detail.find(' '));
      for (const char* word : {"--trace", "fst", "--trace-file", dump.c_str(), "--trace-window", layer.c_str()})
        arguments.push_back(word);
      (void)run_design(program, arguments);
      std::set<std::uint64_t> seen, wrong;
      read_fst(dump,
               {"rtl.stream[0].valid", "golden.stream[0].expects", "golden.stream[0].number", "golden.word_mismatch"},
               [&](std::uint64_t /*time*/, const std::vector<std::uint64_t>& v) {
                 if (v[0] == 0) return;
                 CHECK(v[1] == 1);
                 seen.insert(v[2]);
                 if (v[3] != 0) wrong.insert(v[2]);
               });
      return std::pair(seen.size(), wrong.size());
    };
    CAPTURE(example.program);
    const auto [seen, none] = words(example.program);
    CHECK(seen > 20);
    CHECK(none == 0);
    const auto [again, wrong] = words(example.program + "_bug");
    CHECK(again == seen);
    CHECK(wrong > 0);
    CHECK(wrong <= static_cast<std::size_t>(std::stoi(example.detail.substr(example.detail.find(": ") + 2))));
  }
}

TEST_CASE("system.examples.a_vector_set_goes_through_the_design") {
  struct Set {
    std::string program, network, layer, format, configuration;
  };
  for (const Set& one : {Set{"gemm_axis", "lenet", "conv1", "npy", "8x8"},
                         Set{"clipq_engine", "nin-clipq", "cccp6", "clipq-packed", "8x8"},
                         Set{"conv_stream", "resnet-bfp", "stem", "npy", "8x8"},
                         Set{"corelet_4bit", "vgg16-w4a4", "conv2_2", "array", "8x8-w4a4"}}) {
    CAPTURE(one.program);
    const TemporaryFolder folder;
    const std::string set = folder / "set";
    const std::filesystem::path programs = std::filesystem::path(SYSTOLE_PROGRAM).parent_path();
    REQUIRE(run({"vectors", "models/" + one.network, "--layer", one.layer, "--format", one.format, "--config",
                 one.configuration, "-o", set})
                .code == 0);
    const Finished replayed = run({"replay", set, "--dut", programs / one.program});
    CHECK(replayed.code == 0);
    CHECK(replayed.out.find("\ndesign " + one.program + "\n") != std::string::npos);
    CHECK(replayed.out.find("file against RTL") != std::string::npos);
    CHECK(run({"replay", set, "--dut", programs / (one.program + "_bug")}).code == 1);
  }
}

TEST_CASE("system.examples.a_rule_of_the_designs_own") {
  const auto run_layers = [](const std::string& program) {
    return run_design(program, {"run", "models/lenet", "--skip-unfit", "--images", "1", "--stall", "both"});
  };
  const Finished run = run_layers("dot_even");
  CAPTURE(run.out);
  CHECK(run.code == 0);
  CHECK(run.out.find("in part: fc3: by a rule of its own, shift of 10, rounded half to even\n") != std::string::npos);
  CHECK(run.out.find(" 6518 values compared, 0 differ\n") != std::string::npos);
  CHECK(run.out.find("predicted") == std::string::npos);  // that is not the network's own rule
  const Finished bug = run_layers("dot_even_bug");        // half up, which differs in ties of an even number alone
  CHECK(bug.code == 1);
  CHECK(bug.out.find("run.lenet.conv1.stall_both  output tensor  ") != std::string::npos);
}

TEST_CASE("system.examples.a_part_is_not_compared_with_a_file_of_the_whole") {
  const TemporaryFolder folder;
  const std::string set = folder / "set";
  REQUIRE(run({"vectors", "models/lenet", "--layer", "fc3", "--format", "npy", "-o", set}).code == 0);
  const Finished replayed = run_design("dot_even", {"replay", set});
  CAPTURE(replayed.out);
  CHECK(replayed.code == 0);
  CHECK(
      replayed.out.find("not checked: file against RTL, in part: fc3: by a rule of its own, shift of 10, rounded half "
                        "to even\n") != std::string::npos);
  CHECK(replayed.out.find("\noutput   file against RTL") == std::string::npos);
}

/// The layer of a failed run, made small: as a network and as a vector set, red on that design and green on the good
/// one.
TEST_CASE("system.examples.a_failure_becomes_a_small_vector_set") {
  for (const std::string program : {"gemm_axis", "conv_stream"}) {
    CAPTURE(program);
    const std::string network = program == "gemm_axis" ? "models/lenet" : "models/resnet-bfp";
    const std::string layer = program == "gemm_axis" ? "conv1" : "stem";
    const TemporaryFolder folder;
    REQUIRE(run_design(program + "_bug", {"run", network, "--layer", layer, "--failures", folder / "failures"}).code ==
            1);
    const auto failure = std::filesystem::directory_iterator(folder / "failures")->path();
    const Finished shrunk = run_design(program + "_bug", {"shrink", failure});
    CAPTURE(shrunk.out);
    CAPTURE(shrunk.err);
    REQUIRE(shrunk.code == 0);
    unsigned long image = 0, alone = 0, smallest = 0;
    const std::size_t at = shrunk.out.find("cycles: ");
    REQUIRE(at != std::string::npos);
    CHECK(std::sscanf(shrunk.out.c_str() + at, "cycles: %lu of the image -> %lu of the layer alone -> %lu", &image,
                      &alone, &smallest) == 3);
    CHECK(10 * smallest <= image);
    for (const auto& again_as : {std::pair<std::string, std::string>{"run", "network"}, {"replay", "npy"}}) {
      CAPTURE(again_as.first);
      const Arguments again{again_as.first, failure / "reproducer" / again_as.second};
      CHECK(run_design(program + "_bug", again).code == 1);
      CHECK(run_design(program, again).code == 0);
    }
  }
}

/// Our own accelerator behind an adapter that knows the package alone: whole networks.
TEST_CASE("system.examples.accel_runs_through_the_package") {
  for (const std::string stall : {"none", "both", "bursts"}) {
    const Finished run = run_design("accel_adapter", {"run", "models/lenet", "--images", "2", "--stall", stall});
    CAPTURE(stall);
    CHECK(run.code == 0);
    CHECK(run.out.find("2 predicted as the golden does") != std::string::npos);
    CHECK(run.out.find("16188 values compared, 0 differ\n") != std::string::npos);
  }
}

/// A SystemC module of a user's own on TLM-2.0 targets of accel and of gemm_axis.
TEST_CASE("system.examples.a_dma_engine_plays_a_layer_over_tlm") {
  const Finished good = run_design("tlm_initiator", {"models/lenet", "conv2"});
  CHECK(good.code == 0);
  CHECK(good.out.find("accel: 1600 values compared, 0 differ\n") != std::string::npos);
  CHECK(good.out.find("gemm_axis: 1600 values compared, 0 differ\n") != std::string::npos);
  const Finished bug = run_design("tlm_initiator_bug", {"models/lenet", "conv2"});
  CHECK(bug.code == 1);
  for (const std::string target : {"accel", "gemm_axis"}) {
    CAPTURE(target);
    CHECK(bug.out.find(target + ": conv2  oc ") != std::string::npos);
    CHECK(bug.out.find(target + ": 1600 values compared, 0 differ\n") == std::string::npos);
  }
}

TEST_CASE("system.examples.a_part_of_a_layer_is_compared_as_such") {
  const TemporaryFolder folder;
  const std::string report = folder / "report.json";
  const Finished run =
      run_design("corelet_4bit", {"run", "models/lenet-w4a4", "--layer", "conv2", "--images", "2", "--report", report});
  CHECK(run.code == 0);
  CHECK(run.out.find("in part: conv2: without bias and requantization\n") != std::string::npos);
  const auto json = nlohmann::json::parse(read_text(report));
  CHECK(json["in_part"] == nlohmann::json::array({"conv2: without bias and requantization"}));
  CHECK(json["compared"] == 2 * 1600);
  // Sums, whose range is beyond that of the layer's outputs of 4 bits.
  CHECK(json["exercised"].contains("rounding: floor"));
  CHECK(json["exercised"].contains("output: clamp at act_min"));
  CHECK_FALSE(json["exercised"].contains("rounding: half_up"));
  CHECK(json["predictions"].empty());
}

}  // namespace
}  // namespace systole::test
