// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a refused input must say.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "base/input_error.h"

namespace systole::test {

/// The message of the InputError that `action` throws; empty where it throws none.
template <typename Action>
std::string refusal(Action action) {
  try {
    action();
  } catch (const base::InputError& error) {
    return error.what();
  }
  return {};
}

inline bool mentions(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

inline std::string read_text(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

inline void write_text(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
}

}  // namespace systole::test
