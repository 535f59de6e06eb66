// SPDX-License-Identifier: Apache-2.0
#include "signoff/sheet/signed_off.h"

#include <algorithm>

#include "base/input_error.h"
#include "base/json_object.h"
#include "signoff/sheet/evidence_file.h"
#include "signoff/sheet/seal.h"

namespace systole::signoff {
namespace {

constexpr std::uintmax_t kMostBytes = std::uintmax_t{1} << 30;
constexpr std::size_t kMostGates = 1000, kLongestText = 1 << 16;

}  // namespace

const Evidence& SignedOff::evidence(const std::string& gate) const {
  const auto found =
      std::ranges::find_if(gates, [&gate](const SignedOffGate& one) { return one.evidence.gate == gate; });
  if (found == gates.end())
    throw base::InputError(file.string(), "gate " + gate,
                           "there is no evidence of it; sign off at a level that has it");
  if (found->verdict == to_string(Verdict::stale))
    throw base::InputError(file.string(), "gate " + gate, "its evidence is stale; sign off again");
  return found->evidence;
}

SignedOff read_signed_off(const std::filesystem::path& file) {
  constexpr int kVersion = 1;
  SignedOff read{.file = file, .design = {}, .level = {}, .seal = require_seal(file), .gates = {}};
  base::JsonObject object = base::JsonObject::read(file, kMostBytes);
  (void)object.integer("version", kVersion, kVersion);
  read.design = object.text("design", 1, kLongestText);
  read.level = object.text("level", 1, kLongestText);
  for (base::JsonObject& gate : object.objects("gates", 0, kMostGates)) {
    if (!gate.has("evidence")) continue;
    read.gates.push_back({gate.text("verdict", 1, kLongestText), judged_evidence(gate.object("evidence"))});
  }
  return read;
}

}  // namespace systole::signoff
