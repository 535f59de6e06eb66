// SPDX-License-Identifier: Apache-2.0
#include "sim/session/result.h"

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/input_error.h"

namespace systole::session {
namespace {

using Json = nlohmann::json;

constexpr int kVersion = 3;

Json to_json(const LayerReport& layer) {
  const LayerTotals& t = layer.totals;
  return {{"name", layer.name},
          {"kind", layer.kind},
          {"shape", layer.shape},
          {"counters", t.counters},
          {"macs", t.macs},
          {"images", t.images},
          {"compared", t.compared},
          {"mismatches", t.mismatches},
          {"roofline", layer.roofline},
          {"psum_min", layer.psum_min},
          {"psum_max", layer.psum_max}};
}

LayerReport layer_from(const Json& json) {
  LayerReport layer;
  json.at("name").get_to(layer.name);
  json.at("kind").get_to(layer.kind);
  json.at("shape").get_to(layer.shape);
  json.at("counters").get_to(layer.totals.counters);
  json.at("macs").get_to(layer.totals.macs);
  json.at("images").get_to(layer.totals.images);
  json.at("compared").get_to(layer.totals.compared);
  json.at("mismatches").get_to(layer.totals.mismatches);
  json.at("roofline").get_to(layer.roofline);
  json.at("psum_min").get_to(layer.psum_min);
  json.at("psum_max").get_to(layer.psum_max);
  return layer;
}

Json to_json(const Prediction& p) {
  const std::int32_t* values = p.output.data.data();
  return {{"image", p.image},
          {"label", p.label},
          {"rtl", p.rtl},
          {"golden", p.golden},
          {"largest", p.largest},
          {"shape", {p.output.height, p.output.width, p.output.channels()}},
          {"output", std::vector<std::int32_t>(values, values + p.output.data.size())}};
}

Prediction prediction_from(const Json& json) {
  Prediction p;
  json.at("image").get_to(p.image);
  json.at("label").get_to(p.label);
  json.at("rtl").get_to(p.rtl);
  json.at("golden").get_to(p.golden);
  json.at("largest").get_to(p.largest);
  const auto shape = json.at("shape").get<std::array<int, 3>>();
  const auto values = json.at("output").get<std::vector<std::int32_t>>();
  if (values.empty()) return p;
  p.output = op::Tensor(shape[0], shape[1], shape[2]);
  if (values.size() != static_cast<std::size_t>(p.output.data.size())) throw std::length_error("output");
  std::ranges::copy(values, p.output.data.data());
  return p;
}

Json to_json(const std::optional<check::Mismatch>& m) {
  if (!m) return nullptr;
  return {{"checker", static_cast<int>(m->checker)},
          {"signal", m->signal},
          {"cycle", m->cycle},
          {"index", m->index},
          {"rtl", m->rtl},
          {"golden", m->golden},
          {"coordinate", m->coordinate}};
}

std::optional<check::Mismatch> mismatch_from(const Json& json) {
  if (json.is_null()) return std::nullopt;
  check::Mismatch m;
  m.checker = static_cast<check::Checker>(json.at("checker").get<int>());
  json.at("signal").get_to(m.signal);
  json.at("cycle").get_to(m.cycle);
  json.at("index").get_to(m.index);
  json.at("rtl").get_to(m.rtl);
  json.at("golden").get_to(m.golden);
  json.at("coordinate").get_to(m.coordinate);
  return m;
}

RunReport report_from(const Json& json) {
  RunReport report;
  if (json.at("version").get<int>() != kVersion) throw std::invalid_argument("version");
  report.outcome = static_cast<kernel::Outcome>(json.at("outcome").get<int>());
  json.at("detail").get_to(report.detail);
  json.at("configuration").get_to(report.configuration);
  for (const Json& layer : json.at("layers")) report.layers.push_back(layer_from(layer));
  for (const Json& prediction : json.at("predictions")) report.predictions.push_back(prediction_from(prediction));
  json.at("images").get_to(report.images);
  json.at("cycles").get_to(report.cycles);
  json.at("compared").get_to(report.compared);
  json.at("compared_by").get_to(report.compared_by);
  json.at("expected_compared").get_to(report.expected_compared);
  json.at("mismatches").get_to(report.mismatches);
  json.at("macs_per_cycle").get_to(report.macs_per_cycle);
  json.at("seconds").get_to(report.seconds);
  json.at("failures").get_to(report.failures);
  json.at("counters").get_to(report.counters);
  json.at("skipped").get_to(report.skipped);
  json.at("in_part").get_to(report.in_part);
  json.at("canaries").get_to(report.canaries);
  report.exercised = cover::Cover(json.at("exercised").get<std::vector<std::uint64_t>>(),
                                  json.at("not_counted").get<std::vector<bool>>());
  json.at("trace_empty").get_to(report.trace_empty);
  if (json.contains("failed_image")) {
    FailurePoint& failure = report.failure.emplace();
    json["failed_image"].get_to(failure.image);
    json.at("failed_layer").get_to(failure.layer);
    json.at("failed_cycle").get_to(failure.cycle);
    failure.origin = mismatch_from(json.at("origin"));
    failure.detection = mismatch_from(json.at("detection"));
    for (const Json& m : json.at("first")) failure.first.push_back(*mismatch_from(m));
  }
  for (LayerReport& layer : report.layers) set_utilisation(layer, report.macs_per_cycle);
  return report;
}

void add(LayerReport& sum, const LayerReport& part) {
  LayerTotals& t = sum.totals;
  for (std::size_t i = 0; i < t.counters.size(); ++i) t.counters[i] += part.totals.counters.at(i);
  if (part.totals.images > 0) {
    sum.psum_min = t.images > 0 ? std::min(sum.psum_min, part.psum_min) : part.psum_min;
    sum.psum_max = t.images > 0 ? std::max(sum.psum_max, part.psum_max) : part.psum_max;
  }
  t.macs += part.totals.macs;
  t.images += part.totals.images;
  t.compared += part.totals.compared;
  t.mismatches += part.totals.mismatches;
}

template <class T>
void append(std::vector<T>& to, std::vector<T>& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

void add(RunReport& sum, RunReport part) {
  sum.outcome = part.outcome;
  sum.detail = part.detail;
  for (std::size_t i = 0; i < sum.layers.size(); ++i) add(sum.layers[i], part.layers.at(i));
  append(sum.predictions, part.predictions);
  sum.images += part.images;
  sum.cycles += part.cycles;
  sum.compared += part.compared;
  for (std::size_t i = 0; i < sum.compared_by.size(); ++i) sum.compared_by[i] += part.compared_by[i];
  sum.expected_compared += part.expected_compared;
  sum.mismatches += part.mismatches;
  sum.seconds = std::max(sum.seconds, part.seconds);
  append(sum.failures, part.failures);
  sum.failure = std::move(part.failure);
  sum.exercised.merge(part.exercised);
}

}  // namespace

std::string result_text(const RunReport& report) {
  Json layers = Json::array(), predictions = Json::array();
  for (const LayerReport& layer : report.layers) layers.push_back(to_json(layer));
  for (const Prediction& prediction : report.predictions) predictions.push_back(to_json(prediction));
  Json json{{"version", kVersion},
            {"outcome", static_cast<int>(report.outcome)},
            {"detail", report.detail},
            {"configuration", report.configuration},
            {"layers", layers},
            {"predictions", predictions},
            {"images", report.images},
            {"cycles", report.cycles},
            {"compared", report.compared},
            {"compared_by", report.compared_by},
            {"expected_compared", report.expected_compared},
            {"mismatches", report.mismatches},
            {"macs_per_cycle", report.macs_per_cycle},
            {"seconds", report.seconds},
            {"failures", report.failures},
            {"counters", report.counters},
            {"skipped", report.skipped},
            {"in_part", report.in_part},
            {"canaries", report.canaries},
            {"exercised", report.exercised.counts()},
            {"not_counted", report.exercised.left_out()},
            {"trace_empty", report.trace_empty}};
  if (report.failure) {
    json["failed_image"] = report.failure->image;
    json["failed_layer"] = report.failure->layer;
    json["failed_cycle"] = report.failure->cycle;
    json["origin"] = to_json(report.failure->origin);
    json["detection"] = to_json(report.failure->detection);
    json["first"] = Json::array();
    for (const check::Mismatch& m : report.failure->first) json["first"].push_back(to_json(m));
  }
  return json.dump() + "\n";
}

RunReport read_result(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  try {
    return report_from(Json::parse(text));
  } catch (const std::exception& error) {
    throw base::InputError(file.string(), "", std::string("is no whole result: ") + error.what());
  }
}

RunReport merge(std::vector<RunReport> parts) {
  RunReport sum = std::move(parts.front());
  const auto goes_on = [&sum] {
    return sum.outcome == kernel::Outcome::passed || sum.outcome == kernel::Outcome::not_checked;
  };
  for (std::size_t i = 1; i < parts.size() && goes_on(); ++i) add(sum, std::move(parts[i]));
  for (LayerReport& layer : sum.layers) set_utilisation(layer, sum.macs_per_cycle);
  return sum;
}

}  // namespace systole::session
