// SPDX-License-Identifier: Apache-2.0
#include "report/mutation_score.h"

#include <charconv>
#include <nlohmann/json.hpp>
#include <string_view>
#include <system_error>

#include "base/input_error.h"
#include "regress/json_file.h"

namespace systole::report {
namespace {

namespace fs = std::filesystem;

/// Of "88 of 93 (94.6 %)", as the gate writes its first figure.
std::optional<MutationScore> score_from(const std::string& text) {
  constexpr std::string_view kOf = " of ";
  const std::size_t of = text.find(kOf);
  if (of == std::string::npos) return std::nullopt;
  const char* const end = text.data() + text.size();
  double killed = 0, all = 0;
  const bool numbers = std::from_chars(text.data(), end, killed).ec == std::errc() &&
                       std::from_chars(text.data() + of + kOf.size(), end, all).ec == std::errc();
  if (!numbers || all <= 0) return std::nullopt;
  return MutationScore{.text = text, .percent = 100 * killed / all};
}

std::optional<MutationScore> score_in(const fs::path& file) {
  std::optional<MutationScore> score;
  regress::read_json_file(file, [&score](const nlohmann::ordered_json& json) {
    for (const auto& gate : json.at("gates")) {
      if (gate.at("gate").get<std::string>() != "mutation" || !gate.contains("evidence")) continue;
      const auto& figures = gate["evidence"].at("figures");
      if (!figures.empty()) score = score_from(figures[0].at("value").get<std::string>());
    }
  });
  return score;
}

}  // namespace

std::optional<MutationScore> mutation_score(const fs::path& run) {
  std::error_code code;
  const fs::path folder = fs::weakly_canonical(run, code);
  if (code) return std::nullopt;
  const fs::path regressions = folder.parent_path().parent_path();
  for (const fs::path& place : {folder, regressions, regressions.parent_path()}) {
    const fs::path file = place / "signoff.json";
    if (!fs::exists(file, code)) continue;
    try {
      return score_in(file);
    } catch (const base::InputError&) {  // cut, or another's file of that name
      return std::nullopt;
    }
  }
  return std::nullopt;
}

}  // namespace systole::report
