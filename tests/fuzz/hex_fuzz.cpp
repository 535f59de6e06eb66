// SPDX-License-Identifier: Apache-2.0
// hex: words as $readmemh reads them. The first byte says how many bits a word has, the second how many words there
// are.
#include <string>

#include "tests/fuzz/harness.h"
#include "vectors/set/hex_text.h"

namespace {

using systole::fuzz::Bytes;
namespace base = systole::base;
namespace vectors = systole::vectors;

base::Beats read(Bytes bytes, int bits, std::size_t count) {
  return vectors::read_hex(systole::fuzz::write_file("a.hex", bytes), bits, count);
}

void read_twice(Bytes bytes, int bits, std::size_t count) {
  const base::Beats words = read(bytes, bits, count);
  const std::string text = vectors::hex_text(words);
  const Bytes written(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  const std::filesystem::path file = systole::fuzz::write_file("lines.hex", bytes);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t line = vectors::line_of_word(file, i);
    if (line < 1 || line > bytes.size() + 1) systole::fuzz::fail("a word on no line");
  }
  if (count > 0 && vectors::usual_digits(file) == 0) systole::fuzz::fail("words without digits");
  if (read(written, bits, count) != words) systole::fuzz::fail("words written and read again differ");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || data[0] == 0) return 0;
  systole::fuzz::accepted([&] { read_twice(Bytes(data + 2, size - 2), data[0], data[1]); });
  return 0;
}
