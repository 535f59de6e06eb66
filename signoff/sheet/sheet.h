// SPDX-License-Identifier: Apache-2.0
#pragma once
// The sign-off of a design: its gates, each with its evidence, and one verdict. What it writes is made of it alone: the
// same evidence gives the same bytes.
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "signoff/sheet/evidence.h"
#include "signoff/sheet/evidence_file.h"
#include "signoff/sheet/waivers.h"

namespace systole::signoff {

/// A gate of the level, and what its evidence must be of.
struct GateRequest {
  std::string name;
  std::vector<std::pair<std::string, std::string>> inputs;  ///< as Evidence::inputs, in any order
};

struct SheetRequest {
  std::string design, level;
  std::string today;  ///< "2026-11-29", on which the waivers are judged
  std::vector<GateRequest> gates;
  std::vector<std::string> numbers;  ///< gates of which the page shows the first figure large, in this order
  std::vector<Waiver> waivers;
  SourceHashes sources;
};

struct SheetGate {
  std::string name;
  Verdict verdict = Verdict::not_run;
  std::string why;                   ///< one line where the verdict is none of pass and waived
  std::optional<EvidenceFile> file;  ///< with waivers applied; also where it is stale
};

/// One difference from an earlier sign-off; what was not there then or is not there now is "-".
struct Change {
  std::string gate, what, before, now;
};

/// Differences from one earlier sign-off.
struct Since {
  std::string day, level, seal;  ///< of that one
  std::vector<Change> changes;
};

struct Sheet {
  std::string design, level, today;
  /// pass: every gate passes, is waived or not applicable, and one at least is not the latter. Otherwise the worst of
  /// fail, stale and not_run.
  Verdict verdict = Verdict::not_run;
  std::vector<SheetGate> gates;
  std::vector<std::string> numbers;
  std::vector<Waiver> waivers;  ///< of these gates
  std::optional<Since> since = {};
};

/// Evidence of gates that are not asked for is left out. It is stale where its
/// inputs are not those of the request, or where it is of a later day. Throws std::logic_error for a gate that is
/// asked for twice or has two files.
[[nodiscard]] Sheet make_sheet(const SheetRequest& request, std::span<const EvidenceFile> files);

/// Sets sheet.since: verdicts, figures, findings and waivers that are others than `earlier`, a file signoff.json, has
/// them. Where `repeated` and evidence, verdicts and waivers are the same, it is what the earlier one said of the one
/// before, so that a sign-off made again is the same. Throws base::InputError where the file is cut, edited, no
/// sign-off, or one of another design.
void compare_with(Sheet& sheet, const std::filesystem::path& earlier, bool repeated);

/// "3 of 10 gates do not pass: lint (fail), reset (not run)".
[[nodiscard]] std::string verdict_line(const Sheet& sheet);

/// An HTML page (base/page.h).
[[nodiscard]] std::string sheet_page(const Sheet& sheet);

/// The same with a seal (signoff/sheet/seal.h), as docs/signoff.md describes it.
[[nodiscard]] std::string sheet_json(const Sheet& sheet);

/// A case a gate: failed where the sign-off does not pass with it, skipped where it is not applicable.
[[nodiscard]] std::string sheet_junit(const Sheet& sheet);

/// Writes signoff.html, signoff.json and junit.xml, each at once; those that are there go first, so that files of two
/// sheets never lie side by side. Throws base::InputError where the file system refuses.
void write_sheet(const std::filesystem::path& folder, const Sheet& sheet);

}  // namespace systole::signoff
