// SPDX-License-Identifier: Apache-2.0
#pragma once
// Real files that the project does not hold: SYSTOLE_DATA, by default beside the project.
#include <cstdlib>
#include <filesystem>
#include <string>

namespace systole::test {

inline std::filesystem::path data_folder(const std::string& name) {
  const char* folder = std::getenv("SYSTOLE_DATA");
  return std::filesystem::path(folder != nullptr ? folder : "../shared/data") / name;
}

}  // namespace systole::test
