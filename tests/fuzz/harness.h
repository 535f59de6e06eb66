// SPDX-License-Identifier: Apache-2.0
#pragma once
// What all harnesses share. A harness is one function that a fuzzer calls with bytes (libFuzzer's interface); it lets
// an input pass where the parser takes it or refuses it as docs/fuzzing.md says, and ends the process otherwise.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <span>
#include <string>
#include <string_view>

#include "base/input_error.h"
#include "tests/support/temporary_folder.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace systole::fuzz {

using Bytes = std::span<const std::uint8_t>;

inline std::string_view text_of(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

/// Ends the process with a line, as a crash that a fuzzer keeps the input of.
[[noreturn]] inline void fail(std::string_view problem) {
  std::cerr << "fuzz: " << problem << '\n';
  std::abort();
}

/// Inputs taken so far: a harness whose parser refuses its whole corpus tests nothing.
inline std::uint64_t& acceptances() {
  static std::uint64_t count = 0;
  return count;
}

/// Whether `action` takes its input. A refusal is an InputError of one line; anything else leaves as it is.
template <typename Action>
bool accepted(Action action) {
  try {
    action();
    ++acceptances();
    return true;
  } catch (const base::InputError& error) {
    const std::string_view line = error.what();
    if (line.empty() || line.find('\n') != std::string_view::npos) fail("a refusal that is not one line");
    return false;
  }
}

/// A folder for the inputs of parsers that read files, kept for the life of the process.
inline const std::filesystem::path& folder() {
  static const test::TemporaryFolder temporary;
  return temporary.path();
}

/// A file in folder() with these contents.
inline std::filesystem::path write_file(const std::string& name, Bytes bytes) {
  std::filesystem::path file = folder() / name;
  const std::string_view text = text_of(bytes);
  std::ofstream(file, std::ios::binary).write(text.data(), static_cast<std::streamsize>(text.size()));
  return file;
}

/// Cuts at the first zero byte: a text, and the bytes behind it.
struct TwoParts {
  Bytes text, rest;
};
inline TwoParts split_at_zero(Bytes bytes) {
  const auto zero = static_cast<std::size_t>(std::find(bytes.begin(), bytes.end(), 0) - bytes.begin());
  return {bytes.first(zero), bytes.subspan(std::min(bytes.size(), zero + 1))};
}

}  // namespace systole::fuzz
