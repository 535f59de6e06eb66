// SPDX-License-Identifier: Apache-2.0
// Vector sets as their users meet them: written by the command line for the embedded networks, and run by other
// simulators with the generated bench, which must pass and must fail when any file says something else.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

#include "golden/fast/op.h"
#include "golden/format/network_file.h"
#include "tests/support/random_layer.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/cli_process.h"
#include "vectors/array/array_files.h"
#include "vectors/array/array_set.h"
#include "vectors/array/array_writer.h"
#include "vectors/clipq/clipq_set.h"
#include "vectors/npy/tensor_set.h"
#include "vectors/readmemh/memory_set.h"
#include "vectors/set/vector_set.h"

namespace systole::test {
namespace {

namespace fs = std::filesystem;

// ---- The command

Finished write_vectors(const fs::path& to, const std::string& network, const std::string& layer,
                       const std::string& format, const Arguments& more = {}) {
  Arguments arguments{"vectors", "models/" + network, "--layer", layer, "--format", format, "--output", to};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run(arguments);
}

op::Layer layer_of(const std::string& network, const std::string& name) {
  for (const model::Node& node : model::load_network("models/" + network).nodes) {
    if (node.layer.name == name) return node.layer;
  }
  throw std::out_of_range(name);
}

/// Reads a set and writes what was read.
void copy_set(const fs::path& from, const fs::path& to, const std::string& format, const op::Layer& layer) {
  const vectors::Origin origin = vectors::read_manifest(from, format).origin;
  if (format == "array") {
    const vectors::ArrayShape shape = vectors::read_array_shape(from);
    const vectors::ArrayFiles files = vectors::read_array_files(from, {.taps = shape.taps()});
    vectors::write_array_set(vectors::decode(files, vectors::array_layouts(files, shape).at(0)), origin, to);
  }
  for (const auto packing : {vectors::ClipqPacking::plain, vectors::ClipqPacking::packed}) {
    if (format != to_string(packing)) continue;
    vectors::write_clipq_set(vectors::read_clipq_set(from, packing), packing, layer, origin, to);
  }
  if (format == "readmemh") vectors::write_memory_set(vectors::read_memory_set(from), origin, to);
  if (format == "npy") vectors::write_tensor_set(vectors::read_tensor_set(from), layer, origin, to);
}

using Contents = std::vector<std::pair<std::string, std::string>>;

/// Names and contents of a set's files.
Contents contents(const fs::path& folder) {
  Contents files = listing(folder);
  for (auto& [name, text] : files) name = fs::path(name).filename();
  return files;
}

/// Nothing is lost between the files and what the reader makes of them: written again they are the same, byte for byte.
void check_reads_back(const fs::path& folder, const std::string& format, const op::Layer& layer) {
  const TemporaryFolder again;
  copy_set(folder, again / "set", format, layer);
  const Contents copied = contents(again / "set"), original = contents(folder);
  CHECK(copied.size() > 3);
  CHECK((copied == original));
  vectors::verify_files(folder, vectors::read_manifest(folder, format));
}

struct Case {
  const char *network, *layer;
  std::vector<const char*> formats;
};

/// First, a middle and the last layer of every embedded network.
TEST_CASE("system.vectors.embedded_networks") {
  const std::vector<Case> cases{{"lenet", "conv1", {"array", "readmemh", "npy"}},
                                {"lenet", "pool2", {"readmemh", "npy"}},
                                {"lenet", "fc3", {"array", "readmemh", "npy"}},
                                {"nin-clipq", "conv1", {"array", "clipq", "clipq-packed", "readmemh", "npy"}},
                                {"nin-clipq", "cccp4", {"array", "clipq", "clipq-packed", "readmemh", "npy"}},
                                {"nin-clipq", "pool3", {"readmemh", "npy"}},
                                {"vgg16-w4a4", "conv1_1", {"array", "readmemh", "npy"}},
                                {"vgg16-w4a4", "conv4_2", {"array", "readmemh", "npy"}},
                                {"vgg16-w4a4", "fc", {"array", "readmemh", "npy"}},
                                {"resnet-bfp", "stem", {"array", "readmemh", "npy"}},
                                {"resnet-bfp", "add2", {"readmemh", "npy"}},
                                {"resnet-bfp", "fc", {"array", "readmemh", "npy"}},
                                {"inception-bfp", "stem1", {"array", "readmemh", "npy"}},
                                {"inception-bfp", "mixed1_join", {"readmemh", "npy"}},
                                {"inception-bfp", "fc", {"array", "readmemh", "npy"}}};
  const TemporaryFolder folder;
  for (const Case& c : cases) {
    for (const char* format : c.formats) {
      const std::string name = fmt::format("{}.{}.{}", c.network, c.layer, format);
      CAPTURE(name);
      const fs::path set = folder.path() / format;  // replaces the set of the case before
      const Finished result = write_vectors(set, c.network, c.layer, format);
      CHECK(result.err == "");
      REQUIRE(result.code == 0);
      CHECK_NOTHROW(check_reads_back(set, format, layer_of(c.network, c.layer)));
      const vectors::Origin origin = vectors::read_manifest(set, format).origin;
      CHECK(origin.layer == c.layer);
      CHECK(origin.input == "glyphs image 0");
      CHECK(origin.rtl_sha256.size() == 64);
      CHECK(origin.network_sha256.size() == 64);
      CHECK(fs::file_size(set / "README.txt") > 500);
    }
  }
}

/// The layer that the published array was made for: 36 padded pixels, nine taps, one tile each way, 16-bit psums.
TEST_CASE("system.vectors.array.squeezed_layer") {
  const TemporaryFolder folder;
  REQUIRE(write_vectors(folder / "set", "vgg16-w4a4", "conv4_2", "array", {"--config", "8x8-w4a4"}).code == 0);
  const auto lines = [&](const char* file) {
    const std::string text = read_text(folder / "set" / file);
    return std::ranges::count(text, '\n') - 3;
  };
  CHECK(lines("activation_tile0.txt") == 36);
  CHECK(lines("weight_itile0_otile0_kij8.txt") == 8);
  CHECK(lines("psum_itile0_otile0_kij8.txt") == 36);
  CHECK(lines("output_otile0.txt") == 16);
  const std::string output = read_text(folder / "set/output_otile0.txt");
  CHECK(output.substr(output.find("#\n") + 2).find('\n') > 0);
  CHECK(listing(folder / "set").size() == 1 + 9 + 9 + 1 + 2);
}

TEST_CASE("system.cli_vectors.refused") {
  const TemporaryFolder folder;
  const fs::path set = folder / "set";
  check_refused(write_vectors(set, "lenet", "conv9", "npy"), "layer conv9: no such layer; there are conv1 pool1");
  check_refused(write_vectors(set, "lenet", "conv1", "clipq"), "layer 'conv1': weights: a ClipQ set says");
  check_refused(write_vectors(set, "lenet", "pool1", "array"), "layer 'pool1': kind: expected conv2d");
  check_refused(write_vectors(set, "lenet", "conv1", "vhdl"), "--format");
  check_refused(write_vectors(set, "none", "conv1", "npy"), "models/none: expected a network folder");
  check_refused(write_vectors(set, "lenet", "conv1", "array", {"--config", "9x99"}), "found 9x99");
  check_refused(write_vectors(set, "vgg16-w4a4", "conv1_2", "readmemh", {"--config", "4x4"}), "tile_channels");
  check_refused(write_vectors(set, "lenet", "conv1", "npy", {"--input", "none.png"}), "none.png");
  check_refused(write_vectors(set, "lenet", "conv1", "npy", {"--image", "-1"}), "--image");
  check_refused(write_vectors(set, "lenet", "conv1", "npy", {"--seed", "4294967296"}), "--seed");
  check_refused(write_vectors("/dev/null/set", "lenet", "conv1", "npy"), "/dev/null/set: cannot be written");
  CHECK(listing(folder.path()).empty());
  write_text(folder / "mine.txt", "mine");
  check_refused(write_vectors(folder.path(), "lenet", "conv1", "npy"), "expected a vector set to replace");
  CHECK(read_text(folder / "mine.txt") == "mine");
  const Finished full = run({"vectors", "models/lenet", "--layer", "conv1", "--format", "readmemh", "--output", set},
                            {.file_bytes = 5000});
  check_refused(full, "cannot be written");
  CHECK(listing(folder.path()).size() == 1);
}

/// 1,500 files: Ctrl-C comes before, between or after them.
TEST_CASE("system.cli_vectors.interrupted_leaves_nothing") {
  for (const int delay : {60, 120, 200}) {
    const TemporaryFolder folder;
    const Finished result =
        run({"vectors", "models/lenet", "--layer", "fc1", "--format", "array", "--output", folder / "set"},
            {.interrupt_after = std::chrono::milliseconds(delay)});
    CAPTURE(delay);
    CHECK((result.code == 0 || result.code == 130));
    if (result.code == 0) {
      CHECK_NOTHROW(check_reads_back(folder / "set", "array", {}));
    } else {
      CHECK(listing(folder.path()).empty());
    }
  }
}

// ---- The bench on other simulators

/// What a shell prints. Not limited in time, as run() is: compilers take what they need on a busy machine.
std::string shell(const fs::path& folder, const std::string& command) {
  const std::string line = fmt::format("cd '{}' && ({}) > log 2>&1", folder.string(), command);
  const int status = std::system(line.c_str());
  return status == 0 ? read_text(folder / "log") : fmt::format("status {}: {}", status, read_text(folder / "log"));
}

bool installed(const std::string& program) {
  return run({"-c", "command -v " + program}, {.program = "/bin/sh"}).code == 0;
}

struct Simulator {
  const char* name;
  std::string compile, simulate;
};

std::vector<Simulator> simulators() {
  const std::string rtl = fs::absolute("rtl").string() + "/*.v";
  // The commands of README.txt, but for what makes compiling fast.
  return {{"iverilog", "iverilog -g2005 -Wall -s bench -o bench.vvp bench.v " + rtl, "vvp -n bench.vvp"},
          {"verilator",
           "if command -v ccache; then export OBJCACHE=ccache CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1; fi > /dev/null;"
           "verilator --binary --timing -O0 --top-module bench -MAKEFLAGS 'OPT_FAST=-O0 OPT_SLOW=-O0 OPT_GLOBAL=-O0' "
           "bench.v " +
               rtl,
           "obj_dir/Vbench"}};
}

/// 3x3 convolution of 8 to 8 channels on a 3x4 map, on the 4x4 array: every weight and activation counts in a raw
/// output.
struct SmallLayer {
  op::Layer layer;
  op::Tensor input{3, 4, 8}, output;
  accel::Geometry geometry{.rows = 4, .cols = 4};

