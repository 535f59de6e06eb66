// SPDX-License-Identifier: Apache-2.0
#pragma once
// A sheet with whatever a page finds hard: every verdict, long words, wide and long tables, maps of both kinds, text
// that is markup.
#include <cstdint>
#include <string>
#include <vector>

#include "signoff/sheet/sheet.h"
#include "tests/support/sample_sheet.h"

namespace systole::test {

inline base::Table wide_table() {
  base::Table table{"one column for each register of the array", {"image"}};
  for (int c = 0; c < 40; ++c) table.columns.push_back("u_array.row_" + std::to_string(c) + ".sum_q");
  for (std::int64_t r = 0; r < 4; ++r) {
    table.rows.push_back({std::string("glyphs:") + std::to_string(r)});
    for (std::int64_t c = 0; c < 40; ++c) table.rows.back().emplace_back(c * 7 % 11 - r);
  }
  return table;
}

/// `columns` numbers in each of six rows, between 0 and 96.
inline base::Table sample_map(const std::string& name, std::int64_t columns) {
  base::Table map{name, {"kind"}};
  for (std::int64_t c = 0; c < columns; ++c) map.columns.push_back("k" + std::to_string(c));
  for (const char* kind : {"conv", "depthwise", "dense", "max pool", "average pool", "residual add"}) {
    map.rows.push_back({std::string(kind)});
    for (std::int64_t c = 0; c < columns; ++c) {
      map.rows.back().emplace_back(static_cast<std::int64_t>(map.rows.size()) * (c * c + 3) % 97);
    }
  }
  return map;
}

/// 900 mutants of 23 modules, each with the program that kills it; of every third no other does.
inline base::Table sample_kills() {
  base::Table kills{signoff::kKilledByPrograms, {"mutant", "program", "level", "other program"}};
  for (std::int64_t i = 0; i < 900; ++i) {
    kills.rows.push_back({"module_" + std::to_string(i % 23) + " <b>inv</b> Y[" + std::to_string(i) + "]",
                          "random" + std::to_string(i * i % 60), std::string(i % 2 == 0 ? "outputs" : "pins"),
                          i % 3 == 0 ? base::Cell() : base::Cell(std::string("corners"))});
  }
  return kills;
}

inline signoff::Sheet wide_sheet() {
  using signoff::Evidence;
  signoff::SheetRequest request =
      sample_request({"lint", "reset", "coverage", "mutation", "formal", "netlist", "cross", "regression"});
  request.numbers = {"mutation", "coverage", "regression"};
  request.waivers = {sample_waiver("mutation")};
  std::vector<signoff::EvidenceFile> files;
  const auto add = [&files](const Evidence& evidence) {
    files.push_back({evidence, evidence.gate + ".json", std::string(64, '9')});
  };
  Evidence lint = sample_evidence("lint"), coverage = sample_evidence("coverage"),
           mutation = sample_evidence("mutation");
  lint.command = "systole signoff --design accel " + std::string(300, 'x') + " --level quick && echo '<b>'";
  lint.findings = {{"verilator UNUSED rtl/" + std::string(120, 'q') + ".v unused_w", "<script>nosuch()</script>", ""}};
  lint.tables = {wide_table()};
  coverage.maps = {sample_map("kind x kernel", 15), sample_map("kind x width of the map", 400),
                   sample_map(signoff::kCycleShares, 6)};
  mutation.findings = {sample_finding()};
  base::Table mutants{"mutants", {"module", "line", "killed by", "cycles"}};
  for (std::int64_t i = 0; i < 60; ++i) {
    mutants.rows.push_back({"module_" + std::to_string(i * 37 % 60), i * 13 % 50, std::string(i % 3 == 0 ? "" : "pins"),
                            0.5 * static_cast<double>(i)});
  }
  mutation.tables.push_back(mutants);
  mutation.tables.push_back(sample_kills());
  Evidence formal = sample_evidence("formal"), netlist = sample_evidence("netlist");
  formal.applicable = false;
  formal.remark = "the adapter names no streams";
  netlist.inputs[0].second = std::string(64, 'b');
  for (const Evidence& evidence :
       {lint, coverage, mutation, formal, netlist, sample_evidence("reset"), sample_evidence("regression")})
    add(evidence);
  signoff::Sheet sheet = make_sheet(request, files);
  sheet.since = signoff::Since{.day = "2026-11-29",
                               .level = "quick",
                               .seal = std::string(64, '8'),
                               .changes = {{"mutation", "mutation score", "92 of 100", "93 of 100"},
                                           {"lint", "finding " + std::string(120, 'q') + " <b>", "-", "open"}}};
  return sheet;
}

}  // namespace systole::test
