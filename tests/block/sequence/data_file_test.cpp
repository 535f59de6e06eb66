// SPDX-License-Identifier: Apache-2.0
// Files that RTL reads itself; the tests run in the project's root, the file lies beside the RTL.
#include <doctest/doctest.h>

#include <vector>

#include "Vrom.h"
#include "base/input_error.h"
#include "systole/adapter.h"

namespace systole::test {
namespace {

class Rom final : public dut::VerilatedDut<Vrom, dut::NoBinding, dut::NoTrace> {
 public:
  using VerilatedDut::model;
  int word(int address) {
    model().addr_i = static_cast<CData>(address);
    for (const bool clock : {false, true}) {
      model().clk_i = clock ? 1 : 0;
      eval();
    }
    return model().data_o;
  }
};

TEST_CASE("block.sequence.data_file.lies_beside_the_rtl") {
  Rom rom;
  std::vector<int> words;
  words.reserve(4);
  for (int i = 0; i < 4; ++i) words.push_back(rom.word(i));
  CHECK(words == std::vector<int>{0x17, 0x2a, 0xff, 0x08});
}

TEST_CASE("block.sequence.data_file.is_missing") {
  Rom rom;
  rom.model().missing_i = 1;
  CHECK_THROWS_WITH_AS(rom.word(0),
                       "no_such_rom.hex: no such file, for $readmemh or $readmemb of the RTL: expected beside the file "
                       "that names it, or under that path from the folder of the run",
                       base::InputError);
}

}  // namespace
}  // namespace systole::test