  SmallLayer() {
    Draw draw(5, "system.vectors", "small");
    layer.name = "small";
    layer.in_h = layer.out_h = 3;
    layer.in_w = layer.out_w = 4;
    layer.in_c = layer.out_c = 8;
    layer.tile_channels = 4;
    layer.window = {.kernel_h = 3, .kernel_w = 3, .pad_top = 1, .pad_left = 1};
    layer.weights.resize(8, 72);
    for (std::int32_t& weight : layer.weights.reshaped()) weight = draw.between(1, 127);
    for (std::int32_t& value : input.data.reshaped()) value = draw.between(1, 127);
    layer.bias = op::Vector::Constant(8, -100000);
    layer.out.raw = true;
    const op::Tensor* inputs[] = {&input};
    output = fast::run_layer(layer, inputs);
  }
  [[nodiscard]] vectors::MemorySet set() const {
    const op::Tensor* inputs[] = {&input};
    return vectors::make_memory_set(layer, geometry, inputs, output);
  }
};

const vectors::Origin kOrigin{.network = "small", .layer = "small", .input = "random"};

/// A set in a folder of its own, compiled.
class CompiledBench {
 public:
  CompiledBench(const Simulator& simulator, const vectors::MemorySet& set) : simulator_(simulator) {
    vectors::write_memory_set(set, kOrigin, folder_ / "set");
    const std::string log = shell(folder_ / "set", simulator.compile);
    REQUIRE_MESSAGE(!log.starts_with("status"), log);
    REQUIRE_MESSAGE((simulator.name != std::string("iverilog") || log.empty()), log);  // not a word under -Wall
  }

