// SPDX-License-Identifier: Apache-2.0
// Hex words as text: what is written reads back, and everything else is refused with its line.
#include "vectors/set/hex_text.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/sha256.h"
#include "golden/fixed/counter_random.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/model/bad_input.h"

namespace systole::vectors {
namespace {

using test::mentions;
using test::refusal;
using test::TemporaryFolder;
using test::write_text;

base::Beats random_beats(int bits, std::size_t count) {
  const fixed::CounterRandom random(1, "hex_text", "words");
  base::Beats beats(bits);
  beats.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    for (int bit = 0; bit < bits; ++bit) {
      base::set_field(beats[i], bit, 1, random.bits32(i * 512 + static_cast<std::size_t>(bit)) & 1U);
    }
  }
  return beats;
}

TEST_CASE("vectors.hex_text.most_significant_digit_first") {
  base::Beats beats(18);
  beats.resize(2);
  beats[0][0] = 0x2ABCD;
  beats[1][0] = 5;
  CHECK(hex_text(beats) == "2ABCD\n00005\n");
}

TEST_CASE("vectors.hex_text.round_trip.random") {
  const TemporaryFolder folder;
  for (const int bits : {1, 4, 8, 18, 31, 32, 33, 64, 69, 128, 257}) {
    CAPTURE(bits);
    const base::Beats beats = random_beats(bits, 7);
    write_text(folder / "a.hex", hex_text(beats));
    CHECK(read_hex(folder / "a.hex", bits, 7) == beats);
  }
}

TEST_CASE("vectors.hex_text.byte_order_mark_lower_case_crlf_and_no_last_line_end") {
  const TemporaryFolder folder;
  write_text(folder / "a.hex",
             "\xEF\xBB\xBF"
             "ab\r\nCd\r\nef");
  const base::Beats beats = read_hex(folder / "a.hex", 8, 3);
  CHECK(beats[0][0] == 0xAB);
  CHECK(beats[1][0] == 0xCD);
  CHECK(beats[2][0] == 0xEF);
}

void check_refused(const std::string& text, const std::string& line, const std::string& problem) {
  CAPTURE(text);
  const TemporaryFolder folder;
  write_text(folder / "a.hex", text);
  const std::string message = refusal([&] { (void)read_hex(folder / "a.hex", 18, 3); });
  CAPTURE(message);
  CHECK(mentions(message, (folder / "a.hex").string() + ": " + line + ": expected " + problem));
}

/// The first words of `text`, 18 bits each, as read_hex takes them.
std::vector<std::uint32_t> words(const std::string& text, std::size_t count) {
  const TemporaryFolder folder;
  write_text(folder / "a.hex", text);
  const base::Beats beats = read_hex(folder / "a.hex", 18, count);
  return {beats.data(), beats.data() + beats.size()};
}

/// IEEE 1364-2005, 17.2.9, and what $writememh writes.
TEST_CASE("vectors.hex_text.as_readmemh") {
  const std::vector<std::uint32_t> kThree{1, 0x2ABCD, 3};
  CHECK(words("// 0x00000000\n00001\n2abcd\n00003\n", 3) == kThree);
  CHECK(words("00001 2ABCD\t00003", 3) == kThree);
  CHECK(words("/* two\nlines * / */ 00001 // 99999\n2ABCD/**/00003//", 3) == kThree);
  CHECK(words("@0\n00001\n2ABCD\n@2 00003\n", 3) == kThree);
  CHECK(words("@1 2ABCD 00003 @0 00001", 3) == kThree);               // in any order
  CHECK(words("5 7 3 @0 1 @01 2_AB_CD_", 3) == kThree);               // the last one for an address counts
  CHECK(words("1 2_ABCD 3", 3) == kThree);                            // fewer digits
  CHECK(words("000000001 000000002ABCD 0000003", 3) == kThree);       // more, all of them 0
  CHECK(words("\n\n00001\n\n2ABCD\n00003\n\n \n\r\n", 3) == kThree);  // blank lines
}

TEST_CASE("vectors.hex_text.line_of_word") {
  const TemporaryFolder folder;
  write_text(folder / "a.hex", "// head\n1 2\n/* a\nb */ 3\n@1\n4\n\n");
  CHECK(line_of_word(folder / "a.hex", 0) == 2);
  CHECK(line_of_word(folder / "a.hex", 1) == 6);
  CHECK(line_of_word(folder / "a.hex", 2) == 4);
  CHECK(line_of_word(folder / "a.hex", 3) == 8);
  CHECK(line_of_word(folder / "none.hex", 3) == 4);
}

TEST_CASE("vectors.hex_text.usual_digits") {
  const TemporaryFolder folder;
  write_text(folder / "a.hex", "// 12345678\n00 0_1\n12345678\n@11 22");
  CHECK(usual_digits(folder / "a.hex") == 2);
  write_text(folder / "a.hex", "// nothing\n");
  CHECK(usual_digits(folder / "a.hex") == 0);
}

TEST_CASE("vectors.hex_text.refused") {
  check_refused("00001\n00002\n", "line 3", "3 words, the file ends after 2");
  check_refused("00001\n00002\n00002\n00003\n", "line 4", "3 words, found more");
  check_refused("1 2 // 3\n", "line 2", "3 words, the file ends after 2");
  check_refused("00001\n0000g\n00003\n", "line 2", "hex digits, found '0000g'");
  check_refused("00001\n0000x\n00003\n", "line 2", "known hex digits, found 'x' in '0000x'");
  check_refused("Z\n00001\n00003\n", "line 1", "known hex digits, found 'Z' in 'Z'");
  check_refused("00001\n0x2\n00003\n", "line 2", "known hex digits, found 'x' in '0x2'");
  check_refused("1 _2 3", "line 1", "hex digits, found '_2'");
  check_refused("1 -2 3", "line 1", "hex digits, found '-2'");
  check_refused("1 /2 3", "line 1", "hex digits, found '/2'");
  check_refused("00001\n40000\n00003\n", "line 2", "a word of 18 bits, found '40000'");
  check_refused("00001\n100000\n00003\n", "line 2", "a word of 18 bits, found '100000'");
  check_refused("1 2 /* 3\n\n", "line 1", "*/ at the end of the comment that starts here");
  check_refused("1\n@2\n3\n", "line 4", "3 words, none is given at address @1");
  check_refused("1 2\n@3 3\n", "line 2", "3 words, found one at address @3");
  check_refused("1 2 3\n@FFFFFFFFFFFFFFF 3\n", "line 2", "3 words, found more");
  check_refused("1 2\n@FFFFFFFFFFFFFFFFF 3\n", "line 2", "an address of at most 15 digits");
  check_refused("1 2\n@ 3\n", "line 2", "hex digits, found ''");
  check_refused("1 2\n@x 3\n", "line 2", "known hex digits, found 'x' in 'x'");
}

/// A short file that names a far address takes no memory for what it cannot fill.
TEST_CASE("vectors.hex_text.far_address") {
  const TemporaryFolder folder;
  write_text(folder / "a.hex", "1\n@FFFFFFF0 1\n");
  const std::string message = refusal([&] { (void)read_hex(folder / "a.hex", 257, 0xFFFFFFFF); });
  CHECK(mentions(message, "line 2: expected 4294967295 words, found one at address @FFFFFFF0"));
}

TEST_CASE("vectors.hex_text.missing_file") {
  const TemporaryFolder folder;
  CHECK(mentions(refusal([&] { (void)read_hex(folder / "none.hex", 8, 1); }), "none.hex: cannot be read"));
}

/// FIPS 180-4's example "abc", and the empty message.
TEST_CASE("vectors.sha256.published") {
  const TemporaryFolder folder;
  write_text(folder / "a", "abc");
  write_text(folder / "b", "");
  CHECK(base::sha256_of_file(folder / "a") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(base::sha256_of_file(folder / "b") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(mentions(refusal([&] { (void)base::sha256_of_file(folder / "c"); }), "cannot be opened"));
}

}  // namespace
}  // namespace systole::vectors
