// SPDX-License-Identifier: Apache-2.0
// Input that a user got wrong: exit code 2, one line that names the place and what was expected, nothing left behind.
#include <doctest/doctest.h>
#include <png.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/npy.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/cli_process.h"

namespace systole::test {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using Words = std::vector<std::string>;

/// Exit code 2, nothing on standard output, one line on standard error that holds every word.
void check_refused(const Arguments& arguments, const Words& words, const Surroundings& surroundings = {}) {
  const Finished result = run(arguments, surroundings);
  CAPTURE(result.err);
  CHECK(result.code == 2);
  CHECK(result.out.empty());
  CHECK(result.err.starts_with("systole: "));
  CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
  CHECK(result.err.ends_with('\n'));
  CHECK(result.err.find('\x1b') == std::string::npos);
  for (const std::string& word : words) CHECK_MESSAGE(result.err.find(word) != std::string::npos, word);
}

/// The same, and every file of `folder` is afterwards what it was before.
void check_refused_in(const fs::path& folder, const Arguments& arguments, const Words& words,
                      const Surroundings& surroundings = {}) {
  const auto before = listing(folder);
  check_refused(arguments, words, surroundings);
  CHECK(listing(folder) == before);
}

/// A copy of LeNet whose description was changed.
fs::path edited_network(const TemporaryFolder& folder, const std::function<void(Json&)>& edit) {
  fs::path network = folder.path() / "net";
  fs::copy(kLenet, network, fs::copy_options::recursive);
  Json json = Json::parse(read_text(network / "network.json"));
  edit(json);
  write_text(network / "network.json", json.dump());
  return network;
}

void check_network_refused(const std::function<void(Json&)>& edit, Words words) {
  const TemporaryFolder folder;
  const fs::path network = edited_network(folder, edit);
  words.push_back((network / "network.json").string());
  const fs::path report = folder.path() / "report.json";
  check_refused_in(folder.path(), {"run", network, "--report", report}, words);
  check_refused_in(folder.path(), {"golden", network}, words);
}

void write_png(const fs::path& file, int height, int width) {
  png_image png{};
  png.version = PNG_IMAGE_VERSION;
  png.format = PNG_FORMAT_RGB;
  png.height = static_cast<std::uint32_t>(height);
  png.width = static_cast<std::uint32_t>(width);
  const std::vector<std::uint8_t> bytes(PNG_IMAGE_SIZE(png), 77);
  REQUIRE(png_image_write_to_file(&png, file.c_str(), 0, bytes.data(), 0, nullptr) != 0);
}

void write_npy(const fs::path& file, std::size_t height, std::size_t width, std::size_t channels) {
  base::write_npy(
      file, {.shape = {height, width, channels}, .values = std::vector<std::uint8_t>(height * width * channels, 77)});
}

/// Refused by `run --input`, with a dump and a report asked for that must not appear.
void check_image_refused(const TemporaryFolder& folder, const fs::path& image, Words words) {
  words.push_back(image.string());
  const fs::path dump = folder.path() / "dump.vcd", report = folder.path() / "report.json";
  check_refused_in(folder.path(),
                   {"run", kLenet, "--input", image, "--trace", "vcd", "--trace-file", dump, "--report", report},
                   words);
}

std::string big_endian(std::uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8),
          static_cast<char>(value)};
}

TEST_CASE("system.cli_network.truncated_weights") {
  const TemporaryFolder folder;
  const fs::path network = edited_network(folder, [](Json&) {});
  const fs::path weights = network / "weights.bin";
  fs::resize_file(weights, fs::file_size(weights) - 1);
  check_refused_in(folder.path(), {"run", network}, {network.string(), "weights.bin", "expected", "truncated"});
  fs::resize_file(weights, 0);
  check_refused_in(folder.path(), {"run", network}, {network.string(), "weights.bin", "expected", "truncated"});
  fs::remove(weights);
  check_refused_in(folder.path(), {"run", network}, {weights.string()});
}

