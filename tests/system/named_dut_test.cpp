// SPDX-License-Identifier: Apache-2.0
// `--dut NAME`: the commands of `systole` on another design, and vector sets there and back.
#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "tests/support/temporary_folder.h"
#include "tests/system/cli_process.h"

namespace systole::test {
namespace {

std::string last_line(const std::string& text) {
  const std::size_t end = text.find_last_not_of('\n');
  const std::size_t start = text.rfind('\n', end);
  return text.substr(start + 1, end - start);
}

TEST_CASE("system.named_dut.by_name_and_by_path") {
  const std::filesystem::path program = std::filesystem::path(SYSTOLE_PROGRAM).parent_path() / "gemm_axis";
  const auto built = std::filesystem::last_write_time(program);
  for (const std::string& name : {std::string("gemm_axis"), program.string()}) {
    CAPTURE(name);
    const Finished direct = run({"run", "models/lenet", "--layer", "fc3", "--images", "1", "--dut=" + name});
    CHECK(direct.code == 0);
    CHECK(direct.err == "");
    CHECK(direct.out.find("model gemm_axis/") != std::string::npos);
    CHECK(direct.out.find("\npassed\n") != std::string::npos);
  }
  CHECK(std::filesystem::last_write_time(program) == built);  // else newer build tools link it again
  const Finished replaced = run({"--dut", "gemm_axis", "info", "models/lenet"});
  CHECK(replaced.code == 0);
}

TEST_CASE("system.named_dut.no_such_design") {
  const std::string folder = std::filesystem::path(SYSTOLE_PROGRAM).parent_path().string();
  const Finished missing = run({"run", "models/lenet", "--dut", "gem_axis"});
  CHECK(missing.code == 2);
  CHECK(missing.out.empty());
  CHECK(missing.err == "systole: --dut: gem_axis: expected a program that systole_add_dut made, looked for " + folder +
                           "/gem_axis (docs/your-rtl.md)\n");
  const Finished other = run({"run", "models/lenet", "--dut", "/bin/true"});
  CHECK(other.code == 2);
  CHECK(other.err ==
        "systole: --dut: /bin/true: expected a program that systole_add_dut made, looked for /bin/true "
        "(docs/your-rtl.md)\n");
}

TEST_CASE("system.named_dut.made_with_another_version") {
  const TemporaryFolder folder;
  const std::string program = folder / "npu";
  for (const std::string version : {" 0.0.9", ""}) {
    write_text(program, "#!/bin/sh\n[ \"$1\" = --model ] && echo npu edit 0" + version + "\n");
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    test::check_refused({"run", "models/lenet", "--dut", program},
                        "--dut: " + program + ": made with " + (version.empty() ? "another" : "0.0.9") +
                            " Systole, this is 0.1.0: build it again with this one");
  }
}

TEST_CASE("system.named_dut.vectors_there_and_back") {
  const TemporaryFolder folder;
  const std::string set = folder / "set";
  const Finished written =
      run({"vectors", "models/lenet", "--layer", "conv2", "--format", "npy", "-o", set, "--dut", "gemm_axis"});
  CHECK(written.code == 0);
  for (const std::string stall : {"none", "both"}) {
    CAPTURE(stall);
    const Finished back = run({"replay", set, "--dut", "gemm_axis", "--stall", stall});
    CHECK(back.code == 0);
    CHECK(back.out.find("\ndesign gemm_axis\n") != std::string::npos);
    // Psums and outputs of the file against the golden, the design against the golden and against the file.
    CHECK(last_line(back.out) == "passed: 6400 values compared, 0 differ");
  }
  const Finished ours = run({"replay", set, "--dut", "accel"});
  CHECK(ours.code == 0);
}

TEST_CASE("system.named_dut.replay_of_a_bug") {
  const TemporaryFolder folder;
  const std::string set = folder / "set";
  CHECK(run({"vectors", "models/lenet", "--layer", "conv1", "--format", "npy", "-o", set}).code == 0);
  const Finished back = run({"replay", set, "--dut", "gemm_axis_bug"});
  CHECK(back.code == 1);
  CHECK(back.out.find("oc 5 oh 0 ow 5  rtl -24  golden -23") != std::string::npos);
  CHECK(back.out.find("gemm_axis_bug replay " + set + " --check outputs --stall none --seed 1") != std::string::npos);
}

TEST_CASE("system.named_dut.refuses_what_belongs_to_our_array") {
  const TemporaryFolder folder;
  const std::string set = folder / "set";
  const Finished streams =
      run({"vectors", "models/lenet", "--layer", "fc3", "--format", "readmemh", "-o", set, "--dut", "gemm_axis"});
  CHECK(streams.code == 2);
  CHECK(streams.err ==
        "systole: --format: readmemh: holds the streams of the accelerator in rtl/, not of this design\n");
  CHECK_FALSE(std::filesystem::exists(set));
  CHECK(run({"vectors", "models/lenet", "--layer", "fc3", "--format", "readmemh", "-o", set}).code == 0);
  const Finished replayed = run({"replay", set, "--dut", "gemm_axis"});
  CHECK(replayed.code == 2);
  CHECK(replayed.err == "systole: " + set +
                            "/manifest.json: set: holds the streams of the accelerator in rtl/; expected a set of "
                            "tensors, array or clipq\n");
}

}  // namespace
}  // namespace systole::test
