// SPDX-License-Identifier: Apache-2.0
// Hex words as text: what is written reads back, and everything else is refused with its line.
#include "vectors/set/hex_text.h"

#include <doctest/doctest.h>

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

TEST_CASE("vectors.hex_text.refused") {
  check_refused("00001\n0002\n00003\n", "line 2", "5 hex digits, found 4");
  check_refused("00001\n000002\n00003\n", "line 2", "5 hex digits, found 6");
  check_refused("00001\n00002\n003", "line 3", "5 hex digits, found 3");
  check_refused("00001\n\n00003\n", "line 2", "5 hex digits, found 0");
  check_refused("00001\n00002\n", "line 3", "3 words, the file ends after 2");
  check_refused("00001\n00002\n00002\n00003\n", "line 4", "3 words, found more");
  check_refused("", "line 1", "3 words, the file ends after 0");
  check_refused("00001\n0000g\n00003\n", "line 2", "5 hex digits, found '0000g'");
  check_refused("00001\n0000x\n00003\n", "line 2", "5 hex digits, found '0000x'");
  check_refused("00001\n40000\n00003\n", "line 2", "a word of 18 bits, found '40000'");
  check_refused("00001\n00002\n00003\n\n", "line 4", "3 words, found more");
  check_refused(std::string(100000, '0'), "line 1", "5 hex digits");
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
