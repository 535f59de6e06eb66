// SPDX-License-Identifier: Apache-2.0
#pragma once
// From a level in a file of levels to its gates.
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/json_object.h"
#include "signoff/gates/gate.h"

namespace systole::signoff {

/// Makes a gate by its options in the file, all of which it must ask for.
using MakeGate = std::function<Gate(base::JsonObject&)>;

struct LevelRequest {
  base::JsonObject levels;                                  ///< of all levels
  std::string level, file;                                  ///< the one that is asked for; what a user calls the file
  std::vector<std::pair<std::string, std::string>> inputs;  ///< of every gate, before its own
  std::shared_ptr<const void> owner;                        ///< of what the gates refer to
};

/// Those of `makers`, by name and in their order, that the level has. Throws base::InputError for a level that there is
/// none of, and for a gate or an option that nobody knows.
[[nodiscard]] std::vector<Gate> gates_of_level(LevelRequest request,
                                               const std::vector<std::pair<std::string, MakeGate>>& makers);

}  // namespace systole::signoff
