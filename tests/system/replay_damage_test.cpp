// SPDX-License-Identifier: Apache-2.0
// Every file of every kind of set that `systole vectors` writes, damaged in every way that files are damaged: a replay
// tells it, or what it passes is proved to be the same set or one that agrees with itself.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "cli/replay_command.h"
#include "cli/vectors_command.h"
#include "golden/fast/op.h"
#include "tests/support/random_layer.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/model/bad_input.h"
#include "vectors/array/array_set.h"
#include "vectors/array/array_writer.h"
#include "vectors/clipq/clipq_fit.h"
#include "vectors/npy/tensor_layer.h"

namespace systole::test {
namespace {

namespace fs = std::filesystem;
using vectors::ClipqPacking;

struct Finished {
  int code = 0;      ///< as the program's, 2 where it refuses its input
  std::string said;  ///< standard output, then the refusal
};

/// Runs a command of `systole` in this process: a new one costs more than most replays of these sets.
Finished run(cli::Command (*add)(CLI::App&), std::vector<std::string> arguments) {
  CLI::App program;
  const cli::Command command = add(program);
  std::ranges::reverse(arguments);  // as CLI11 takes them
  program.parse(arguments);
  const TemporaryFolder folder;
  std::fflush(stdout);
  const int terminal = ::dup(STDOUT_FILENO);
  const int file = ::open((folder / "out").c_str(), O_WRONLY | O_CREAT, 0600);
  REQUIRE(::dup2(file, STDOUT_FILENO) >= 0);
  Finished result;
  const std::string refused = refusal([&] { result.code = command(); });
  std::fflush(stdout);
  REQUIRE(::dup2(terminal, STDOUT_FILENO) >= 0);
  ::close(file);
  ::close(terminal);
  if (!refused.empty()) result.code = 2;
  result.said = read_text(folder / "out") + refused;
  return result;
}

Finished replay(const fs::path& set) {
  return run(cli::add_replay_command, {"replay", set.string(), "--check", "pins"});
}

enum class Damage {
  word_bit,           ///< one bit of a digit, which stays one
  raw_bit,            ///< one bit of the file
  character_removed,  ///< from inside
  character_added,    ///< a copy of its neighbour
  end_cut,            ///< the last character before the line's end; the last byte of a binary file
  emptied,
  removed,
  line_cut,  ///< the last one; from here on of text only
  line_doubled,
  crlf
};
constexpr std::array kDamages{Damage::word_bit,     Damage::raw_bit, Damage::character_removed, Damage::character_added,
                              Damage::end_cut,      Damage::emptied, Damage::removed,           Damage::line_cut,
                              Damage::line_doubled, Damage::crlf};

std::string_view to_string(Damage damage) {
  constexpr std::array<std::string_view, kDamages.size()> kNames{
      "word_bit", "raw_bit", "character_removed", "character_added", "end_cut",
      "emptied",  "removed", "line_cut",          "line_doubled",    "crlf"};
  return kNames.at(static_cast<std::size_t>(damage));
}

bool is_text(const std::string& file) { return !file.ends_with(".npy"); }
bool has_words(const std::string& file) {
  return file.ends_with(".hex") || (file.ends_with(".txt") && file != "README.txt");
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// What a reader goes by: the words, without headers and line ends, hexadecimal ones without zeros in front.
std::vector<std::string> words_of(const std::string& file, const std::string& text) {
  std::vector<std::string> words;
  for (std::string line : lines_of(text)) {
    if (line.ends_with('\r')) line.pop_back();
    if (file.ends_with(".hex")) line.erase(0, line.find_first_not_of('0'));
    if (!line.starts_with('#')) words.push_back(line);
  }
  return words;
}

std::size_t pick(Draw& draw, std::size_t count) {
  return static_cast<std::size_t>(draw.between(0, static_cast<int>(count) - 1));
}

/// Place of a random digit of a word; of a manifest, of a number in its shape.
std::size_t pick_digit(const std::string& file, const std::string& text, Draw& draw) {
  constexpr std::string_view kDecimal = "0123456789", kHex = "0123456789ABCDEF";
  const bool manifest = file == "manifest.json";
  std::size_t first = manifest ? text.find("\"shape\"") : 0;
  const std::size_t end = manifest ? text.find("\"files\"") : text.size();
  while (text[first] == '#') first = text.find('\n', first) + 1;
  std::size_t at = first;
  do {
    at = first + pick(draw, end - first);
  } while ((manifest ? kDecimal : kHex).find(text[at]) == std::string_view::npos);
  return at;
}

/// Another digit with one bit of its value changed: binary or, of files of that kind, hexadecimal.
char flipped(char digit, bool hex, Draw& draw) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  return kDigits.at(kDigits.find(digit) ^ (std::size_t{1} << (hex ? pick(draw, 4) : 0)));
}

std::string crlf(const std::string& text) {
  std::string result;
  for (const char c : text) result += c == '\n' ? "\r\n" : std::string(1, c);
  return result;
}

std::string with_line_doubled(const std::string& text, Draw& draw) {
  std::vector<std::string> lines = lines_of(text);
  const std::size_t first =
      static_cast<std::size_t>(std::ranges::count(text, '#') > 0 ? 3 : 0);  // headers carry nothing
  const std::size_t at = first + pick(draw, lines.size() - first);
  lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(at), lines[at]);
  std::string result;
  for (const std::string& line : lines) result += line + "\n";
  return result;
}

std::string damaged(const std::string& file, const std::string& text, Damage damage, Draw& draw) {
  std::string result = text;
  const bool digits = has_words(file) || file == "manifest.json";
  const std::size_t at = digits ? pick_digit(file, text, draw) : pick(draw, text.size() - 1);
  switch (damage) {
    case Damage::word_bit:
      result[at] = flipped(text[at], file.ends_with(".hex"), draw);
      break;
    case Damage::raw_bit: {
      char& byte = result[pick(draw, text.size())];
      byte = static_cast<char>(byte ^ (1 << draw.between(0, 7)));
      break;
    }
    case Damage::character_removed:
      result.erase(at, 1);
      break;
    case Damage::character_added:
      result.insert(at, 1, text[at]);
      break;
    case Damage::end_cut:
      result.erase(text.size() - (is_text(file) ? 2 : 1), 1);
      break;
    case Damage::line_cut:
      result.erase(text.rfind('\n', text.size() - 2) + 1);
      break;
    case Damage::line_doubled:
      return with_line_doubled(text, draw);
    case Damage::crlf:
      return crlf(text);
    case Damage::emptied:
    case Damage::removed:
      return {};
  }
  return result;
}

/// A set in a folder, and what is known of it.
struct Kind {
  std::string format;
  bool needs_manifest = false;
  bool (*agrees)(const fs::path&) = nullptr;  ///< the golden's word on a set that was changed; throws InputError
};

op::Tensor random_map(int height, int width, int channels, Draw& draw) {
  op::Tensor map(height, width, channels);
  for (std::int32_t& value : map.data.reshaped()) value = draw.between(-128, 127);
  return map;
}

/// 3 -> 3 channels, 2x2 kernel on a 3x3 map: one tile, whose fourth row and column are unused.
void write_array(const fs::path& folder) {
  Draw draw(1, "replay_damage", "array");
  op::Layer layer;
  layer.name = "conv";
  layer.in_h = layer.in_w = layer.in_c = layer.out_c = 3;
  layer.window.kernel_h = layer.window.kernel_w = layer.out_h = layer.out_w = 2;
  layer.weights = random_map(1, 3, 12, draw).data;
  vectors::write_array_set(vectors::make_array_set(layer, random_map(3, 3, 3, draw), 4, 4), {}, folder);
}

bool array_agrees(const fs::path& folder) {
  const vectors::ArrayFiles files = vectors::read_array_files(folder);
  const vectors::ArrayShape shape{.rows = 4,
                                  .cols = 4,
                                  .kernel_h = 2,
                                  .kernel_w = 2,
                                  .padded_h = 3,
                                  .padded_w = 3,
                                  .out_h = 2,
                                  .out_w = 2,
                                  .relu = false,
                                  .activation = {8, true},
                                  .weight = {8, true},
                                  .psum = {32, true}};
  const vectors::ArrayLayout layout = vectors::array_layouts(files, shape).front();
  const vectors::ArraySet set = vectors::decode(files, layout);
  const vectors::ArrayValues golden = vectors::array_golden(set, layout);
  return golden.psum == set.psum && golden.output == set.output;
}

/// 3 -> 2 channels, 3x3 on a 3x3 map. Outputs reach both bounds, so each of them shows.
void write_clipq(const fs::path& folder, ClipqPacking packing) {
  Draw draw(1, "replay_damage", "clipq");
  vectors::ClipqSet set;
  set.input = random_map(3, 3, 3, draw);
  set.codebook = {-100, -50, 0, 90};
  set.codes.resize(2, Eigen::Index{9} * 3);
  for (std::int32_t& code : set.codes.reshaped()) code = draw.between(0, 3);
  set.bias.resize(2);
  set.bias << 1000, -2000;
  const op::Layer layer = vectors::clipq_layer(set, {});
  const op::Tensor* const input = &set.input;
  const op::Tensor output = fast::run_layer(layer, {&input, 1});
  REQUIRE(output.data.minCoeff() == -128);
  REQUIRE(output.data.maxCoeff() == 127);
  vectors::write_clipq_set(vectors::make_clipq_set(layer, set.input, output), packing, layer, {}, folder);
}

template <ClipqPacking packing>
bool clipq_agrees(const fs::path& folder) {
  const vectors::ClipqSet set = vectors::read_clipq_set(folder, packing, false);
  const op::Tensor* const input = &set.input;
  return fast::run_layer(vectors::clipq_layer(set, {}), {&input, 1}) == set.output;
}

/// Of an npy set, whose manifest holds the layer.
bool tensors_agree(const fs::path& folder) {
  vectors::Manifest manifest = vectors::read_manifest(folder, vectors::kTensorFormat);
  const vectors::TensorLayer set = vectors::layer_of(folder, manifest, vectors::read_tensor_set(folder));
  const op::Tensor* const input = &set.inputs.front();
  op::Layer raw = set.layer;
  raw.out.raw = true;
  return fast::run_layer(set.layer, {&input, 1}) == set.output && fast::run_layer(raw, {&input, 1}) == set.psum;
}

/// Keys of a manifest that say where a set is from or what it is like, and change no value.
bool is_description(const std::string& path) {
  return path.starts_with("/origin/") || path.ends_with("/layout") || path == "/shape/layer/name" ||
         path == "/shape/layer/tile_channels" || path == "/shape/quiet_cycles";
}

/// A manifest that says the same of every value.
bool same_manifest(const std::string& text, const std::string& original) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (json.is_discarded()) return false;
  const auto changes = nlohmann::json::diff(nlohmann::json::parse(original), json);
  return std::ranges::all_of(changes, [](const nlohmann::json& change) {
    return change["op"] == "replace" && is_description(change["path"].get<std::string>());
  });
}

