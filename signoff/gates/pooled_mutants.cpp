// SPDX-License-Identifier: Apache-2.0
#include "signoff/gates/pooled_mutants.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>

#include "base/input_error.h"
#include "base/table.h"
#include "signoff/gates/mutation.h"

namespace systole::signoff {
namespace {

using Inputs = std::map<std::string, std::string>;

constexpr const char *kGate = "mutation", *kSeed = "seed";
/// Inputs in which samples may differ: the program holds its mutants.
constexpr std::array<const char*, 3> kOfTheSample{kSeed, "mutants", "program"};

[[noreturn]] void fail(const SignedOff& from, const std::string& problem) {
  throw base::InputError(from.file.string(), "gate mutation", problem + "; sign off again");
}

std::size_t rows_of(const Evidence& evidence, const std::string& table) {
  const auto found = std::ranges::find(evidence.tables, table, &base::Table::name);
  return found == evidence.tables.end() ? 0 : found->rows.size();
}

std::vector<std::string> open_in(const Evidence& evidence) {
  std::vector<std::string> open;
  for (const Finding& finding : evidence.findings) {
    if (finding.text.starts_with(kNoProgramSees)) open.push_back(finding.text.substr(kNoProgramSees.size()));
  }
  return open;
}

/// A mutant that is none of these, such as one whose process was lost, makes the sample no sample.
MutantCounts counts_of(const SignedOff& from) {
  const Evidence& evidence = from.evidence(kGate);
  const MutantCounts counts{.mutants = evidence.checked,
                            .killed = rows_of(evidence, kKilledByPrograms) + rows_of(evidence, kKilledByProperties),
                            .proved = rows_of(evidence, kProvedEquivalent)};
  const std::size_t named = counts.killed + counts.proved + open_in(evidence).size();
  if (named == 0 || named != counts.mutants) fail(from, fmt::format("names {} of {} mutants", named, counts.mutants));
  return counts;
}

Inputs inputs_of(const SignedOff& from) {
  const Evidence& evidence = from.evidence(kGate);
  return {evidence.inputs.begin(), evidence.inputs.end()};
}

std::string seed_of(const SignedOff& from) {
  const Inputs inputs = inputs_of(from);
  const auto seed = inputs.find(kSeed);
  if (seed == inputs.end()) fail(from, "expected an input 'seed'");
  return seed->second;
}

void require_like(const SignedOff& first, const SignedOff& other) {
  if (first.design != other.design) {
    throw base::InputError(
        other.file.string(), "design",
        fmt::format("expected {}, as {}, found {}", first.design, first.file.string(), other.design));
  }
  Inputs one = inputs_of(first), two = inputs_of(other);
  for (const char* const name : kOfTheSample) {
    one.erase(name);
    two.erase(name);
  }
  const auto [at, there] = std::ranges::mismatch(one, two);
  if (at == one.end() && there == two.end()) return;
  const bool first_lacks_it = at == one.end() || (there != two.end() && there->first < at->first);
  fail(other, fmt::format("input '{}' is another than that of {}", first_lacks_it ? there->first : at->first,
                          first.file.string()));
}

}  // namespace

PooledMutants pool_mutants(const std::vector<SignedOff>& signed_off) {
  PooledMutants pooled;
  std::map<std::string, std::string> file_of;  // by seed
  std::set<std::string> open;
  for (const SignedOff& one : signed_off) {
    require_like(signed_off.front(), one);
    const auto [of, is_new] = file_of.try_emplace(seed_of(one), one.file.string());
    if (!is_new) fail(one, fmt::format("is of seed {}, as {}", of->first, of->second));
    const MutantCounts counts = counts_of(one);
    pooled.samples.push_back({.file = one.file.string(), .seed = of->first, .counts = counts});
    pooled.together.mutants += counts.mutants;
    pooled.together.killed += counts.killed;
    pooled.together.proved += counts.proved;
    for (const std::string& name : open_in(one.evidence(kGate))) open.insert(name);
  }
  pooled.open.assign(open.begin(), open.end());
  return pooled;
}

}  // namespace systole::signoff