TEST_CASE("system.cli_network.weights_too_long") {
  const TemporaryFolder folder;
  const fs::path network = edited_network(folder, [](Json&) {});
  const fs::path weights = network / "weights.bin";
  fs::resize_file(weights, fs::file_size(weights) + 1);
  check_refused_in(folder.path(), {"run", network}, {weights.string(), "expected"});
}

TEST_CASE("system.cli_network.missing") {
  check_refused({"run", "no/such/network"}, {"no/such/network"});
  check_refused({"golden", "no/such/network"}, {"no/such/network"});
  check_refused({"run", "CMakeLists.txt"}, {"CMakeLists.txt"});
}

TEST_CASE("system.cli_folder.loop_of_links") {
  const TemporaryFolder folder;
  const std::string loop = folder / "loop";
  fs::create_symlink("loop", loop);
  check_refused({"run", loop}, {loop, "symbolic links"});
  check_refused({"replay", loop}, {loop, "symbolic links"});
}

TEST_CASE("system.cli_network.no_json") {
  const TemporaryFolder folder;
  const fs::path network = edited_network(folder, [](Json&) {});
  const std::string text = read_text(network / "network.json");
  for (const std::string& broken : {text.substr(0, text.size() / 2), std::string(), std::string("[]"), text + "x"}) {
    write_text(network / "network.json", broken);
    check_refused_in(folder.path(), {"run", network}, {(network / "network.json").string()});
  }
}

TEST_CASE("system.cli_network.wrong_shape") {
  check_network_refused([](Json& json) { json["nodes"][0]["out_shape"][2] = 7; }, {"conv1", "expected"});
  check_network_refused([](Json& json) { json["input"]["shape"] = {32, 32}; }, {"input.shape", "expected"});
  check_network_refused([](Json& json) { json["input"]["shape"][0] = 0; }, {"input.shape", "expected"});
}

TEST_CASE("system.cli_network.unknown_key") {
  check_network_refused([](Json& json) { json["nodes"][2]["colour"] = 1; }, {"conv2", "colour"});
}

TEST_CASE("system.cli_network.missing_key") {
  check_network_refused([](Json& json) { json["nodes"][2].erase("psum"); }, {"conv2", "psum"});
}

TEST_CASE("system.cli_network.wrong_type") {
  check_network_refused([](Json& json) { json["nodes"][0]["tile_channels"] = "8"; },
                        {"conv1", "tile_channels", "expected"});
}

TEST_CASE("system.cli_network.wrong_version") {
  check_network_refused([](Json& json) { json["version"] = 2; }, {"version", "expected", "2"});
}

TEST_CASE("system.cli_names.unknown") {
  check_refused({"run", kLenet, "--layer", "conv9"}, {"conv9", "there are conv1"});
  check_refused({"run", kLenet, "--stall", "sometimes"}, {"--stall", "sometimes", "both"});
  check_refused({"run", kLenet, "--check", "some"}, {"--check", "some", "pins"});
  check_refused({"run", kLenet, "--dataset", "imagenet"}, {"imagenet", "expected"});
  check_refused({"golden", kLenet, "--dataset", "imagenet"}, {"imagenet", "expected"});
  check_refused({"run", kLenet, "--config", "3x5"}, {"3x5", "8x8"});
  check_refused({"run", kLenet, "--trace", "lxt"}, {"--trace", "lxt", "vcd"});
  check_refused({"list", "--models", "no/such/folder"}, {"no/such/folder"});
}

