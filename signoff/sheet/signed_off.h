// SPDX-License-Identifier: Apache-2.0
#pragma once
// A sign-off as its file signoff.json says it, for who goes on from there.
#include <filesystem>
#include <string>
#include <vector>

#include "signoff/sheet/evidence.h"

namespace systole::signoff {

struct SignedOffGate {
  std::string verdict;  ///< as to_string() writes it
  Evidence evidence;
};

struct SignedOff {
  std::filesystem::path file;
  std::string design, level, seal;
  std::vector<SignedOffGate> gates;  ///< those with evidence

  /// Throws base::InputError where there is no evidence of the gate, or one that is of something else than what the
  /// sign-off is of (verdict stale).
  [[nodiscard]] const Evidence& evidence(const std::string& gate) const;
};

/// Throws base::InputError where the file is cut, edited, or no sign-off.
[[nodiscard]] SignedOff read_signed_off(const std::filesystem::path& file);

}  // namespace systole::signoff
