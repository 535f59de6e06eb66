// SPDX-License-Identifier: Apache-2.0
#include "report/place.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "base/input_error.h"
#include "regress/store.h"

namespace systole::report {
namespace {

namespace fs = std::filesystem;

/// "regress-report:7" as folder and number.
std::optional<std::pair<fs::path, int>> folder_and_number(const std::string& place) {
  const std::size_t colon = place.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  const std::string digits = place.substr(colon + 1);
  const bool number =
      !digits.empty() && digits.size() < 9 && digits.find_first_not_of("0123456789") == std::string::npos;
  return number ? std::optional(std::pair(fs::path(place.substr(0, colon)), std::stoi(digits))) : std::nullopt;
}

}  // namespace

fs::path regression_at(const std::string& place) {
  if (fs::exists(fs::path(place) / regress::kStartFile)) return place;
  if (const int newest = regress::Store(place).newest(); newest > 0) return regress::Store(place).run_folder(newest);
  const auto numbered = folder_and_number(place);
  if (!numbered || regress::Store(numbered->first).newest() == 0) return {};
  const fs::path folder = regress::Store(numbered->first).run_folder(numbered->second);
  if (!fs::exists(folder / regress::kStartFile))
    throw base::InputError(numbered->first.string(), "", fmt::format("has no run {}", numbered->second));
  return folder;
}

}  // namespace systole::report
