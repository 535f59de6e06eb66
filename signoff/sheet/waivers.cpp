// SPDX-License-Identifier: Apache-2.0
#include "signoff/sheet/waivers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <utility>

#include "base/json_object.h"
#include "signoff/sheet/date.h"

namespace systole::signoff {
namespace {

constexpr int kWaiversVersion = 1;
constexpr std::uintmax_t kMaxWaiverFile = 1 << 24;
constexpr std::size_t kMaxWaiverText = 4096, kMaxWaivers = 1 << 16, kDigestDigits = 64;

bool has_letter(const std::string& text) {
  return std::ranges::any_of(text, [](unsigned char c) { return std::isalpha(c) != 0; });
}

Waiver read_waiver(base::JsonObject& entry, std::span<const std::string_view> gates) {
  Waiver waiver;
  waiver.finding = entry.text("finding", 1, kMaxWaiverText);
  entry.set_label(waiver.finding);
  waiver.gate = entry.text("gate", 1, kMaxWaiverText);
  if (std::ranges::find(gates, waiver.gate) == gates.end()) {
    entry.fail("gate", fmt::format("expected one of {}, found '{}'", fmt::join(gates, " "), waiver.gate));
  }
  waiver.reason = entry.text("reason", 1, kMaxWaiverText);
  if (!has_letter(waiver.reason)) entry.fail("reason", "expected words that say why");
  waiver.owner = entry.text("owner", 1, kMaxWaiverText);
  if (!has_letter(waiver.owner)) entry.fail("owner", "expected the name of who answers for it");
  waiver.expires = entry.text("expires", 1, kMaxWaiverText);
  if (!is_date(waiver.expires)) {
    entry.fail("expires", fmt::format("expected a day as 2026-11-29, found '{}'", waiver.expires));
  }
  if (entry.has("module") || entry.has("module_sha256")) {
    waiver.module = entry.text("module", 1, kMaxWaiverText);
    waiver.module_sha256 = entry.text("module_sha256", kDigestDigits, kDigestDigits);
  }
  if (entry.has("level")) waiver.level = entry.text("level", 1, kMaxWaiverText);
  entry.finish();
  return waiver;
}

/// Whether somebody may think that it covers the finding: up to its first wildcard it is the start of the id.
bool seems_to_cover(const Waiver& waiver, const Finding& finding) {
  return finding.id.starts_with(std::string_view(waiver.finding).substr(0, waiver.finding.find_first_of("*?")));
}

/// A file of the design that the finding's id names as a word, or "".
std::string named_source(const std::string& id, const SourceHashes& sources) {
  for (const auto& source : sources) {
    if ((" " + id + " ").find(" " + source.first + " ") != std::string::npos) return source.first;
  }
  return {};
}

/// Why the waiver is void, or "".
std::string void_reason(const Waiver& waiver, const SourceHashes& sources) {
  const std::string named = named_source(waiver.finding, sources);
  if (!named.empty() && named != waiver.module) {
    return fmt::format("the finding is in {}: expected that file as its module, with module_sha256", named);
  }
  if (waiver.module.empty()) return {};
  const auto source = sources.find(waiver.module);
  if (source == sources.end()) return fmt::format("{} is no source file of the design", waiver.module);
  if (source->second != waiver.module_sha256) {
    return fmt::format("{} has changed: look at the finding again", waiver.module);
  }
  return {};
}

/// What is wrong with a waiver: one word, and a line; the word is empty where nothing is.
struct Objection {
  std::string word, line;
};

Objection object_to_names(const Waiver& waiver, const std::vector<Finding>& findings) {
  const auto named = std::ranges::count(findings, waiver.finding, &Finding::id);
  if (named == 1) return {};
  if (named > 1) return {"too broad", fmt::format("{} findings have this id", named)};
  if (std::ranges::any_of(findings, [&](const Finding& finding) { return seems_to_cover(waiver, finding); })) {
    return {"too broad", "expected the whole id of one finding: there are no patterns"};
  }
  return {"unused", "there is no such finding: remove the waiver"};
}

Objection object_to(const Waiver& waiver, const std::vector<Finding>& findings, std::string_view today,
                    const SourceHashes& sources) {
  Objection objection = object_to_names(waiver, findings);
  if (!objection.word.empty()) return objection;
  if (waiver.expires < today) return {"expired", fmt::format("on {}: settle the finding", waiver.expires)};
  if (std::string reason = void_reason(waiver, sources); !reason.empty()) return {"void", std::move(reason)};
  return {};
}

}  // namespace

std::vector<Waiver> read_waivers(const std::filesystem::path& file, std::span<const std::string_view> gates,
                                 std::string_view level) {
  base::JsonObject object = base::JsonObject::read(file, kMaxWaiverFile);
  (void)object.integer("version", kWaiversVersion, kWaiversVersion);
  std::vector<Waiver> waivers;
  std::set<std::pair<std::string, std::string>> seen;
  for (base::JsonObject& entry : object.objects("waivers", 0, kMaxWaivers)) {
    waivers.push_back(read_waiver(entry, gates));
    const Waiver& waiver = waivers.back();
    if (!seen.emplace(waiver.gate, waiver.finding).second) entry.fail("", "the second waiver of this finding");
  }
  object.finish();
  std::erase_if(waivers, [level](const Waiver& waiver) { return !waiver.level.empty() && waiver.level != level; });
  return waivers;
}

void apply_waivers(Evidence& evidence, std::span<const Waiver> waivers, std::string_view today,
                   const SourceHashes& sources) {
  std::vector<Finding> objections;
  for (const Waiver& waiver : waivers) {
    if (waiver.gate != evidence.gate) continue;
    const Objection objection = object_to(waiver, evidence.findings, today, sources);
    if (objection.word.empty()) {
      std::ranges::find(evidence.findings, waiver.finding, &Finding::id)->waiver = waiver.reason;
    } else {
      objections.push_back({fmt::format("waiver {}: {}", objection.word, waiver.finding),
                            fmt::format("waiver of {} {}: {}", waiver.owner, objection.word, objection.line), ""});
    }
  }
  evidence.findings.insert(evidence.findings.end(), objections.begin(), objections.end());
}

}  // namespace systole::signoff
