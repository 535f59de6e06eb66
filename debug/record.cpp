// SPDX-License-Identifier: Apache-2.0
#include "debug/record.h"

#include <system_error>

#include "base/input_error.h"
#include "base/json_object.h"

namespace systole::debug {

namespace fs = std::filesystem;

Record read_record(const fs::path& failure) {
  constexpr std::uintmax_t kMostBytes = 1 << 20;
  constexpr std::size_t kMostText = 4096;
  base::JsonObject json = base::JsonObject::read(failure / "failure.json", kMostBytes);
  return {.token = json.text("token", 1, kMostText),
          .folder = json.object("network").text("folder", 1, kMostText),
          .inputs = json.texts("inputs", 0, kMostText),
          .dataset = json.text("dataset", 0, kMostText)};
}

fs::path newest_failure(const fs::path& place) {
  fs::path newest;
  std::error_code code;
  const auto time = [](const fs::path& folder) { return fs::last_write_time(folder / "failure.json"); };
  for (const auto& entry : fs::directory_iterator(place, code)) {
    if (!fs::exists(entry.path() / "failure.json", code)) continue;
    if (newest.empty() || time(entry.path()) > time(newest)) newest = entry.path();
  }
  if (newest.empty()) throw base::InputError(place.string(), "", "no failure: `systole run` leaves one where it fails");
  return newest;
}

std::optional<Record> find_record(const fs::path& place, const std::string& token) {
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(place, code)) {
    if (!fs::exists(entry.path() / "failure.json", code)) continue;
    try {
      Record record = read_record(entry.path());
      if (record.token == token) return record;
    } catch (const base::InputError&) {
      continue;  // another one may have it
    }
  }
  return std::nullopt;
}

}  // namespace systole::debug
