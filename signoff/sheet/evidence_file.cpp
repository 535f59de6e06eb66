// SPDX-License-Identifier: Apache-2.0
#include "signoff/sheet/evidence_file.h"

#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "base/json_object.h"
#include "base/output_file.h"
#include "base/quote.h"
#include "signoff/sheet/date.h"
#include "signoff/sheet/seal.h"

namespace systole::signoff {
namespace {

using Json = nlohmann::ordered_json;
using base::JsonObject;

constexpr int kEvidenceVersion = 1;
constexpr std::uintmax_t kMaxFile = std::uintmax_t{1} << 28;
constexpr std::size_t kMaxText = 1 << 16, kMaxCount = 1 << 20;
constexpr double kMaxSeconds = 1e9;

std::string line_text(const std::string& text) { return base::terminal_text(base::document_text(text)); }

Json cell_json(const base::Cell& cell) {
  if (const auto* word = std::get_if<std::string>(&cell)) return line_text(*word);
  if (const auto* figure = std::get_if<base::Figure>(&cell)) return {{"figure", line_text(figure->text)}};
  if (const auto* count = std::get_if<std::int64_t>(&cell)) return *count;
  if (const auto* number = std::get_if<double>(&cell)) return *number;
  return nullptr;
}

Json tables_json(const std::vector<base::Table>& tables) {
  Json list = Json::array();
  for (const base::Table& table : tables) {
    (void)base::number_columns(table);  // throws where a row has another length
    Json columns = Json::array(), rows = Json::array();
    for (const std::string& column : table.columns) columns.push_back(line_text(column));
    for (const auto& row : table.rows) {
      Json cells = Json::array();
      for (const base::Cell& cell : row) cells.push_back(cell_json(cell));
      rows.push_back(std::move(cells));
    }
    list.push_back({{"name", line_text(table.name)}, {"columns", columns}, {"rows", rows}});
  }
  return list;
}

Json pair_json(const std::string& name, const std::string& value) {
  return {{"name", line_text(name)}, {"value", line_text(value)}};
}

bool is_gate_name(const std::string& gate) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789-_";
  return !gate.empty() && gate.find_first_not_of(kAllowed) == std::string::npos;
}

void require_writable(const Evidence& evidence) {
  if (!is_gate_name(evidence.gate)) throw std::logic_error("evidence: no name of a gate: '" + evidence.gate + "'");
  if (!is_date_and_time(evidence.started)) throw std::logic_error("evidence: no date: '" + evidence.started + "'");
  if (!std::isfinite(evidence.seconds) || evidence.seconds < 0) throw std::logic_error("evidence: no time");
  for (const Finding& finding : evidence.findings) {
    if (!finding.waiver.empty()) throw std::logic_error("evidence: waivers are not part of it");
  }
}

std::vector<base::Table> read_tables(JsonObject& object, const std::string& key) {
  std::vector<base::Table> tables;
  for (JsonObject& entry : object.objects(key, 0, kMaxCount)) {
    base::Table table{entry.text("name", 0, kMaxText), entry.texts("columns", 0, kMaxCount)};
    table.rows = entry.rows("rows", table.columns.size(), kMaxCount);
    entry.finish();
    tables.push_back(std::move(table));
  }
  return tables;
}

std::vector<std::pair<std::string, std::string>> read_pairs(JsonObject& object, const std::string& key) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (JsonObject& entry : object.objects(key, 0, kMaxCount)) {
    pairs.emplace_back(entry.text("name", 1, kMaxText), entry.text("value", 0, kMaxText));
    entry.finish();
  }
  return pairs;
}

enum class Waivers : std::uint8_t { none, read };

std::vector<Finding> read_findings(JsonObject& object, Waivers waivers) {
  std::vector<Finding> findings;
  for (JsonObject& entry : object.objects("findings", 0, kMaxCount)) {
    findings.push_back({entry.text("id", 1, kMaxText), entry.text("text", 0, kMaxText), ""});
    if (waivers == Waivers::read) findings.back().waiver = entry.text("waiver", 0, kMaxText);
    entry.finish();
  }
  return findings;
}

Evidence read_object(JsonObject& object, Waivers waivers = Waivers::none) {
  Evidence evidence;
  (void)object.integer("version", kEvidenceVersion, kEvidenceVersion);
  evidence.gate = object.text("gate", 1, kMaxText);
  evidence.command = object.text("command", 0, kMaxText);
  evidence.started = object.text("started", 0, kMaxText);
  if (!is_date_and_time(evidence.started)) object.fail("started", "expected a date and a time of day");
  evidence.seconds = object.number("seconds", 0, kMaxSeconds);
  evidence.applicable = object.boolean("applicable");
  evidence.checked = static_cast<std::uint64_t>(object.integer("checked", 0, INT64_MAX));
  evidence.unit = object.text("unit", 0, kMaxText);
  evidence.remark = object.text("remark", 0, kMaxText);
  evidence.inputs = read_pairs(object, "inputs");
  for (auto& [name, value] : read_pairs(object, "figures")) evidence.figures.push_back({name, value});
  evidence.tables = read_tables(object, "tables");
  evidence.maps = read_tables(object, "maps");
  evidence.findings = read_findings(object, waivers);
  return evidence;
}

}  // namespace

std::string evidence_json(const Evidence& evidence) {
  Json object{{"version", kEvidenceVersion},
              {"gate", evidence.gate},
              {"command", line_text(evidence.command)},
              {"started", evidence.started},
              {"seconds", evidence.seconds},
              {"applicable", evidence.applicable},
              {"checked", evidence.checked},
              {"unit", line_text(evidence.unit)},
              {"remark", line_text(evidence.remark)},
              {"inputs", Json::array()},
              {"figures", Json::array()},
              {"tables", tables_json(evidence.tables)},
              {"maps", tables_json(evidence.maps)},
              {"findings", Json::array()}};
  for (const auto& [name, value] : evidence.inputs) object["inputs"].push_back(pair_json(name, value));
  for (const Figure& figure : evidence.figures) object["figures"].push_back(pair_json(figure.name, figure.value));
  for (const Finding& finding : evidence.findings) {
    object["findings"].push_back({{"id", line_text(finding.id)}, {"text", line_text(finding.text)}});
  }
  return object.dump();
}

Evidence parse_evidence(const std::string& json, const std::string& name) {
  JsonObject object = JsonObject::parse(json, name);
  Evidence evidence = read_object(object);
  object.finish();
  return evidence;
}

Evidence judged_evidence(JsonObject object) {
  Evidence evidence = read_object(object, Waivers::read);
  object.finish();
  return evidence;
}

void write_evidence(const std::filesystem::path& folder, const Evidence& evidence) {
  require_writable(evidence);
  base::write_file_at_once(folder / (evidence.gate + ".json"), sealed(evidence_json(evidence)));
}

std::optional<EvidenceFile> read_evidence(const std::filesystem::path& folder, const std::string& gate) {
  const std::filesystem::path file = folder / (gate + ".json");
  if (!std::filesystem::exists(file)) return std::nullopt;
  const std::string seal = require_seal(file);
  JsonObject object = JsonObject::read(file, kMaxFile);
  EvidenceFile result{read_object(object), file.filename().string(), seal};
  (void)object.text("seal", seal.size(), seal.size());
  object.finish();
  if (result.evidence.gate != gate)
    object.fail("gate", "expected evidence of '" + gate + "', found that of another gate");
  return result;
}

}  // namespace systole::signoff
