// SPDX-License-Identifier: Apache-2.0
#pragma once
// Findings that somebody answers for, for a while: a file beside the design (docs/signoff.md).
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "signoff/sheet/evidence.h"

namespace systole::signoff {

struct Waiver {
  std::string gate;
  std::string finding;  ///< the id of one finding of that gate, in full
  std::string reason, owner;
  std::string expires;                ///< the last day on which it holds
  std::string module, module_sha256;  ///< the source file that it is about, void once that changes; empty: none
  std::string level = {};             ///< of the sign-off that looks far enough to find it; empty: each
};

/// The waivers of a file for a sign-off of that level. `gates`: all that there are, not those of the level alone, since
/// one file serves every level. Throws base::InputError with file and entry for one that is incomplete, of a gate that
/// is not among `gates`, without an end or a letter in its reason, or the second for a finding.
[[nodiscard]] std::vector<Waiver> read_waivers(const std::filesystem::path& file,
                                               std::span<const std::string_view> gates, std::string_view level);

/// SHA-256 of each source file of the design, by the name that findings and waivers use: "rtl/ctrl.v".
using SourceHashes = std::map<std::string, std::string>;

/// Sets Finding::waiver of the findings that waivers of this gate cover on the day `today` ("2026-11-29"). A waiver
/// that has expired, is void, names no finding or more than one is a finding itself, which none can cover.
void apply_waivers(Evidence& evidence, std::span<const Waiver> waivers, std::string_view today,
                   const SourceHashes& sources);

}  // namespace systole::signoff
