// SPDX-License-Identifier: Apache-2.0
#pragma once
// Evidence of gates, as gates may write it.
#include <string>
#include <vector>

#include "signoff/sheet/sheet.h"

namespace systole::test {

inline const std::string kSampleRtl(64, 'a');

/// Passes: 93 of 100 mutants, with every kind of cell.
inline signoff::Evidence sample_evidence(const std::string& gate) {
  signoff::Evidence evidence;
  evidence.gate = gate;
  evidence.inputs = {{"rtl", kSampleRtl}, {"yosys", "0.23"}, {"seed", "1"}};
  evidence.command = "systole signoff --level quick --gate " + gate;
  evidence.started = "2026-11-29 22:21:37";
  evidence.seconds = 83.25;
  evidence.checked = 100;
  evidence.unit = "mutants";
  evidence.remark = "250 a binary";
  evidence.figures = {{gate + " score", "93 of 100"}, {"interval of 95 %", "86.3 .. 96.6 %"}};
  evidence.tables = {{"modules",
                      {"module", "mutants", "killed", "share"},
                      {{std::string("ctrl"), std::int64_t{60}, 58.5, base::Figure{"97.5 %"}},
                       {std::string("pool"), std::int64_t{9}, 0.1 + 0.2, base::Figure{"-"}},
                       {{}, std::int64_t{-40}, {}, base::Figure{"5 %"}}}}};
  evidence.maps = {{"kills", {"checker", "m1", "m2"}, {{std::string("pins"), std::int64_t{0}, std::int64_t{7}}}}};
  return evidence;
}

inline signoff::Finding sample_finding() {
  return {"mutation survivor rtl/ctrl.v sum_q * 2 bit 7 inv", "no stimulus of the level kills it", ""};
}

inline signoff::Waiver sample_waiver(const std::string& gate) {
  return {gate,         sample_finding().id, "the counter wraps after 2^31 cycles", "A. Smith", "2026-12-31",
          "rtl/ctrl.v", std::string(64, 'c')};
}

inline signoff::SheetRequest sample_request(const std::vector<std::string>& gates) {
  signoff::SheetRequest request{"accel", "quick", "2026-11-30", {}, {}, {}, {{"rtl/ctrl.v", std::string(64, 'c')}}};
  for (const std::string& gate : gates) request.gates.push_back({gate, sample_evidence(gate).inputs});
  request.numbers = gates;
  return request;
}

}  // namespace systole::test
