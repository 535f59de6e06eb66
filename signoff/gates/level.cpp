// SPDX-License-Identifier: Apache-2.0
#include "signoff/gates/level.h"

#include <algorithm>
#include <stdexcept>

#include "base/input_error.h"

namespace systole::signoff {

std::vector<Gate> gates_of_level(LevelRequest request, const std::vector<std::pair<std::string, MakeGate>>& makers) {
  if (!request.levels.has(request.level))
    throw base::InputError("--level", request.level, "unknown; " + request.file + " has the names");
  base::JsonObject asked = request.levels.object(request.level);
  std::vector<Gate> gates;
  for (const auto& [name, make] : makers) {
    if (std::ranges::find(kGateNames, name) == kGateNames.end()) throw std::logic_error("no gate's name: " + name);
    if (!asked.has(name)) continue;
    base::JsonObject options = asked.object(name);
    Gate gate = make(options);
    options.finish();
    gate.name = name;
    gate.inputs.insert(gate.inputs.begin(), request.inputs.begin(), request.inputs.end());
    gate.run = [owner = request.owner, run = std::move(gate.run)](const GateProgress& progress) {
      return run(progress);
    };
    gates.push_back(std::move(gate));
  }
  asked.finish();
  return gates;
}

}  // namespace systole::signoff