/// One damage to one file of a set, from writing it to the verdict.
struct Trial {
  const Kind& kind;
  fs::path folder;
  std::string file;
  Damage damage;
  bool manifest;
  std::string original, text;  ///< the file's, before and after

  /// A set goes on without these: psums and outputs, and activations as long as there are psums and outputs to add up.
  [[nodiscard]] bool may_be_missing() const {
    if (file == "manifest.json") return !kind.needs_manifest;
    if (manifest) return file == "README.txt";
    return file == "Out8.hex" || file == "README.txt" || (kind.format == "array" && !file.starts_with("weight"));
  }

  /// True where the set is one that a replay passes.
  [[nodiscard]] bool sound() const {
    if (damage == Damage::removed) return may_be_missing();
    if (file == "README.txt") return true;
    const bool bit = damage == Damage::word_bit || damage == Damage::raw_bit;
    const bool digit =
        bit || damage == Damage::character_removed || damage == Damage::character_added || damage == Damage::end_cut;
    if (file == "manifest.json") {
      if (damage == Damage::line_doubled) return false;
      if (same_manifest(text, original)) return true;
      return bit && kind.format == "npy" && agrees();  // it holds the layer
    }
    if (text == original) return true;
    if (manifest) return false;
    return words_of(file, text) == words_of(file, original) || (digit && agrees());
  }

