// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reports of `systole run` (docs/report.md), and texts that a browser could take for something else.
#include <nlohmann/json.hpp>
#include <string>

namespace systole::test {

inline nlohmann::ordered_json passed_report() {
  return nlohmann::ordered_json::parse(R"({
    "version": 1, "outcome": "passed", "detail": "", "network": "<net> & \"more\"", "configuration": "2x3",
    "kind": "edit", "lint_warnings": 0, "check": "all", "via": "native", "stall": "none", "seed": 7,
    "tools": {"systole": "0.1.0", "verilator": "5.006"}, "rtl_sha256": "f00d",
    "images": 5, "cycles": 500, "seconds": 0.25, "compared": 1000,
    "compared_by": {"pins": 300, "registers": 650, "outputs": 0, "tensor": 50}, "expected_compared": 1000, "mismatches": 0,
    "canaries": ["pins", "registers act", "registers psum", "tensor"], "skipped": [], "in_part": [],
    "exercised": {"kinds: conv2d": 5, "rounding: floor": 12}, "not_exercised": ["rounding: tie", "rounding: left shift"],
    "labels_known": 5, "labels_met": 4,
    "layers": [{"name": "conv", "kind": "conv2d", "shape": "4x4x3 -> 3x3 4x4x3", "macs": 150, "cycles": 100,
      "utilisation": 0.25, "roofline": 0.5,
      "counters": {"busy": 100, "stall_in": 20, "stall_out": 10, "weight_load": 9, "compute": 50, "drain": 15},
      "compared": 900, "mismatches": 0, "psum_min": -128, "psum_max": 127}],
    "predictions": [], "failures": [], "failure": null, "token": ""})");
}

inline nlohmann::ordered_json failed_report() {
  nlohmann::ordered_json report = passed_report();
  report["outcome"] = "mismatch";
  report["detail"] = "3 values differ";
  report["mismatches"] = 3;
  report["layers"][0]["mismatches"] = 3;
  report["failures"] = {"run.net.conv  act_q  cycle 12\n<script>alert(1)</script>"};
  report["token"] = "S1-token";
  report["failure"] = nlohmann::ordered_json::parse(R"({
    "image": 4, "layer": "conv", "kind": "conv2d", "cycle": 90,
    "origin": {"signal": "u_array.g_row[1].g_col[2].u_c.act_q", "checker": "registers", "cycle": 12,
      "coordinate": "", "rtl": 1, "golden": 0},
    "detection": {"signal": "out_data_o", "checker": "pins", "cycle": 40, "coordinate": "", "rtl": 1, "golden": 0},
    "first": ["u_array.g_row[1].g_col[2].u_c.act_q", "u_array.g_row[1].g_col[2].u_c.psum_q",
      "u_array.g_row[0].g_col[1].u_c.psum_q"]})");
  return report;
}

}  // namespace systole::test
