// SPDX-License-Identifier: Apache-2.0
// `systole study`: tables, files, refusals, Ctrl-C.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/temporary_folder.h"
#include "tests/system/cli_process.h"

namespace systole::test {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> files(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename());
  std::ranges::sort(names);
  return names;
}

std::int64_t lines(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

/// Exit code 2 and one line on standard error that says so.
void refused(const Arguments& arguments, const std::string& message) {
  const Finished result = run(arguments);
  CAPTURE(result.err);
  CHECK(result.code == 2);
  CHECK(result.err.find(message) != std::string::npos);
  CHECK(lines(result.err) == 1);
}

/// SIGINT while it works ends it with 130 and leaves `folder` without files.
void interrupted(const Arguments& arguments, const fs::path& folder) {
  Surroundings surroundings;
  surroundings.interrupt_after = std::chrono::milliseconds(400);
  const Finished result = run(arguments, surroundings);
  CHECK(result.code == 130);
  CHECK(files(folder).empty());
}

TEST_CASE("system.cli_study.help") {
  for (const char* name : {"bfp", "prune"}) {
    const Finished help = run({"study", name, "--help"});
    CHECK(help.code == 0);
    CHECK(help.out.find("Example: systole study " + std::string(name) + " ") != std::string::npos);
  }
  refused({"study"}, "A subcommand is required");
}

TEST_CASE("system.cli_study.bfp.tables_and_plots") {
  const TemporaryFolder folder;
  const Finished result = run({"study", "bfp", "models/lenet-float", "--images", "4", "--calibration-images", "2",
                               "--group", "1,0", "-o", folder.path()});
  REQUIRE(result.code == 0);
  CHECK(result.err.empty());
  CHECK(result.out.starts_with("4 images, float "));
  CHECK(files(folder.path()) == std::vector<std::string>{"exponent.csv", "exponent.svg", "group.csv", "group.svg",
                                                         "mantissa.csv", "mantissa.svg", "study.txt"});
  const std::string mantissa = read_text(folder.path() / "mantissa.csv");
  CHECK(mantissa.starts_with("mantissa bits,KL %,KL loss,maximum %,maximum loss,size kB\n5,"));
  CHECK(lines(mantissa) == 1 + 8);
  CHECK(lines(read_text(folder.path() / "exponent.csv")) == 1 + 8);
  CHECK(lines(read_text(folder.path() / "group.csv")) == 1 + 2);
}

TEST_CASE("system.cli_study.bfp.as_published") {
  const Finished result = run({"study", "bfp", "models/resnet-float", "--as-published", "--images", "40",
                               "--calibration-images", "5", "--group", "3,0"});
  CAPTURE(result.err);
  REQUIRE(result.code == 0);
  CHECK(result.out.find("in the authors' arithmetic") != std::string::npos);
}

TEST_CASE("system.cli_study.bfp.bad_input") {
  refused({"study", "bfp", "models/lenet"}, "models/lenet");
  refused({"study", "bfp", "models/lenet-float", "--group", "12", "--images", "1"},
          "group: expected 0 or a multiple of 8 rows, found 12");
  refused({"study", "bfp", "models/lenet-float", "--calibration-images", "0"},
          "--calibration-images: Value 0 not in range");
  refused({"study", "bfp", "models/lenet-float", "--dataset", "nothing"}, "nothing");
  const TemporaryFolder folder;
  write_text(folder.path() / "file", "");
  refused({"study", "bfp", "models/lenet-float", "-o", folder.path() / "file"}, "file");
}

/// Two studies, or two networks, in one folder: tables of which nobody could say whose they are.
TEST_CASE("system.cli_study.folder_is_of_one_study") {
  const TemporaryFolder folder;
  const std::string to = folder / "study";
  const auto headroom = [&to](const std::string& network) { return run({"study", "headroom", network, "-o", to}); };
  CHECK(headroom("models/lenet").code == 0);
  CHECK(headroom("./models/lenet/").code == 0);
  const auto before = listing(to);
  refused({"study", "headroom", "models/corners", "-o", to}, "expected a new folder or one of study headroom of ");
  refused({"study", "psum", "models/lenet", "--images", "1", "-o", to}, "found study headroom of ");
  refused({"quantize", "models/lenet-float", "--scheme", "affine", "--images", "1", "-o", to}, "found a foreign file");
  refused({"prune", "models/lenet-float", "--fraction", "0.1", "--images", "1", "-o", to}, "found a foreign file");
  CHECK(listing(to) == before);
  const std::string net = folder / "net";
  REQUIRE(run({"prune", "models/lenet-float", "--fraction", "0.1", "--images", "1", "-o", net}).code == 0);
  refused({"study", "prune", "models/lenet-float", "--images", "1", "-o", net}, "found other files");
}

TEST_CASE("system.cli_study.bfp.interrupted") {
  const TemporaryFolder folder;
  interrupted({"study", "bfp", "models/lenet-float", "--images", "1000000", "-o", folder.path()}, folder.path());
}

TEST_CASE("system.cli_study.prune.smallest_networks_run") {
  const TemporaryFolder folder;
  const Finished result =
      run({"study", "prune", "models/lenet-float", "--images", "60", "--search-images", "20", "--calibration-images",
           "8", "--target", "99.99", "--target", "96", "-o", folder.path()});
  REQUIRE(result.code == 0);
  CHECK(result.err.empty());
  CHECK(result.out.starts_with("60 images, float "));
  CHECK(files(folder.path()) == std::vector<std::string>{"models.csv", "models.svg", "network-96.00", "network-99.99",
                                                         "study.txt", "targets.csv"});
  const std::string targets = read_text(folder.path() / "targets.csv");
  CHECK(targets.starts_with("target %,search,pruned kB,pruned %,quantized,"));
  CHECK(lines(targets) == 1 + 2 * 2);
  CHECK(targets.find("\n96,greedy,") != std::string::npos);
  CHECK(targets.find("\n96,exchanged,") != std::string::npos);
  const std::string golden = run({"golden", folder.path() / "network-96.00", "--images", "60"}).out;
  CHECK(golden.starts_with("60 images: 9"));  // 96 % or more
  const Finished checked = run({"run", folder.path() / "network-96.00", "--images", "1", "--check", "pe"});
  CHECK(checked.code == 0);
}

TEST_CASE("system.cli_study.prune.bad_input") {
  refused({"study", "prune", "models/lenet"}, "models/lenet");
  refused({"study", "prune", "models/lenet-float", "--target", "101"}, "--target: Value 101 not in range");
  refused({"study", "prune", "models/lenet-float", "--by", "weight"}, "--by");
}

TEST_CASE("system.cli_study.prune.target_out_of_reach") {
  const TemporaryFolder folder;
  const Finished result = run({"study", "prune", "models/lenet-float", "--images", "300", "--search-images", "40",
                               "--calibration-images", "2", "--target", "100", "-o", folder.path()});
  CHECK(result.code == 0);  // LeNet misses some of these: a row without models
  CHECK(files(folder.path()) == std::vector<std::string>{"models.csv", "models.svg", "study.txt", "targets.csv"});
}

TEST_CASE("system.cli_study.prune.interrupted") {
  const TemporaryFolder folder;
  interrupted({"study", "prune", "models/lenet-float", "--images", "1000000", "-o", folder.path()}, folder.path());
}

}  // namespace
}  // namespace systole::test
