// SPDX-License-Identifier: Apache-2.0
#include "sim/session/timing.h"

#include <fmt/format.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "base/input_error.h"
#include "base/json_object.h"

namespace systole::session {
namespace {

constexpr std::size_t kMaxName = 256;
constexpr std::size_t kMaxLayers = 10000;
constexpr std::uintmax_t kMaxBytes = std::uintmax_t{16} << 20;
constexpr std::int64_t kMaxCount = std::numeric_limits<std::int64_t>::max();

void require_equal(const std::filesystem::path& file, const std::string& key, const std::string& recorded,
                   const std::string& now) {
  if (recorded == now) return;
  throw base::InputError(
      file.string(), key,
      fmt::format("recorded with {}, this run has {}: repeat that run, or record this one", recorded, now));
}

std::string names_of(const Timing& timing) {
  std::string names;
  for (const auto& [name, cycles] : timing.layers) names += (names.empty() ? "" : " ") + name;
  return names;
}

}  // namespace

Timing timing_of(const RunReport& report, const RunOptions& options, const std::string& network) {
  Timing timing{.network = network,
                .configuration = report.configuration,
                .stall = std::string(to_string(options.stall)),
                .seed = options.seed,
                .images = report.images,
                .layers = {}};
  for (const LayerReport& layer : report.layers) timing.layers.emplace_back(layer.name, busy_cycles(layer));
  return timing;
}

std::string timing_json(const Timing& timing) {
  nlohmann::ordered_json layers = nlohmann::ordered_json::array();
  for (const auto& [name, cycles] : timing.layers) layers.push_back({{"name", name}, {"cycles", cycles}});
  const nlohmann::ordered_json json{
      {"version", 1},          {"network", timing.network}, {"configuration", timing.configuration},
      {"stall", timing.stall}, {"seed", timing.seed},       {"images", timing.images},
      {"layers", layers}};
  return json.dump(2) + "\n";
}

Timing read_timing(const std::filesystem::path& file) {
  base::JsonObject json = base::JsonObject::read(file, kMaxBytes);
  json.integer("version", 1, 1);
  Timing timing{.network = json.text("network", 0, kMaxName),
                .configuration = json.text("configuration", 1, kMaxName),
                .stall = json.text("stall", 1, kMaxName),
                .seed = static_cast<std::uint64_t>(json.integer("seed", 0, kMaxCount)),
                .images = static_cast<std::uint64_t>(json.integer("images", 1, kMaxCount)),
                .layers = {}};
  for (base::JsonObject& layer : json.objects("layers", 1, kMaxLayers)) {
    std::string name = layer.text("name", 1, kMaxName);
    timing.layers.emplace_back(std::move(name), static_cast<std::uint64_t>(layer.integer("cycles", 0, kMaxCount)));
    layer.finish();
  }
  json.finish();
  return timing;
}

std::vector<TimingChange> compare_timing(const std::filesystem::path& file, const Timing& recorded, const Timing& now) {
  require_equal(file, "network", recorded.network, now.network);
  require_equal(file, "configuration", recorded.configuration, now.configuration);
  require_equal(file, "stall", recorded.stall, now.stall);
  require_equal(file, "seed", std::to_string(recorded.seed), std::to_string(now.seed));
  require_equal(file, "images", std::to_string(recorded.images), std::to_string(now.images));
  require_equal(file, "layers", names_of(recorded), names_of(now));
  std::vector<TimingChange> changes;
  for (std::size_t i = 0; i < now.layers.size(); ++i) {
    const auto& [name, cycles] = now.layers[i];
    if (cycles != recorded.layers[i].second) changes.push_back({name, recorded.layers[i].second, cycles});
  }
  return changes;
}

}  // namespace systole::session
