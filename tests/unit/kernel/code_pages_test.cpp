// SPDX-License-Identifier: Apache-2.0
// Moving the program's code: what ran before runs after, and meanwhile, from pages that are no file's.
#include "sim/kernel/code_pages.h"

#include <doctest/doctest.h>

#include <atomic>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

namespace systole::test {
namespace {

struct Mapping {
  std::string permissions, file;
};

/// The line of /proc/self/maps that holds `address`: FIRST-LAST PERMISSIONS OFFSET DEVICE INODE [FILE].
Mapping mapping_of(std::uintptr_t address) {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    std::istringstream fields(line);
    std::uintptr_t first = 0, last = 0;
    char dash = 0;
    Mapping mapping;
    std::string offset, device, inode;
    fields >> std::hex >> first >> dash >> last >> mapping.permissions >> offset >> device >> inode >> mapping.file;
    if (first <= address && address < last) return mapping;
  }
  return {};
}

TEST_CASE("kernel.code_pages.moved") {
  const auto code = reinterpret_cast<std::uintptr_t>(&kernel::move_code_pages);
  REQUIRE(mapping_of(code).permissions == "r-xp");
  REQUIRE(!mapping_of(code).file.empty());
  std::atomic<bool> done = false;
  std::thread other([&done] {
    while (!done) static_cast<void>(mapping_of(0));
  });
  for (int round = 0; round < 30; ++round) {
    kernel::move_code_pages();
    CHECK(mapping_of(code).permissions == "r-xp");
    CHECK(mapping_of(code).file.empty());
  }
  done = true;
  other.join();
}

}  // namespace
}  // namespace systole::test
