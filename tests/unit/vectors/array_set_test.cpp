// SPDX-License-Identifier: Apache-2.0
// Array sets of any team: what they are taken for, and that no damaged file passes.
#include "vectors/array/array_set.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "tests/support/foreign_array_set.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/model/bad_input.h"

namespace systole {
namespace {

namespace fs = std::filesystem;
using test::Draw;
using test::ForeignStyle;
using test::Names;
using test::TemporaryFolder;
using test::write_foreign_set;

vectors::ArrayFit best_fit(const fs::path& folder) {
  const vectors::ArrayFiles files = vectors::read_array_files(folder);
  return vectors::fit_layouts(files, vectors::array_layouts(files)).front();
}

/// The layout that a style means.
vectors::ArrayLayout layout_of(const ForeignStyle& s) {
  vectors::ArrayLayout layout;
  layout.shape = {.rows = s.rows,
                  .cols = s.cols,
                  .ic_tiles = s.ic_tiles,
                  .oc_tiles = s.oc_tiles,
                  .kernel_h = s.kernel,
                  .kernel_w = s.kernel,
                  .padded_h = s.padded_h,
                  .padded_w = s.padded_w,
                  .out_h = s.padded_h - s.kernel + 1,
                  .out_w = s.padded_w - s.kernel + 1,
                  .relu = s.relu,
                  .activation = {s.act_bits, false},
                  .weight = {s.wgt_bits, true},
                  .psum = {s.psum_bits, true}};
  layout.output = layout.shape.psum;
  layout.transposed = s.transposed;
  layout.two_lines = s.two_lines;
  layout.odd_first = s.odd_first;
  layout.outputs_low_first = s.outputs_low_first;
  if (s.outputs_in_one) {
    layout.output_tiles = s.tiles_below      ? vectors::OutputTiles::below
                          : s.tiles_reversed ? vectors::OutputTiles::reversed
                                             : vectors::OutputTiles::beside;
  }
  layout.pool = {.average = s.pool_average, .size = s.pool};
  return layout;
}

void check_recognised(const ForeignStyle& style, std::uint64_t seed) {
  const TemporaryFolder folder;
  Draw draw(seed, "array_set", "operands");
  write_foreign_set(folder.path(), style, draw);
  CAPTURE(to_string(style));
  const vectors::ArrayFit fit = best_fit(folder.path());
  CHECK(fit.missed() == 0);
  CHECK(fit.compared() > 0);
  CHECK_MESSAGE(fit.layout == layout_of(style), to_string(fit.layout));
}

TEST_CASE("vectors.array_set.recognises_each_habit") {
  std::vector<ForeignStyle> styles{{},
                                   {.headers = false},
                                   {.blank_lines = true},
                                   {.crlf = true},
                                   {.last_line_end = false},
                                   {.names = Names::kij},
                                   {.names = Names::underscore},
                                   {.names = Names::bare},
                                   {.transposed = true},
                                   {.relu = false},
                                   {.names = Names::bare, .psum_in_one = true},
                                   {.rows = 16},
                                   {.rows = 16, .cols = 16},
                                   {.transposed = true, .rows = 16},
                                   {.act_bits = 8, .wgt_bits = 8, .psum_bits = 32},
                                   {.act_bits = 8},
                                   {.padded_h = 18, .padded_w = 18},
                                   {.padded_h = 5, .padded_w = 9},
                                   {.ic_tiles = 2, .oc_tiles = 3},
                                   {.kernel = 1},
                                   {.kernel = 5},
                                   {.names = Names::bare, .psum_in_one = true, .psum_in_lines = true},
                                   {.two_lines = true},
                                   {.two_lines = true, .odd_first = true},
                                   {.two_lines = true, .odd_first = true, .rows = 16},
                                   {.outputs_low_first = true},
                                   {.outputs_low_first = true, .psums = false},
                                   {.outputs_in_one = true, .oc_tiles = 2},
                                   {.outputs_low_first = true, .outputs_in_one = true, .psums = false, .oc_tiles = 3},
                                   {.outputs_in_one = true, .tiles_reversed = true, .oc_tiles = 2},
                                   {.outputs_in_one = true, .tiles_below = true, .psums = false, .oc_tiles = 3},
                                   {.pool = 2},
                                   {.pool = 2, .pool_average = true, .psums = false},
                                   {.pool = 4, .psums = false},
                                   {.relu = false, .pool = 2},
                                   {.outputs_in_one = true, .tiles_below = true, .pool = 2, .oc_tiles = 2},
                                   {.names = Names::underscore, .suffix = "_16"},
                                   {.names = Names::bare, .psum_in_one = true, .suffix = "_16"},
                                   {.suffix = "_16", .ic_tiles = 2, .oc_tiles = 2},
                                   {.plain_headers = true},
                                   {.names = Names::underscore, .first_kij = 1},
                                   {.names = Names::ours, .bin = true},
                                   {.names = Names::kij, .folders = true}};
  std::uint64_t seed = 0;
  for (const ForeignStyle& style : styles) check_recognised(style, seed++);
}

TEST_CASE("vectors.array_set.recognises_random_combinations") {
  Draw draw(7, "array_set", "styles");
  for (std::uint64_t seed = 0; seed < 40; ++seed) check_recognised(test::random_style(draw), seed);
}

void check_stationary(const ForeignStyle& style, int steps, bool named, std::uint64_t seed) {
  const TemporaryFolder folder;
  Draw draw(seed, "array_set", "stationary");
  test::write_stationary_set(folder.path(), style, steps, named, draw);
  CAPTURE(seed);
  const vectors::ArrayFit fit = best_fit(folder.path());
  const vectors::ArrayLayout& found = fit.layout;
  CHECK_MESSAGE(found.output_stationary, to_string(found));
  CHECK(found.shape.rows == style.rows);
  CHECK(found.shape.cols == style.cols);
  CHECK(found.shape.out_w == style.rows * style.ic_tiles);
  CHECK(found.shape.relu == style.relu);
  CHECK(found.outputs_low_first == style.outputs_low_first);
  CHECK(fit.compared() == static_cast<std::uint64_t>(style.rows * style.ic_tiles * style.cols));
  CHECK(fit.missed() == 0);
}

TEST_CASE("vectors.array_set.recognises_output_stationary_schedules") {
  check_stationary({}, 72, true, 0);
  check_stationary({.ic_tiles = 2}, 72, false, 1);
  check_stationary({.relu = false, .outputs_low_first = true, .ic_tiles = 2}, 27, true, 2);
  check_stationary({.rows = 4, .cols = 16, .act_bits = 8, .wgt_bits = 8, .psum_bits = 32}, 50, false, 3);
}

TEST_CASE("vectors.array_set.two_schedules_in_one_folder") {
  const TemporaryFolder folder;
  Draw draw(4, "array_set", "schedules");
  write_foreign_set(folder.path(), {.names = Names::underscore}, draw);
  test::write_stationary_set(folder.path(), {}, 72, true, draw);
  const vectors::ArrayFiles files = vectors::read_array_files(folder.path());
  CHECK(files.other_schedule == std::vector<std::string>{"activation_os.txt", "output_os.txt", "weight_os.txt"});
  const vectors::ArrayFit fit = vectors::fit_layouts(files, vectors::array_layouts(files)).front();
  CHECK_FALSE(fit.layout.output_stationary);
  CHECK(fit.missed() == 0);
  const vectors::ArrayFiles other = vectors::read_array_files(folder.path(), {.output_stationary = true});
  CHECK(other.other_schedule.size() == 20);
  const vectors::ArrayFit stationary = vectors::fit_layouts(other, vectors::array_layouts(other)).front();
  CHECK(stationary.layout.output_stationary);
  CHECK(stationary.missed() == 0);
}

TEST_CASE("vectors.array_set.layout_by_name") {
  const TemporaryFolder folder;
  Draw draw(3, "array_set", "by name");
  write_foreign_set(folder.path(), {.transposed = true}, draw);
  const vectors::ArrayFiles files = vectors::read_array_files(folder.path());
  const std::vector<vectors::ArrayLayout> all = vectors::array_layouts(files);
  const vectors::FileKinds kinds = vectors::kinds_of(files);
  for (const vectors::ArrayLayout& layout : all) {
    const std::string name = fmt::format("{}", fmt::join(layout_words(layout, kinds), ","));
    CHECK_MESSAGE(vectors::named_layouts(all, name, kinds) == std::vector<vectors::ArrayLayout>{layout}, name);
  }
  const auto some = vectors::named_layouts(all, "no-relu,output-channel-a-line", kinds);
  CHECK(some.size() > 1);
  CHECK(some.size() < all.size());
  const auto refusal = [&](const char* name) {
    return test::refusal([&] { (void)vectors::named_layouts(all, name, kinds); });
  };
  CHECK(test::mentions(refusal("transposed"), "these files have no 'transposed'; expected words of: 16x4,"));
  CHECK(test::mentions(refusal("relu,no-relu"), "no layout of these files has all of these"));
}

/// Column 7 - c has the weights of column c, but for one, which one output sees. So the order of the columns shows in
/// two outputs alone.
TEST_CASE("vectors.array_set.near_ties_are_reported") {
  const TemporaryFolder folder;
  Draw draw(2, "array_set", "ties");
  const ForeignStyle style{.names = Names::underscore, .headers = false, .relu = false, .psums = false};
  write_foreign_set(folder.path(), style, draw);
  constexpr std::size_t kLine = 33;  // eight fields of four bits
  std::string activation = test::read_text(folder / "activation.txt");
  for (std::size_t pixel = 0; pixel < 36; ++pixel)
    activation.replace(pixel * kLine + 28, 4, pixel == 14 ? "0101" : "0000");
  test::write_text(folder / "activation.txt", activation);
  const auto mirror = [&](bool exact) {
    for (int kij = 0; kij < 9; ++kij) {
      const fs::path file = folder / fmt::format("weight_{}.txt", kij);
      std::string text = test::read_text(file);
      for (std::size_t c = 0; c < 4; ++c) text.replace((7 - c) * kLine, kLine, text.substr(c * kLine, kLine));
      if (!exact && kij == 4) text[31] = text[31] == '0' ? '1' : '0';
      test::write_text(file, text);
    }
    // The outputs of what the files now hold.
    const vectors::ArrayFiles files = vectors::read_array_files(folder.path());
    const vectors::ArrayLayout layout = layout_of(style);
    const vectors::ArrayValues golden = array_golden(vectors::decode(files, layout), layout);
    std::string text;
    for (Eigen::Index o = 0; o < 16; ++o) text += vectors::array_word(golden.output[0], o, layout.output) + "\n";
    test::write_text(folder / "out.txt", text);
  };
  const auto ties = [&] {
    const vectors::ArrayFiles files = vectors::read_array_files(folder.path());
    return vectors::near_ties(files, vectors::fit_layouts(files, vectors::array_layouts(files)));
  };
  mirror(true);
  CHECK(ties().empty());  // both orders read the same numbers
  mirror(false);
  const std::vector<vectors::ArrayFit> near = ties();
  REQUIRE(near.size() == 1);
  CHECK(near[0].layout.outputs_low_first);
  CHECK(near[0].missed() == 2);
}

TEST_CASE("vectors.array_set.evidence.zeros_and_signs_count_for_nothing") {
  CHECK(vectors::significant_bits(0) == 0);
  CHECK(vectors::significant_bits(-1) == 0);
  CHECK(vectors::significant_bits(5) == 3);
  CHECK(vectors::significant_bits(-6) == 3);
  CHECK(vectors::significant_bits(std::numeric_limits<std::int32_t>::min()) == 31);
  op::Matrix file(1, 4), other(1, 4);
  file << 0, 5, -8, -1;
  other << 0, 5, 0, 16;
  const auto nowhere = [](Eigen::Index, Eigen::Index) { return vectors::ElementPlace{}; };
  const vectors::Comparison found = vectors::compare(file, other, "golden", nowhere, -8);
  CHECK(found.matched_bits == 3);
  CHECK(found.missed_bits == 3 + 5);
  CHECK(found.negative_zeros == 1);
}

TEST_CASE("vectors.array_set.what_was_taken_of_every_file") {
  const TemporaryFolder folder;
  Draw draw(1, "array_set", "reading");
  write_foreign_set(folder.path(), {.names = Names::underscore, .pool = 2, .first_kij = 1}, draw);
  const vectors::ArrayFiles files = vectors::read_array_files(folder.path());
  CHECK(vectors::reading(files, best_fit(folder.path()).layout) ==
        std::vector<std::string>{
            "activation.txt: activations; 36 words of 32 characters, a pixel of the padded 6x6 map a word, 8 fields of "
            "4 bits, unsigned, row 0 rightmost",
            "weight_1.txt .. weight_9.txt (9 files): weights, kij 0 .. 8; 8 words of 32 characters for each, an "
            "output channel a word, 8 fields of 4 bits, signed, row 0 rightmost",
            "psum_1.txt .. psum_9.txt (9 files): psums, kij 0 .. 8; 36 words of 128 characters for each, a padded "
            "pixel a "
            "word, 8 fields of 16 bits, signed, column 0 rightmost",
            "out.txt: outputs; 4 words of 128 characters, an output pixel a word (2x2, maximum of 2x2), 8 fields of 16 "
            "bits, signed, column 0 rightmost, after ReLU"});
}

TEST_CASE("vectors.array_set.says_how_much_each_layout_missed") {
  const TemporaryFolder folder;
  Draw draw(1, "array_set", "operands");
  write_foreign_set(folder.path(), {.transposed = true}, draw);
  const vectors::ArrayFiles files = vectors::read_array_files(folder.path());
  for (const vectors::ArrayFit& fit : vectors::fit_layouts(files, vectors::array_layouts(files))) {
    CHECK(fit.compared() >= 9 * 36 * 8 / 2);
    if (fit.layout.transposed && !fit.layout.shape.activation.is_signed && fit.layout.shape.cols == 8) continue;
    CHECK_MESSAGE(fit.missed() > fit.compared() / 10, to_string(fit.layout));
  }
}

std::vector<fs::path> files_of(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<std::string> lines_of(const fs::path& file) {
  std::vector<std::string> lines;
  std::string line;
  for (const char c : test::read_text(file)) {
    line += c;
    if (c != '\n') continue;
    lines.push_back(line);
    line.clear();
  }
  if (!line.empty()) lines.push_back(line);
  return lines;
}

void write_lines(const fs::path& file, const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line;
  test::write_text(file, text);
}

/// What a reader says of the set: a refusal, or the first value that disagrees; empty where all is well.
std::string verdict(const fs::path& folder) {
  std::string found;
  const std::string refused = test::refusal([&] {
    const vectors::ArrayFiles files = vectors::read_array_files(folder);
    const vectors::ArrayLayout layout = vectors::fit_layouts(files, vectors::array_layouts(files)).front().layout;
    const vectors::ArraySet set = vectors::decode(files, layout);
    const vectors::ArrayValues golden = vectors::array_golden(set, layout);
    vectors::Comparison total = vectors::compare_psums(files, set, golden, "golden");
    total.add(vectors::compare_outputs(files, set, layout, golden, "golden"));
    found = total.first;
  });
  return refused.empty() ? found : refused;
}

/// Every kind of damage to every file of a set must be told with the file and a line.
void check_damage(const ForeignStyle& style, std::uint64_t seed) {
  const TemporaryFolder folder;
  Draw draw(seed, "array_set", "damage");
  write_foreign_set(folder.path(), style, draw);
  CAPTURE(to_string(style));
  REQUIRE(verdict(folder.path()).empty());
  for (const fs::path& file : files_of(folder.path())) {
    CAPTURE(file.filename().string());
    const std::string text = test::read_text(file);
    const std::vector<std::string> lines = lines_of(file);
    const auto some_line = [&] {
      return static_cast<std::size_t>(draw.between(0, static_cast<int>(lines.size()) - 1));
    };
    const auto check_found = [&](const std::string& damage) {
      const std::string found = verdict(folder.path());
      CHECK_MESSAGE(test::mentions(found, " line "), damage, " -> ", found);
      test::write_text(file, text);
    };
    std::string flipped = text;
    const auto place = static_cast<std::size_t>(draw.between(0, static_cast<int>(text.size()) - 1));
    flipped[place] = static_cast<char>(flipped[place] ^ (1 << draw.between(0, 7)));
    test::write_text(file, flipped);
    check_found(fmt::format("flipped bit at byte {}", place));

    std::vector<std::string> cut = lines;
    cut.pop_back();
    write_lines(file, cut);
    check_found("last line cut");

    test::write_text(file, text.substr(0, text.size() - 2));
    check_found("last word cut");

    std::vector<std::string> doubled = lines;
    const std::size_t twice = some_line();
    doubled.insert(doubled.begin() + static_cast<std::ptrdiff_t>(twice), lines[twice]);
    write_lines(file, doubled);
    check_found("doubled line");

    std::vector<std::string> wide = lines;
    wide[some_line()].insert(0, "0");
    write_lines(file, wide);
    check_found("wrong width");
  }
}

TEST_CASE("vectors.array_set.finds_damage.random") {
  // Without headers, whose bits mean nothing, and with borders that weights of every tap still read.
  check_damage({.headers = false}, 0);
  check_damage({.names = Names::bare, .headers = false, .transposed = true, .relu = false, .psum_in_one = true}, 1);
  check_damage({.headers = false, .ic_tiles = 2, .oc_tiles = 2}, 2);
  check_damage({.headers = false, .rows = 16, .act_bits = 8, .wgt_bits = 8, .psum_bits = 32}, 3);
}

TEST_CASE("vectors.array_set.harmless_changes") {
  const TemporaryFolder folder;
  Draw draw(4, "array_set", "harmless");
  write_foreign_set(folder.path(), {}, draw);
  for (const fs::path& file : files_of(folder.path())) {
    std::string text = "\xEF\xBB\xBF\n# any comment\n";
    for (const char c : test::read_text(file)) text += c == '\n' ? std::string(" \r\n") : std::string(1, c);
    test::write_text(file, text);
  }
  CHECK(verdict(folder.path()).empty());
}

std::string refusal_of(const ForeignStyle& style, const std::string& file, const std::string& text) {
  const TemporaryFolder folder;
  Draw draw(5, "array_set", "refused");
  write_foreign_set(folder.path(), style, draw);
  test::write_text(folder / file, text);
  return test::refusal([&] { (void)best_fit(folder.path()); });
}

TEST_CASE("vectors.array_set.refuses.one_line_naming_file_and_line") {
  const ForeignStyle style{.names = Names::kij};
  std::string three;
  for (int i = 0; i < 3; ++i) three += std::string(128, '1') + "\n";
  CHECK(test::mentions(refusal_of(style, "psum_kij3.txt", ""), "psum_kij3.txt: expected words of 0 and 1, found none"));
  CHECK(test::mentions(refusal_of(style, "psum_kij3.txt", "0101x1\n"),
                       "psum_kij3.txt: line 1: character 5: expected 0 or 1, found 'x' (code 120)"));
  CHECK(test::mentions(refusal_of(style, "psum_kij3.txt", std::string(128, '1') + "\n"),
                       "psum_kij3.txt: line 1: 1 words of 128 characters end here, other psum files have 36 of 128"));
  CHECK(test::mentions(refusal_of(style, "activation_tile0.txt", "01\n"), "activation"));
  CHECK(test::mentions(refusal_of(style, "weight_9.txt", std::string(32, '1') + "\n"), "weight_9.txt: line 1"));
  CHECK(test::mentions(refusal_of(style, "output.txt", three),
                       "output.txt: line 3: 3 words end here, but no map of 36 padded pixels"));
}

/// The words of all kij in one file beside those of single ones, with `change` made to its text.
vectors::ArrayFiles with_all_weights(const TemporaryFolder& folder, const std::function<void(std::string&)>& change) {
  Draw draw(9, "array_set", "doubled");
  write_foreign_set(folder.path(), {.names = Names::kij, .headers = false}, draw);
  std::string all;
  for (int kij = 0; kij < 9; ++kij) all += test::read_text(folder / fmt::format("weight_{}.txt", kij));
  change(all);
  test::write_text(folder / "weight.txt", all);
  return vectors::read_array_files(folder.path());
}

TEST_CASE("vectors.array_set.two_files_for_one_place.alike") {
  const TemporaryFolder folder;
  const vectors::ArrayFiles files = with_all_weights(folder, [](const std::string&) {});
  CHECK(files.contradictions.empty());
  CHECK(files.doubled == std::vector<std::string>{"weight.txt holds the words of weight_0.txt .. weight_8.txt"});
  CHECK(best_fit(folder.path()).missed() == 0);
}

TEST_CASE("vectors.array_set.two_files_for_one_place.unlike") {
  const TemporaryFolder folder;
  const auto flip = [](std::string& text) { text[330] = text[330] == '0' ? '1' : '0'; };  // line 11
  const vectors::ArrayFiles files = with_all_weights(folder, flip);
  CHECK(files.contradictions == std::vector<std::string>{"weight_1.txt line 3 and weight.txt line 11 differ"});
  CHECK(best_fit(folder.path()).missed() == 0);  // the files of single kij count
}

TEST_CASE("vectors.array_set.names") {
  for (const char* name : {"activation.txt", "ACTIVATION_TILE12.TXT", "weight_3.txt", "weight3.txt", "weight_kij3.txt",
                           "psum.txt", "psum_itile1_otile2_kij3.txt", "out.txt", "output_otile4.txt", "input.txt",
                           "out_relu.txt", "weight_bin.txt", "weight_ictile0_octile1_kij2_bin.txt", "out_16.txt",
                           "activation_os_3ic_tile0.txt", "weight_os.txt", "out_pool_relu_16.txt"}) {
    CHECK_MESSAGE(vectors::is_array_file(name), name);
  }
  for (const char* name : {"README.txt", "manifest.json", "weight_.txt", "weight_x3.txt", "output", "info.txt",
                           "psum_1000000000000.txt", "activation_kij1.txt", "psum_relu.txt"}) {
    CHECK_FALSE_MESSAGE(vectors::is_array_file(name), name);
  }
}

TEST_CASE("vectors.array_set.partial.outputs_against_psums") {
  const TemporaryFolder folder;
  Draw draw(6, "array_set", "partial");
  write_foreign_set(folder.path(), {.names = Names::bare, .headers = false, .relu = false, .psum_in_one = true}, draw);
  fs::remove(folder / "activation.txt");
  for (int kij = 0; kij < 9; ++kij) fs::remove(folder / fmt::format("weight{}.txt", kij));
  const vectors::ArrayFit fit = best_fit(folder.path());
  CHECK(fit.compared() == 16 * 8);
  CHECK(fit.missed() == 0);
  CHECK_FALSE(fit.layout.shape.relu);
  CHECK(fit.layout.shape.taps() == 9);
}

TEST_CASE("vectors.array_set.text.outputs_where_there_are_any") {
  vectors::ArrayLayout layout = layout_of({.psum_bits = 32});
  layout.output.bits = 16;
  CHECK(test::mentions(to_string(layout, true), "32-bit psums, 16-bit outputs"));
  CHECK_FALSE(test::mentions(to_string(layout, false), "outputs"));
}

TEST_CASE("vectors.array_set.fits_nothing.the_usual_array_is_named") {
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    CAPTURE(seed);
    const TemporaryFolder folder, other;
    Draw draw(seed, "array_set", "one"), drawn(seed, "array_set", "another");
    write_foreign_set(folder.path(), {}, draw);
    write_foreign_set(other.path(), {}, drawn);
    const char* file = "activation_tile0.txt";
    test::write_text(folder / file, test::read_text(other / file));
    const vectors::ArrayFit fit = best_fit(folder.path());
    CHECK(fit.missed() > fit.compared() / 4);
    CHECK(fit.layout.shape.rows == 8);
    CHECK(fit.layout.shape.cols == 8);
  }
}

TEST_CASE("vectors.array_set.partial.psums_of_a_map_that_no_output_tells") {
  const TemporaryFolder folder;
  Draw draw(8, "array_set", "no outputs");
  write_foreign_set(folder.path(), {.outputs = false, .padded_h = 5, .padded_w = 9}, draw);
  const vectors::ArrayFit fit = best_fit(folder.path());
  CHECK(fit.compared() == 9 * 45 * 8);
  CHECK(fit.missed() == 0);
  const fs::path file = folder / "activation_tile0.txt";
  std::string text = test::read_text(file);
  test::write_text(file, text + text.substr(text.rfind('\n', text.size() - 2) + 1));  // 46 pixels: 2 x 23
  for (int kij = 0; kij < 9; ++kij) fs::remove(folder / fmt::format("psum_itile0_otile0_kij{}.txt", kij));
  CHECK(test::mentions(test::refusal([&] { (void)best_fit(folder.path()); }), "46 pixels are no map for a 3x3 kernel"));
}

TEST_CASE("vectors.array_set.partial.weights_of_all_kij_in_one_file") {
  const TemporaryFolder folder;
  Draw draw(7, "array_set", "weights in one");
  write_foreign_set(folder.path(), {.names = Names::bare, .headers = false, .transposed = true, .psums = false}, draw);
  std::string all;
  for (int kij = 0; kij < 9; ++kij) {
    const fs::path file = folder / fmt::format("weight{}.txt", kij);
    all += test::read_text(file);
    fs::remove(file);
  }
  test::write_text(folder / "weight.txt", all);
  const vectors::ArrayFit fit = best_fit(folder.path());
  CHECK(fit.layout.shape.taps() == 9);
  CHECK(fit.layout.transposed);
  CHECK(fit.compared() == 16 * 8);
  CHECK(fit.missed() == 0);
}

}  // namespace
}  // namespace systole
