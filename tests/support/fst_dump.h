// SPDX-License-Identifier: Apache-2.0
#pragma once
// An FST dump read back, by the reader beside Verilator's writer.
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace systole::test {

/// Calls `at_time(time, values)` with the values of `signals` ("golden.stream[0].oc", without range) at each time at
/// which one of them changes, the low 64 bits. Throws std::runtime_error where one of them is not in the dump.
void read_fst(const std::filesystem::path& file, const std::vector<std::string>& signals,
              const std::function<void(std::uint64_t time, const std::vector<std::uint64_t>& values)>& at_time);

/// All signals of a dump, without their ranges.
std::vector<std::string> signals_of_fst(const std::filesystem::path& file);

}  // namespace systole::test
