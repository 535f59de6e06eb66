// SPDX-License-Identifier: Apache-2.0
#include "signoff/gates/minimal_cover.h"

#include <algorithm>
#include <map>

namespace systole::signoff {
namespace {

/// Whether the programs miss one of the things: some at a time, since one is enough.
bool misses_one(const CoverQuestion& question, const std::vector<std::size_t>& programs,
                const std::vector<std::size_t>& things) {
  if (programs.empty()) return !things.empty();
  const std::size_t step = std::max<std::size_t>(1, question.at_a_time);
  for (std::size_t at = 0; at < things.size(); at += step) {
    const auto from = things.begin() + static_cast<std::ptrdiff_t>(at);
    const auto to = things.begin() + static_cast<std::ptrdiff_t>(std::min(at + step, things.size()));
    const std::vector<bool> reached = question.reached(programs, {from, to});
    if (std::ranges::find(reached, false) != reached.end()) return true;
  }
  return false;
}

}  // namespace

std::vector<std::size_t> minimal_cover(const CoverQuestion& question) {
  std::map<std::size_t, std::vector<std::size_t>> things_of;  // by the first program that reaches them
  for (std::size_t thing = 0; thing < question.first.size(); ++thing) {
    if (question.first[thing]) things_of[*question.first[thing]].push_back(thing);
  }
  std::vector<std::size_t> taken;
  std::size_t done = 0;
  for (auto of = things_of.rbegin(); of != things_of.rend(); ++of) {
    if (misses_one(question, taken, of->second)) taken.insert(taken.begin(), of->first);
    if (question.progress) question.progress(++done, things_of.size());
  }
  return taken;
}

}  // namespace systole::signoff