TEST_CASE("system.cli_usage.wrong") {
  check_refused({}, {"subcommand"});
  check_refused({"runn"}, {"runn", "expected one of", "golden"});
  CHECK(run({"runn"}).err.find("regress-chunk") == std::string::npos);  // nobody calls it by hand
  check_refused({"run"}, {"NETWORK"});
  check_refused({"run", kLenet, "extra"}, {"extra"});
  check_refused({"run", kLenet, "--colour", "1"}, {"--colour"});
  check_refused({"run", kLenet, "--seed", "many"}, {"--seed", "many"});
  check_refused({"run", kLenet, "--seed", "-1"}, {"--seed: expected 0 or more, found -1;"});
  check_refused({"prune", kLenet, "--threshold", "nan", "-o", "none"}, {"--threshold: expected 0 or more, found nan;"});
  // CLI11 2.3 words it "range 1 to N", 2.4 "range [1 - N]".
  check_refused({"quantize", kLenet, "--images", "0", "-o", "none"}, {"--images", "not in range", "1000000000"});
  check_refused({"run", kLenet, "--images"}, {"--images"});
  check_refused({"bench", "--rounds", "0"}, {"--rounds", "range"});
}

/// What an unset variable of a script becomes.
TEST_CASE("system.cli_usage.empty_values") {
  const std::string none = "expected a value, found none";
  check_refused({"run", ""}, {"NETWORK", none});
  for (const char* option : {"--layer", "--config", "--dataset", "--report", "--input", "--seed"}) {
    check_refused({"run", kLenet, option, ""}, {option, none});
  }
  check_refused({"run", kLenet, "--trace", "vcd", "--trace-file", ""}, {"--trace-file", none});
  check_refused({"run", kLenet, "--trace", "vcd", "--trace-window", ""}, {"--trace-window", none});
  check_refused({"golden", kLenet, "--input", ""}, {"--input", none});
  check_refused({"vectors", kLenet, "--layer", "", "--format", "npy", "-o", "none"}, {"--layer", none});
  check_refused({"study", "bfp", "models/resnet-float", "-o", ""}, {"--output", none});
}

TEST_CASE("system.cli_input.every_file_is_run") {
  const TemporaryFolder folder;
  Arguments arguments{"run", kLenet, "--layer", "conv1", "--input"};
  for (int i = 0; i < 12; ++i) {
    const std::string file = folder / ("image" + std::to_string(i) + ".npy");
    write_npy(file, 32, 32, 3);
    arguments.push_back(file);
  }
  const TemporaryFolder reports;
  const auto images = [&](const Arguments& more) {
    Arguments all = arguments;
    all.insert(all.end(), {"--report", reports / "report.json"});
    all.insert(all.end(), more.begin(), more.end());
    CHECK(run(all).code == 0);
    return Json::parse(read_text(reports / "report.json"))["images"].get<int>();
  };
  CHECK(images({}) == 12);
  CHECK(images({"--first-image", "10"}) == 2);
  CHECK(images({"--images", "3"}) == 3);
  arguments.insert(arguments.end(), {"--first-image", "12"});
  check_refused(arguments, {"--input", "image 12", "there are 12 images"});
}

TEST_CASE("system.cli_output.never_the_folder_that_is_read") {
  const TemporaryFolder folder;
  const fs::path network = folder / "net", link = folder / "link";
  fs::copy("models/lenet-float", network, fs::copy_options::recursive);
  fs::create_directory_symlink("net", link);
  for (const fs::path& to : {network, link, network / ".", folder / "./net/"}) {
    CAPTURE(to);
    const auto before = listing(network);
    check_refused({"quantize", network, "--scheme", "affine", "-o", to}, {"--output", "another folder than", network});
    check_refused({"prune", network, "--fraction", "0.5", "-o", to}, {"--output", "another folder than", network});
    CHECK(listing(network) == before);
  }
}

TEST_CASE("system.cli_network.integer_names_run") {
  check_refused({"prune", "models/lenet", "--fraction", "0.1", "-o", "x"},
                {"number", "found 'integer'", "systole run"});
}

TEST_CASE("system.cli_trace.option_without_trace_is_named") {
  for (const char* option : {"--trace-file", "--trace-window"}) {
    check_refused({"run", "models/lenet", option, "1:9"}, {std::string(option) + ": needs --trace vcd or --trace fst"});
  }
}

TEST_CASE("system.cli_network.float_names_quantize") {
  check_refused({"run", "models/lenet-float"}, {"number", "found 'float32'", "systole quantize"});
}

