// SPDX-License-Identifier: Apache-2.0
#include "signoff/sheet/seal.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/file_bytes.h"
#include "base/input_error.h"
#include "base/sha256.h"

namespace systole::signoff {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kSealKey = "seal";

std::string seal_of(const Json& contents) {
  return base::sha256_of(contents.dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace

std::string sealed(const std::string& json) {
  Json contents = Json::parse(json);
  contents[kSealKey] = seal_of(contents);
  return contents.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string require_seal(const std::filesystem::path& file) {
  const auto fail = [&file](const std::string& problem) { throw base::InputError(file.string(), "", problem); };
  const std::vector<std::byte> bytes = base::read_bytes(file, true);
  const auto* text = reinterpret_cast<const char*>(bytes.data());
  Json contents = Json::parse(text, text + bytes.size(), nullptr, false);
  if (!contents.is_object()) fail("expected a whole JSON object, found one that is cut or half written; make it again");
  const auto found = contents.find(kSealKey);
  if (found == contents.end() || !found->is_string()) fail("expected a seal, found none; make it again");
  auto seal = found->get<std::string>();
  contents.erase(found);
  if (seal_of(contents) != seal) fail("the seal is of other contents: edited after it was written; make it again");
  return seal;
}

}  // namespace systole::signoff
