// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a gate of the sign-off found, as it is kept in a file: the page, the JUnit file and the verdict are computed
// from evidence alone, never from what somebody says of it.
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/table.h"

namespace systole::signoff {

enum class Verdict : std::uint8_t {
  pass,
  fail,
  waived,          ///< something was found, and waivers cover all of it
  stale,           ///< evidence of other RTL, tools, seed or stimulus
  not_run,         ///< no evidence
  not_applicable,  ///< the design lacks what the gate needs; Evidence::remark says what
};

/// "not_run".
[[nodiscard]] std::string_view to_string(Verdict verdict);

/// "not run".
[[nodiscard]] std::string words(Verdict verdict);

/// Whether a sign-off may pass with a gate of that verdict.
[[nodiscard]] bool is_settled(Verdict verdict);

/// One thing that is wrong.
struct Finding {
  std::string id;      ///< what a waiver names, the same in every run: "verilator UNUSED rtl/ctrl.v unused_w"
  std::string text;    ///< one line
  std::string waiver;  ///< the reason of the waiver that covers it; empty: open
};

/// One number with what it is of: {"mutation score", "93 of 100"}.
struct Figure {
  std::string name, value;
};

struct Evidence {
  std::string gate;  ///< "lint"
  /// What it depends on, and which: {"rtl", SHA-256}, {"yosys", version}, {"seed", "1"}.
  std::vector<std::pair<std::string, std::string>> inputs;
  std::string command;  ///< that finds it again, for a shell
  std::string started;  ///< UTC, "2026-11-29 22:21:37"
  double seconds = 0;
  std::uint64_t checked = 0;    ///< how many things the gate looked at; without any it does not pass
  std::string unit;             ///< what they are, in the plural: "mutants"
  std::string remark;           ///< one line, or empty
  bool applicable = true;       ///< the design has what the gate needs
  std::vector<Figure> figures;  ///< the first is the one that a reader wants
  std::vector<base::Table> tables;
  std::vector<base::Table> maps;  ///< shown by shades: words of a row first, then its numbers
  std::vector<Finding> findings;
};

/// The name of a table whose first column has ids of findings, of any gate, that what passed here rests on their not
/// being made: no waiver covers those. Its second column says what rests on them.
inline constexpr const char* kRestsOn = "rests on";

/// The name of a table with the columns mutant, program, level, other program: the first program that kills it, the
/// shortest first, the level that sees it there, and the next program that kills it; nothing where no other does.
inline constexpr const char* kKilledByPrograms = "killed by programs";

/// The name of a map whose rows are parts of a whole; the page draws them as such.
inline constexpr const char* kCycleShares = "percent of a kind's cycles, without stalls";

/// From checked, findings and applicable: never pass where nothing was checked, and not applicable only with a remark
/// and without an open finding.
[[nodiscard]] Verdict verdict_of(const Evidence& evidence);

}  // namespace systole::signoff
