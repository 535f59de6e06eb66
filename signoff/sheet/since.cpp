// SPDX-License-Identifier: Apache-2.0
// What changed between two sign-offs, both as signoff.json says it.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/json_object.h"
#include "signoff/sheet/seal.h"
#include "signoff/sheet/sheet.h"

namespace systole::signoff {
namespace {

using base::JsonObject;

constexpr std::uintmax_t kMaxSheet = std::uintmax_t{1} << 30;
constexpr std::size_t kMostText = 1 << 16, kMostEntries = 1 << 20;
constexpr const char* kNone = "-";

/// What is compared of a gate.
struct GateState {
  std::string gate, verdict, why, seal;
  std::map<std::string, std::string> figures;
  std::map<std::string, std::string> findings;  ///< by id: "open" or "waived"
};

struct SheetState {
  std::string design, level, day, seal;
  std::vector<GateState> gates;
  std::vector<std::string> waivers;  ///< "GATE: FINDING"
  std::optional<Since> since;
};

GateState read_gate(JsonObject& object) {
  GateState state{.gate = object.text("gate", 1, kMostText),
                  .verdict = object.text("verdict", 1, kMostText),
                  .why = object.text("why", 0, kMostText),
                  .seal = {},
                  .figures = {},
                  .findings = {}};
  if (!object.has("evidence")) return state;
  state.seal = object.text("file_seal", 0, kMostText);
  JsonObject evidence = object.object("evidence");
  for (JsonObject& figure : evidence.objects("figures", 0, kMostEntries))
    state.figures[figure.text("name", 1, kMostText)] = figure.text("value", 0, kMostText);
  for (JsonObject& finding : evidence.objects("findings", 0, kMostEntries))
    state.findings[finding.text("id", 1, kMostText)] = finding.text("waiver", 0, kMostText).empty() ? "open" : "waived";
  return state;
}

Since read_since(JsonObject object) {
  Since since{.day = object.text("day", 0, kMostText),
              .level = object.text("level", 0, kMostText),
              .seal = object.text("seal", 0, kMostText),
              .changes = {}};
  for (JsonObject& entry : object.objects("changes", 0, kMostEntries))
    since.changes.push_back({entry.text("gate", 0, kMostText), entry.text("what", 0, kMostText),
                             entry.text("before", 0, kMostText), entry.text("now", 0, kMostText)});
  return since;
}

SheetState read_state(JsonObject object) {
  constexpr int kVersion = 1;
  (void)object.integer("version", kVersion, kVersion);
  SheetState state{.design = object.text("design", 1, kMostText),
                   .level = object.text("level", 1, kMostText),
                   .day = object.text("today", 1, kMostText),
                   .seal = object.text("seal", 1, kMostText),
                   .gates = {},
                   .waivers = {},
                   .since = {}};
  for (JsonObject& gate : object.objects("gates", 0, kMostEntries)) state.gates.push_back(read_gate(gate));
  for (JsonObject& waiver : object.objects("waivers", 0, kMostEntries))
    state.waivers.push_back(
        fmt::format("{}: {}", waiver.text("gate", 1, kMostText), waiver.text("finding", 1, kMostText)));
  if (object.has("since")) state.since = read_since(object.object("since"));
  return state;
}

/// Whether one is the other made again, maybe on another day.
bool is_repeated(const SheetState& a, const SheetState& b) {
  return a.level == b.level && a.waivers == b.waivers &&
         std::ranges::equal(a.gates, b.gates, [](const GateState& x, const GateState& y) {
           return x.gate == y.gate && x.verdict == y.verdict && x.why == y.why && x.seal == y.seal;
         });
}

/// Adds a change for each name whose value is another, or on one side alone.
void add_values(std::vector<Change>& changes, const std::string& gate, const std::string& what,
                const std::map<std::string, std::string>& before, const std::map<std::string, std::string>& now) {
  std::map<std::string, std::pair<std::string, std::string>> both;
  for (const auto& [name, value] : before) both[name] = {value, kNone};
  for (const auto& [name, value] : now) both.try_emplace(name, kNone, "").first->second.second = value;
  for (const auto& [name, values] : both) {
    if (values.first != values.second) changes.push_back({gate, what + name, values.first, values.second});
  }
}

std::vector<Change> changes_between(const SheetState& before, const SheetState& now) {
  std::vector<Change> changes;
  std::map<std::string, std::pair<GateState, GateState>> gates;
  for (const GateState& gate : before.gates) gates[gate.gate].first = gate;
  for (const GateState& gate : now.gates) gates[gate.gate].second = gate;
  const auto word = [](const std::string& verdict) { return verdict.empty() ? kNone : verdict; };
  for (const auto& [name, both] : gates) {
    const auto& [then, today] = both;
    if (then.verdict != today.verdict) changes.push_back({name, "verdict", word(then.verdict), word(today.verdict)});
    add_values(changes, name, "", then.figures, today.figures);
    add_values(changes, name, "finding ", then.findings, today.findings);
  }
  std::map<std::string, std::string> waived_then, waived_now;
  for (const std::string& waiver : before.waivers) waived_then[waiver] = "waived";
  for (const std::string& waiver : now.waivers) waived_now[waiver] = "waived";
  add_values(changes, "waivers", "", waived_then, waived_now);
  return changes;
}

}  // namespace

void compare_with(Sheet& sheet, const std::filesystem::path& earlier, bool repeated) {
  (void)require_seal(earlier);
  JsonObject object = JsonObject::read(earlier, kMaxSheet);
  const SheetState before = read_state(object);
  if (before.design != sheet.design) object.fail("design", "expected that of " + sheet.design);
  sheet.since.reset();
  const SheetState now = read_state(JsonObject::parse(sheet_json(sheet), "signoff.json"));
  if (repeated && is_repeated(before, now)) {
    sheet.since = before.since;
    return;
  }
  sheet.since =
      Since{.day = before.day, .level = before.level, .seal = before.seal, .changes = changes_between(before, now)};
}

}  // namespace systole::signoff
