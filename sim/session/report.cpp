// SPDX-License-Identifier: Apache-2.0
#include "sim/session/report.h"

#include <fmt/format.h>

#include <Eigen/Core>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/counted.h"
#include "base/table.h"
#include "sim/dut/registry.h"

namespace systole::session {
namespace {

nlohmann::ordered_json tools() {
  return {{"systole", SYSTOLE_VERSION},
          {"verilator", SYSTOLE_VERILATOR_VERSION},
          {"compiler", __VERSION__},
          {"eigen", fmt::format("{}.{}.{}", EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION, EIGEN_MINOR_VERSION)}};
}

std::string class_name(const model::Network& network, int index) {
  const auto place = static_cast<std::size_t>(index);
  if (index < 0) return "unknown";
  return place < network.classes.size() ? network.classes[place] : std::to_string(index);
}

struct Accuracy {
  std::size_t known = 0, right = 0, as_golden = 0;
};

Accuracy accuracy(const std::vector<Prediction>& predictions) {
  Accuracy result;
  for (const Prediction& p : predictions) {
    result.known += p.label >= 0 ? 1 : 0;
    result.right += p.label >= 0 && p.label == p.rtl ? 1 : 0;
    result.as_golden += p.rtl == p.golden ? 1 : 0;
  }
  return result;
}

std::string item_name(cover::Item item) { return fmt::format("{}: {}", text(item).group, text(item).name); }

nlohmann::ordered_json exercised(const cover::Cover& cover) {
  nlohmann::ordered_json counts = nlohmann::ordered_json::object();
  for (std::size_t i = 0; i < cover::kItemCount; ++i) {
    const auto item = static_cast<cover::Item>(i);
    if (cover.count(item) != 0) counts[item_name(item)] = cover.count(item);
  }
  return counts;
}

nlohmann::ordered_json not_exercised(const cover::Cover& cover) {
  nlohmann::ordered_json names = nlohmann::ordered_json::array();
  for (const cover::Item item : cover.missed()) names.push_back(item_name(item));
  return names;
}

std::string prediction_lines(const RunReport& report, const model::Network& network, std::size_t max_images) {
  const std::vector<Prediction>& predictions = report.predictions;
  std::string text;
  for (std::size_t i = 0; i < std::min(predictions.size(), max_images); ++i) {
    const Prediction& p = predictions[i];
    text += fmt::format("image {:<5} predicted {:<10} label {:<10} output {}\n", p.image, class_name(network, p.rtl),
                        class_name(network, p.label), p.largest);
  }
  if (predictions.size() > max_images) {
    text +=
        fmt::format("... and {} (--outputs FILE has all)\n", base::counted(predictions.size() - max_images, "image"));
  }
  if (predictions.empty()) return text;
  const Accuracy a = accuracy(predictions);
  text += fmt::format("{}: {} predicted as the golden does", base::counted(predictions.size(), "image"), a.as_golden);
  if (a.known > 0) {
    text += fmt::format(", {} of {} labels met ({:.2f} %)", a.right, a.known,
                        100.0 * static_cast<double>(a.right) / static_cast<double>(a.known));
  }
  return text + "\n";
}

nlohmann::ordered_json compared_by(const RunReport& report) {
  nlohmann::ordered_json counts = nlohmann::ordered_json::object();
  for (std::size_t i = 0; i < report.compared_by.size(); ++i)
    counts[std::string(to_string(static_cast<check::Checker>(i)))] = report.compared_by[i];
  return counts;
}

nlohmann::ordered_json mismatch_json(const std::optional<check::Mismatch>& m) {
  if (!m) return nullptr;
  return {{"signal", m->signal}, {"checker", std::string(check::to_string(m->checker))},
          {"cycle", m->cycle},   {"coordinate", m->coordinate},
          {"rtl", m->rtl},       {"golden", m->golden}};
}

/// Where the run failed; null for one that no image failed.
nlohmann::ordered_json failure_json(const RunReport& report) {
  if (!report.failure) return nullptr;
  const FailurePoint& at = *report.failure;
  const auto layer = std::ranges::find(report.layers, at.layer, &LayerReport::name);
  nlohmann::ordered_json first = nlohmann::ordered_json::array();
  for (const check::Mismatch& m : at.first) first.push_back(m.signal);
  return {{"image", at.image},
          {"layer", at.layer},
          {"kind", layer == report.layers.end() ? "" : layer->kind},
          {"cycle", at.cycle},
          {"origin", mismatch_json(at.origin)},
          {"detection", mismatch_json(at.detection)},
          {"first", first}};
}

}  // namespace

std::string tools_json() { return tools().dump(); }

base::Table layer_table(const RunReport& report) {
  // What did not end has no figure of its own.
  const auto percent = [](bool known, double share) {
    return base::Figure{known ? fmt::format("{:.1f}%", 100 * share) : "-"};
  };
  const auto count = [](std::uint64_t n) { return static_cast<std::int64_t>(n); };
  base::Table table{"layers", {"layer", "shape", "cycles", "util", "roofline", "checked", "mismatches", "psum range"}};
  for (const LayerReport& layer : report.layers) {
    const bool runs_by_roofline = layer.roofline != 0;
    table.rows.push_back({layer.name, layer.shape, count(busy_cycles(layer)),
                          percent(busy_cycles(layer) != 0 && runs_by_roofline, layer.utilisation),
                          percent(runs_by_roofline, layer.roofline), count(layer.totals.compared),
                          count(layer.totals.mismatches),
                          layer.totals.images == 0 ? "-" : fmt::format("{} .. {}", layer.psum_min, layer.psum_max)});
  }
  return table;
}

std::string run_table(const RunReport& report, const model::Network& network, std::size_t max_images) {
  std::string text = terminal_table(layer_table(report));
  text += prediction_lines(report, network, max_images);
  const double rate = report.seconds > 0 ? static_cast<double>(report.cycles) / report.seconds : 0;
  text += fmt::format("{}, {} cycles in {:.2f} s ({:.2f} M cycles/s), {} values compared, {} differ\n",
                      base::counted(report.images, "image"), report.cycles, report.seconds, rate / 1e6, report.compared,
                      report.mismatches);
  return text;
}

std::string run_json(const RunReport& report, const RunOptions& options, const model::Network& network) {
  nlohmann::ordered_json layers = nlohmann::ordered_json::array();
  for (const LayerReport& layer : report.layers) {
    nlohmann::ordered_json counters;
    for (std::size_t i = 0; i < layer.totals.counters.size(); ++i)
      counters[report.counters[i]] = layer.totals.counters[i];
    layers.push_back({{"name", layer.name},
                      {"kind", layer.kind},
                      {"shape", layer.shape},
                      {"macs", layer.totals.macs},
                      {"cycles", busy_cycles(layer)},
                      {"utilisation", layer.utilisation},
                      {"roofline", layer.roofline},
                      {"counters", counters},
                      {"compared", layer.totals.compared},
                      {"mismatches", layer.totals.mismatches},
                      {"psum_min", layer.psum_min},
                      {"psum_max", layer.psum_max}});
  }
  nlohmann::ordered_json predictions = nlohmann::ordered_json::array();
  for (const Prediction& p : report.predictions) {
    predictions.push_back({{"image", p.image}, {"label", p.label}, {"rtl", p.rtl}, {"golden", p.golden}});
  }
  const Accuracy a = accuracy(report.predictions);
  const dut::Build& build = dut::find_build(options.configuration, options.trace);
  nlohmann::ordered_json json{{"version", 1},
                              {"outcome", std::string(to_string(report.outcome))},
                              {"detail", report.detail},
                              {"network", network.name},
                              {"configuration", report.configuration},
                              {"kind", std::string(build.kind)},
                              {"lint_warnings", build.facts.lint_warnings},
                              {"check", std::string(to_string(options.check))},
                              {"via", std::string(to_string(options.via))},
                              {"stall", std::string(to_string(options.stall))},
                              {"seed", options.seed},
                              {"tools", tools()},
                              {"rtl_sha256", std::string(dut::rtl_hash())},
                              {"images", report.images},
                              {"cycles", report.cycles},
                              {"seconds", report.seconds},
                              {"compared", report.compared},
                              {"compared_by", compared_by(report)},
                              {"expected_compared", report.expected_compared},
                              {"mismatches", report.mismatches},
                              {"canaries", report.canaries},
                              {"skipped", report.skipped},
                              {"in_part", report.in_part},
                              {"exercised", exercised(report.exercised)},
                              {"not_exercised", not_exercised(report.exercised)},
                              {"labels_known", a.known},
                              {"labels_met", a.right},
                              {"layers", layers},
                              {"predictions", predictions},
                              {"failures", report.failures},
                              {"failure", failure_json(report)},
                              {"token", report.failure ? report.failure->token : std::string()}};
  return json.dump(2) + "\n";
}

}  // namespace systole::session