  [[nodiscard]] std::string run_bench(const std::string& arguments = "") const {
    return shell(folder_ / "set", simulator_.simulate + " " + arguments);
  }
  [[nodiscard]] fs::path file(const std::string& name) const { return folder_ / ("set/" + name); }

  /// The bench's verdict while `name` holds `text`.
  std::string run_with(const std::string& name, const std::string& text) {
    const std::string kept = read_text(file(name));
    write_text(file(name), text);
    std::string verdict = run_bench();
    write_text(file(name), kept);
    return verdict;
  }
  /// ... while digit `digit` (0: least significant) of word `word` has its lowest bit flipped.
  std::string run_flipped(const std::string& name, std::size_t word, std::size_t digit) {
    std::string text = read_text(file(name));
    const std::size_t line = text.find('\n') + 1;
    char& c = text.at(word * line + line - 2 - digit);
    c = "1032547698BADCFE"[std::string("0123456789ABCDEF").find(c)];
    return run_with(name, text);
  }
  [[nodiscard]] std::size_t words(const std::string& name) const {
    return static_cast<std::size_t>(std::ranges::count(read_text(file(name)), '\n'));
  }

 private:
  TemporaryFolder folder_;
  Simulator simulator_;
};

void check_verdict(const std::string& log, const std::string& verdict) {
  CAPTURE(log);
  CHECK(log.find(verdict) != std::string::npos);
  CHECK((log.find("PASS") == std::string::npos) == (verdict.find("PASS") == std::string::npos));
  CHECK(log.starts_with("status") == (log.find("PASS") == std::string::npos));  // the exit code says the same
}

void check_passes(const CompiledBench& bench, std::size_t words) {
  const std::string verdict = fmt::format("PASS {} words compared", words);
  for (const char* stall : {"none", "in", "out", "both"}) {
    CAPTURE(stall);
    check_verdict(bench.run_bench(fmt::format("+stall={} +seed=7", stall)), verdict);
  }
  check_verdict(bench.run_bench(), verdict);
  check_verdict(bench.run_bench("+stall=sometimes"), "FAIL +stall=");
}

/// Every `step`-th word of a file flipped, each in another digit.
void check_flips(CompiledBench& bench, const std::string& name, std::size_t step, bool any_digit) {
  const std::size_t digits = read_text(bench.file(name)).find('\n');
  for (std::size_t word = 0; word < bench.words(name); word += step) {
    CAPTURE(name);
    CAPTURE(word);
    const std::string log = bench.run_flipped(name, word, any_digit ? word % digits : 0);
    check_verdict(log, any_digit ? fmt::format("FAIL {} word {}: expected", name, word) : "FAIL");
  }
}

void check_file_faults(CompiledBench& bench, const std::string& name) {
  CAPTURE(name);
  const std::string text = read_text(bench.file(name));
  const std::size_t line = text.find('\n') + 1;
  const std::string fault = "FAIL " + name + " word ";
  check_verdict(bench.run_with(name, text.substr(0, text.size() - line)), fault);  // one word short
  check_verdict(bench.run_with(name, text + text.substr(0, line)), fault);         // one more
  check_verdict(bench.run_with(name, text.substr(0, line) + text), fault);         // the first one twice
  check_verdict(bench.run_with(name, ""), fault);
  fs::rename(bench.file(name), bench.file("away"));
  check_verdict(bench.run_bench(), "FAIL " + name + ": cannot be opened");
  fs::rename(bench.file("away"), bench.file(name));
}

void check_simulator(const Simulator& simulator, std::size_t out_step, std::size_t in_step) {
  if (!installed(simulator.name)) {
    MESSAGE("skipped: ", simulator.name, " is not installed");
    return;
  }
  CompiledBench bench(simulator, SmallLayer().set());
  check_passes(bench, 24);
  check_flips(bench, "out.hex", out_step, true);
  check_flips(bench, "act.hex", in_step, false);
  check_flips(bench, "wgt.hex", in_step, false);
  check_verdict(bench.run_flipped("cfg.hex", 0, 4), "FAIL");  // out_h
  check_verdict(bench.run_flipped("cfg.hex", 3, 0), "FAIL");  // bias of channel 0
  for (const char* name : {"cfg.hex", "wgt.hex", "act.hex", "out.hex"}) check_file_faults(bench, name);
  check_verdict(bench.run_bench("+stall=both"), "PASS");  // the files are whole again
}

TEST_CASE("system.vectors.bench.icarus") { check_simulator(simulators()[0], 9, 37); }
TEST_CASE("system.vectors.bench.verilator") { check_simulator(simulators()[1], 1, 7); }

TEST_CASE("system.vectors.bench.x_never_passes") {
  if (!installed("iverilog")) return;
  CompiledBench bench(simulators()[0], SmallLayer().set());
  for (const char* name : {"cfg.hex", "wgt.hex", "act.hex", "out.hex"}) {
    CAPTURE(name);
    std::string text = read_text(bench.file(name));
    text[text.find('\n') - 1] = 'x';
    check_verdict(bench.run_with(name, text), fmt::format("FAIL {} word 0", name));
  }
}

/// A bench made for one word more or less than the design sends, and for weights that are never taken.
TEST_CASE("system.vectors.bench.counts_words") {
  if (!installed("iverilog")) return;
  const vectors::MemorySet good = SmallLayer().set();
  vectors::MemorySet fewer = good, more = good, left = good;
  fewer.out.resize(good.out.size() - 1);
  check_verdict(CompiledBench(simulators()[0], fewer).run_bench(), "FAIL out.hex word 23: expected 23 words, got");
  more.out.resize(good.out.size() + 1);
  check_verdict(CompiledBench(simulators()[0], more).run_bench(), "out.hex 24 of 25 received");
  left.wgt.resize(good.wgt.size() + 3);  // the weight FIFO holds two
  check_verdict(CompiledBench(simulators()[0], left).run_bench(), "FAIL no beat for");
}

/// All commands of a layer that has several: a concatenation of 3 and 5 channels.
TEST_CASE("system.vectors.bench.several_commands") {
  if (!installed("iverilog")) return;
  Draw draw(6, "system.vectors", "concat");
  op::Layer layer;
  layer.name = "join";
  layer.kind = op::Kind::concat;
  layer.in_h = layer.in_w = layer.out_h = layer.out_w = 3;
  layer.in_c = 3;
  layer.out_c = 8;
  layer.concat = {{3}, {5}};
  const std::vector<op::Tensor> inputs = random_inputs(layer, draw);
  const op::Tensor* pointers[] = {&inputs[0], &inputs[1]};
  const vectors::MemorySet set =
      vectors::make_memory_set(layer, {.rows = 4, .cols = 4}, pointers, fast::run_layer(layer, pointers));
  CompiledBench bench(simulators()[0], set);
  check_passes(bench, 27);
  check_flips(bench, "out.hex", 8, true);
}

}  // namespace
}  // namespace systole::test
