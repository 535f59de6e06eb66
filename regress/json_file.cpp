// SPDX-License-Identifier: Apache-2.0
#include "regress/json_file.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <system_error>

#include "base/input_error.h"

namespace systole::regress {

using Json = nlohmann::ordered_json;

void read_json_file(const std::filesystem::path& file, const std::function<void(const Json&)>& read) {
  std::ifstream in(file, std::ios::binary);
  std::error_code code;
  // A folder opens, and throws when it is read.
  if (!in || !std::filesystem::is_regular_file(file, code))
    throw base::InputError(file.string(), "", "expected a file that can be read");
  const Json json = Json::parse(in, nullptr, false);
  if (!json.is_object()) throw base::InputError(file.string(), "", "is no whole JSON object");
  const auto refuse = [&file](const std::exception& error) {
    throw base::InputError(file.string(), "", std::string("lacks what Systole writes: ") + error.what());
  };
  try {
    read(json);
  } catch (const Json::exception& error) {
    refuse(error);
  } catch (const std::invalid_argument& error) {  // a word that is none of ours
    refuse(error);
  }
}

bool may_be_there(const std::filesystem::path& file) {
  std::error_code code;
  return std::filesystem::symlink_status(file, code).type() != std::filesystem::file_type::not_found;
}

}  // namespace systole::regress