  [[nodiscard]] bool agrees() const {
    bool agree = false;
    const std::string refused = refusal([&] { agree = kind.agrees(folder); });
    return refused.empty() && agree;
  }

  /// Gives back the exit code.
  int check() const {
    const Finished result = replay(folder);
    const std::string& said = result.said;
    CAPTURE(kind.format);
    CAPTURE(file);
    CAPTURE(to_string(damage));
    CAPTURE(manifest);
    CAPTURE(said);
    if (sound()) {
      const bool partial = damage == Damage::removed && has_words(file);
      const bool compared = said.find("\nno value of a file was compared") == std::string::npos;
      CHECK((compared || partial));
      CHECK(result.code == (compared ? 0 : 4));
      CHECK(mentions(said, "not checked: ") == partial);
      return result.code;
    }
    CHECK((result.code == 1 || result.code == 2));
    const bool disagreement = result.code == 1 && !manifest;  // seen in the values, maybe of another file
    CHECK(mentions(said, disagreement ? " line " : file));
    const bool has_line = result.code == 2 && has_words(file) && damage != Damage::removed && damage != Damage::emptied;
    if (has_line) CHECK(mentions(said, ": line "));
    if (damage == Damage::crlf) CHECK((result.code == 1 && mentions(said, ", 0 differ\n")));
    return result.code;
  }
};

