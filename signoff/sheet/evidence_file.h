// SPDX-License-Identifier: Apache-2.0
#pragma once
// The evidence of a gate in a file GATE.json (docs/signoff.md).
#include <filesystem>
#include <optional>
#include <string>

#include "base/json_object.h"
#include "signoff/sheet/evidence.h"

namespace systole::signoff {

/// Evidence as it was read, and where.
struct EvidenceFile {
  Evidence evidence;
  std::string file;  ///< its name without the folder: "lint.json"
  std::string seal;  ///< SHA-256 of what it says
};

/// A JSON object without a seal. Waivers are not part of it: they come from their own file each time. Control
/// characters become blanks.
[[nodiscard]] std::string evidence_json(const Evidence& evidence);
/// Of such an object, which `name` calls. Throws base::InputError where it is none.
[[nodiscard]] Evidence parse_evidence(const std::string& json, const std::string& name);

/// Of a gate's object `evidence` in signoff.json, with the waivers of its findings. Throws base::InputError as above.
[[nodiscard]] Evidence judged_evidence(base::JsonObject object);

/// Writes FOLDER/GATE.json at once. Throws base::InputError where that fails, and std::logic_error for evidence that
/// read_evidence() would refuse by its nature: a gate that is no plain word, no date, a row of another length, a
/// finding that is waived.
void write_evidence(const std::filesystem::path& folder, const Evidence& evidence);

/// The evidence of a gate, nothing where there is no such file. Throws base::InputError with the file's name where it
/// is cut, edited, not evidence, or of another gate.
[[nodiscard]] std::optional<EvidenceFile> read_evidence(const std::filesystem::path& folder, const std::string& gate);

}  // namespace systole::signoff