TEST_CASE("system.cli_images.count") {
  for (const char* command : {"run", "golden"}) {
    for (const char* count : {"0", "-1", "1000000001", "99999999999999999999", "1.5", "ten", ""}) {
      CAPTURE(count);
      check_refused({command, kLenet, "--images", count}, {"--images"});
    }
  }
  check_refused({"run", kLenet, "--max-cycles", "0"}, {"--max-cycles", "range"});
  check_refused({"run", kLenet, "--first-image", "-1"}, {"--first-image", "range"});
}

TEST_CASE("system.cli_image.wrong_size") {
  const TemporaryFolder folder;
  const fs::path png = folder.path() / "a.png", npy = folder.path() / "a.npy", bin = folder.path() / "a.bin";
  write_png(png, 31, 32);
  check_image_refused(folder, png, {"32", "31"});
  write_npy(npy, 32, 32, 2);
  check_image_refused(folder, npy, {"32 x 32 x 3", "32 x 32 x 2"});
  write_npy(npy, 3, 32, 32);
  check_image_refused(folder, npy, {"32 x 32 x 3", "3 x 32 x 32"});
  write_text(bin, std::string(std::size_t{3} * 16 * 16, 'x'));
  check_image_refused(folder, bin, {"expected 3072 bytes", "768"});
  write_text(bin, std::string(1000, 'x'));
  check_image_refused(folder, bin, {"expected", "1000"});
}

TEST_CASE("system.cli_image.empty") {
  const TemporaryFolder folder;
  for (const char* name : {"a.png", "a.npy", "a.bin"}) {
    CAPTURE(name);
    write_text(folder.path() / name, "");
    check_image_refused(folder, folder.path() / name, {});
  }
  write_npy(folder.path() / "zero.npy", 0, 32, 3);
  check_image_refused(folder, folder.path() / "zero.npy", {"expected", "0, 32, 3"});
}

TEST_CASE("system.cli_image.cut_short") {
  const TemporaryFolder folder;
  const fs::path png = folder.path() / "a.png", npy = folder.path() / "a.npy";
  write_png(png, 32, 32);
  fs::resize_file(png, fs::file_size(png) / 2);
  check_image_refused(folder, png, {"PNG"});
  write_npy(npy, 32, 32, 3);
  fs::resize_file(npy, fs::file_size(npy) - 1);
  check_image_refused(folder, npy, {});
}

TEST_CASE("system.cli_image.missing") {
  const TemporaryFolder folder;
  for (const char* name : {"none.png", "none.jpg", "none.npy", "none.bin"}) {
    check_image_refused(folder, folder.path() / name, {"No such file"});
  }
  check_image_refused(folder, folder.path() / "none.tif", {"expected"});
  check_image_refused(folder, folder.path(), {"expected"});
}

TEST_CASE("system.cli_image.bad_one_keeps_the_old_dump") {
  const TemporaryFolder folder;
  write_text(folder.path() / "dump.vcd", "of before");
  write_png(folder.path() / "a.png", 8, 8);
  check_image_refused(folder, folder.path() / "a.png", {});
}

TEST_CASE("system.cli_dataset.cut_short") {
  const TemporaryFolder folder;
  const std::string cifar = folder.path() / "batch.bin", images = folder.path() / "images",
                    labels = folder.path() / "labels";
  const auto refused = [&](const std::string& description, const Words& words) {
    check_refused_in(folder.path(), {"run", kLenet, "--dataset", description}, words);
    check_refused_in(folder.path(), {"golden", kLenet, "--dataset", description}, words);
  };
  write_text(cifar, std::string(3072, '\1'));
  refused("cifar10:" + cifar, {cifar, "expected", "3072"});
  write_text(cifar, "");
  refused("cifar10:" + cifar, {cifar, "expected"});
  refused("cifar10:" + cifar + ".none", {cifar + ".none"});
  write_text(labels, big_endian(0x801) + big_endian(2) + std::string(2, '\1'));
  const std::string header = big_endian(0x803) + big_endian(2) + big_endian(28) + big_endian(28);
  write_text(images, header + std::string(std::size_t{2} * 28 * 28 - 1, '\1'));
  refused("idx:" + images + "," + labels, {images, "expected"});
  write_text(images, header.substr(0, 15));
  refused("idx:" + images + "," + labels, {images, "expected"});
  write_text(images, header + std::string(std::size_t{2} * 28 * 28, '\1'));
  write_text(labels, big_endian(0x801) + big_endian(2) + "\1");
  refused("idx:" + images + "," + labels, {labels, "expected"});
  refused("idx:" + images, {"expected idx:IMAGES,LABELS"});
}

