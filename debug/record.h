// SPDX-License-Identifier: Apache-2.0
#pragma once
// failure.json, read back as far as repeating a run needs it.
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace systole::debug {

struct Record {
  std::string token;
  std::filesystem::path folder;     ///< of the network
  std::vector<std::string> inputs;  ///< files that were given, or none
  std::string dataset;              ///< named, or empty
};

/// Of a failure's folder. Throws base::InputError where its failure.json is missing or not one of ours.
[[nodiscard]] Record read_record(const std::filesystem::path& failure);

/// The newest failure in `place`. Throws base::InputError where there is none.
[[nodiscard]] std::filesystem::path newest_failure(const std::filesystem::path& place);

/// The record of that token among the failures in `place`; nothing where there is none.
[[nodiscard]] std::optional<Record> find_record(const std::filesystem::path& place, const std::string& token);

}  // namespace systole::debug
