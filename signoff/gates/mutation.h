// SPDX-License-Identifier: Apache-2.0
#pragma once
// Gate: the stimulus and the checkers see it when one bit of the design is wrong.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "signoff/gates/gate.h"
#include "signoff/gates/properties.h"
#include "signoff/mutants/mutant.h"
#include "signoff/sheet/evidence.h"

namespace systole::signoff {

/// A program as the design itself runs it.
struct ProgramRun {
  std::uint64_t cycles = 0;
  std::vector<bool> exercised = {};  ///< items of sim/cover, all of them or none
};

/// What is run on mutants. Where there is no verdict (a crash is none) its functions throw std::runtime_error.
struct MutantStimulus {
  std::vector<std::string> programs;  ///< names
  std::vector<std::string> levels;    ///< of the checks, from the one that sees least
  /// The design without a mutant. Throws std::runtime_error where it does not pass.
  std::function<ProgramRun(std::size_t program)> design;
  /// Number n, from 1, of MutationQuestion::mutants: the lowest of the levels that sees it; nothing: it passes.
  std::function<std::optional<std::size_t>(std::size_t n, std::size_t program)> kill;
};

/// A program, by its place in MutantStimulus::programs, and how the design runs it.
struct KnownRun {
  std::size_t program = 0;
  ProgramRun run = {};
};

/// The programs, the shortest first. Throws std::runtime_error with the first that the design itself does not pass.
[[nodiscard]] std::vector<KnownRun> shortest_first(const MutantStimulus& stimulus, int workers,
                                                   const std::function<void(std::size_t)>& on_ended = {});

/// Names of tables whose first column has mutants.
inline constexpr const char *kKilledByProperties = "killed by properties", *kProvedEquivalent = "equivalent";
/// How the text of a finding begins that is of a mutant which is neither killed nor proved equivalent; its name
/// follows.
inline constexpr std::string_view kNoProgramSees = "no program sees ";

struct MutationQuestion {
  std::vector<Mutant> mutants;  ///< number n is mutants[n - 1]
  std::size_t count = 0;        ///< of them, the first
  MutantStimulus stimulus;
  /// A property that the mutant breaks: nothing where it breaks none.
  std::function<std::optional<BrokenProperty>(const Mutant&)> refute;
  /// How it was proved that no input can tell the mutant from the design; nothing where it was not.
  std::function<std::optional<std::string>(const Mutant&)> prove;
  /// Least shares that must be killed of those that are not proved equivalent, in percent: of all, of each module.
  double least = 0, least_of_module = 0;
  int workers = 1;
};

/// Each mutant runs the programs, the shortest first, until one does not pass. Who survives all is proved equivalent,
/// or killed by a property that it breaks, or is a finding "mutation IDENTITY". A mutant whose process ends without a
/// verdict is no kill but a finding "mutation lost IDENTITY"; where the design itself does not pass every program,
/// nothing is counted, and the finding is "mutation design". A share below its bar is "mutation score" or "mutation
/// score of MODULE", whatever is waived.
[[nodiscard]] Evidence mutate(const MutationQuestion& question, const std::filesystem::path& folder,
                              const GateProgress& progress = {});

/// The interval of a share of `part` in `all` that Wilson's score gives at 95 %, in percent, from 0 to 100.
[[nodiscard]] std::pair<double, double> wilson_95(std::size_t part, std::size_t all);

}  // namespace systole::signoff