TEST_CASE("system.cli_dataset.empty") {
  const TemporaryFolder folder;
  const std::string images = folder.path() / "images", labels = folder.path() / "labels";
  write_text(images, big_endian(0x803) + big_endian(0) + big_endian(28) + big_endian(28));
  write_text(labels, big_endian(0x801) + big_endian(0));
  std::string dataset = "idx:" + images;
  dataset.append(",").append(labels);
  for (const char* command : {"run", "golden"}) check_refused({command, kLenet, "--dataset", dataset}, {images});
}

TEST_CASE("system.cli_golden.image_without_label_or_size") {
  const TemporaryFolder folder;
  const fs::path image = folder.path() / "a.png";
  write_png(image, 32, 32);
  const Finished result = run({"golden", kLenet, "--dataset", image});  // no label: no accuracy, but an answer
  CHECK(result.code == 0);
  CHECK(result.out.find("image 0: predicted ") != std::string::npos);
}

TEST_CASE("system.cli_trace_window.malformed") {
  const TemporaryFolder folder;
  const fs::path dump = folder.path() / "dump.vcd";
  for (const char* window :
       {"5:", ":5", "9:5", "a:b", "1:2:3", "-1:5", "conv9", ":", "99999999999999999999:5", "1 : 2"}) {
    CAPTURE(window);
    check_refused_in(folder.path(),
                     {"run", kLenet, "--trace", "vcd", "--trace-file", dump, std::string("--trace-window=") + window},
                     {"--trace-window", window, "expected"});
  }
  check_refused_in(folder.path(), {"run", kLenet, "--trace-window", "1:5"}, {"--trace-window", "--trace vcd"});
}

TEST_CASE("system.cli_report.no_place") {
  const TemporaryFolder folder;
  const std::string missing = folder.path() / "missing" / "r.json";
  for (const Arguments& command : {Arguments{"run", kLenet}, Arguments{"bench", "--rounds", "1"}}) {
    for (const std::string& report : {missing, folder.path().string(), std::string("CMakeLists.txt/r.json")}) {
      CAPTURE(report);
      Arguments arguments = command;
      arguments.insert(arguments.end(), {"--report", report});
      check_refused_in(folder.path(), arguments, {report, "cannot write"});
    }
  }
}

TEST_CASE("system.cli_trace.no_place") {
  const TemporaryFolder folder;
  for (const char* format : {"vcd", "fst"}) {
    for (const fs::path& dump : {folder.path() / "missing" / "dump", folder.path(), fs::path("CMakeLists.txt/dump")}) {
      CAPTURE(dump);
      check_refused_in(folder.path(), {"run", kLenet, "--images", "1", "--trace", format, "--trace-file", dump},
                       {dump.string()});
    }
  }
}

/// --report is written after the table, which is then on standard output.
void check_not_written(const Arguments& arguments, const std::string& file, const std::string& reason,
                       const Surroundings& surroundings = {}) {
  const Finished result = run(arguments, surroundings);
  CAPTURE(result.err);
  CHECK(result.code == 2);
  CHECK(result.err == "systole: " + file + ": cannot write: " + reason + "\n");
}

TEST_CASE("system.cli_report.full_device") {
  check_not_written({"run", kLenet, "--images", "1", "--report", "/dev/full"}, "/dev/full", "No space left on device");
}