int check_damage(const Kind& kind, const fs::path& folder, const std::string& file, Damage damage, bool manifest,
                 Draw& draw) {
  const std::string original = read_text(folder / file);
  const std::string text = damaged(file, original, damage, draw);
  write_text(folder / file, text);
  if (damage == Damage::removed) fs::remove(folder / file);
  const int code = Trial{kind, folder, file, damage, manifest, original, text}.check();
  write_text(folder / file, original);
  return code;
}

void check_files(const Kind& kind, const fs::path& folder, bool manifest) {
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path().filename().string());
  std::ranges::sort(files);
  REQUIRE(replay(folder).code == 0);
  std::array<int, 5> codes{};  // by exit code
  for (const std::string& file : files) {
    for (const Damage damage : kDamages) {
      if (damage >= Damage::line_cut && !is_text(file)) continue;
      if (damage == Damage::word_bit && !has_words(file) && file != "manifest.json") continue;
      const bool by_chance = damage == Damage::word_bit || damage == Damage::raw_bit;
      for (std::uint64_t seed = 0; seed < (by_chance ? 4 : 1); ++seed) {
        Draw draw(seed, file, to_string(damage));
        CAPTURE(seed);
        ++codes.at(static_cast<std::size_t>(check_damage(kind, folder, file, damage, manifest, draw)));
      }
    }
  }
  for (const std::size_t code : {0U, 1U, 2U}) CHECK(codes[code] > 0);  // each verdict was put to the test
}

/// With the manifest, then, where a set may come without, without.
void check_kind(const Kind& kind, const fs::path& folder) {
  check_files(kind, folder, true);
  if (kind.needs_manifest) return;
  fs::remove(folder / "manifest.json");
  fs::remove(folder / "README.txt");
  check_files(kind, folder, false);
}

TEST_CASE("system.replay.damage.array") {
  const TemporaryFolder folder;
  write_array(folder / "set");
  REQUIRE(array_agrees(folder / "set"));
  check_kind({.format = "array", .agrees = array_agrees}, folder / "set");
}

TEST_CASE("system.replay.damage.clipq") {
  const TemporaryFolder folder;
  write_clipq(folder / "set", ClipqPacking::plain);
  REQUIRE(clipq_agrees<ClipqPacking::plain>(folder / "set"));
  check_kind({.format = "clipq", .agrees = clipq_agrees<ClipqPacking::plain>}, folder / "set");
}

TEST_CASE("system.replay.damage.clipq_packed") {
  const TemporaryFolder folder;
  write_clipq(folder / "set", ClipqPacking::packed);
  REQUIRE(clipq_agrees<ClipqPacking::packed>(folder / "set"));
  check_kind({.format = "clipq-packed", .agrees = clipq_agrees<ClipqPacking::packed>}, folder / "set");
}

void check_written(const std::string& format) {
  const TemporaryFolder folder;
  const std::string set = folder / "set";
  REQUIRE(
      run(cli::add_vectors_command, {"vectors", "models/lenet", "--layer", "fc3", "--format", format, "--output", set})
          .code == 0);
  check_kind({.format = format, .needs_manifest = true, .agrees = tensors_agree}, set);
}

TEST_CASE("system.replay.damage.readmemh") { check_written("readmemh"); }
TEST_CASE("system.replay.damage.npy") { check_written("npy"); }

}  // namespace
}  // namespace systole::test