TEST_CASE("system.cli_report.full_disk") {
  const TemporaryFolder folder;
  const std::string report = folder.path() / "report.json";
  write_text(report, "of before");
  check_not_written({"run", kLenet, "--images", "1", "--report", report}, report, "File too large",
                    {.file_bytes = 2048});
  CHECK(listing(folder.path()).empty());  // neither half of this run's report nor one of before, taken for this run's
}

TEST_CASE("system.cli_trace.full_device") {
  check_refused({"run", kLenet, "--images", "1", "--trace", "vcd", "--trace-file", "/dev/full"},
                {"/dev/full", "No space left on device"});
  check_refused({"run", kLenet, "--images", "1", "--trace", "fst", "--trace-file", "/dev/full"},
                {"/dev/full", "regular file"});
}

TEST_CASE("system.cli_trace.full_disk") {
  const TemporaryFolder folder;
  // Less than 400 kB for FST: its writer, a library, maps files that it cannot extend and dies of SIGBUS.
  for (const char* format : {"vcd", "fst"}) {
    for (const std::uint64_t bytes : format == std::string("vcd") ? std::vector<std::uint64_t>{20'000, 400'000}
                                                                  : std::vector<std::uint64_t>{400'000}) {
      CAPTURE(format);
      CAPTURE(bytes);
      const fs::path dump = folder.path() / "dump";
      check_refused_in(folder.path(), {"run", kLenet, "--images", "1", "--trace", format, "--trace-file", dump},
                       {dump.string(), "cannot write"}, {.file_bytes = bytes});
    }
  }
}

/// What cannot be shown keeps its exit code; a closed output's number goes to no other file.
TEST_CASE("system.cli_output.full_or_closed_error") {
  for (const char* redirection : {"2>/dev/full", "2>&-", ">/dev/full 2>/dev/full", ">&- 2>&- <&-"}) {
    CAPTURE(redirection);
    CHECK(run({"run", "models/none"}, {.redirection = redirection}).code == 2);
    CHECK(run({"run", "--colour"}, {.redirection = redirection}).code == 2);
    CHECK(run({"golden", kLenet, "--images", "1000000000"},
              {.interrupt_after = std::chrono::milliseconds(100), .when_caught = true, .redirection = redirection})
              .code == 130);
  }
}

/// No file that a run opens gets the number of a closed stream, and with it what is printed there.
TEST_CASE("system.cli_output.closed_numbers_stay_taken") {
  const TemporaryFolder folder;
  const std::string dump = folder / "dump";
  const std::string script = R"("$0" "$@" <&- >&- 2>&- & p=$!; until [ -e )" + dump +
                             " ]; do sleep 0.01; done; readlink /proc/$p/fd/0 /proc/$p/fd/1 /proc/$p/fd/2; kill -TERM "
                             "$p; wait $p";
  const Finished result =
      run({"-c", script, SYSTOLE_PROGRAM, "run", kLenet, "--images", "1000000", "--trace", "vcd", "--trace-file", dump},
          {.program = "/bin/sh"});
  CHECK(result.out == "/dev/null\n/dev/null\n/dev/null\n");
  CHECK(result.code == 128 + SIGTERM);
}

TEST_CASE("system.cli_output.closed") {
  const Finished list = run({"list"}, {.redirection = ">&-"});
  CHECK(list.code == 2);
  CHECK(list.err == "systole: standard output: cannot write\n");
  const TemporaryFolder folder;
  const fs::path report = folder / "report.json";
  const Finished result =
      run({"run", kLenet, "--layer", "fc3", "--images", "1", "--report", report}, {.redirection = ">&-"});
  CHECK(result.code == 2);
  CHECK(Json::parse(read_text(report))["outcome"] == "passed");
}

TEST_CASE("system.cli_output.full_device") {
  const Finished result = run({"-c", SYSTOLE_PROGRAM " list > /dev/full"}, {.program = "/bin/sh"});
  CHECK(result.code == 2);
  CHECK(result.err == "systole: standard output: cannot write\n");
}

}  // namespace
}  // namespace systole::test
