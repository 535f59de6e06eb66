// SPDX-License-Identifier: Apache-2.0
#pragma once
// A job's result as JSON, in its own file and in a summary.
#include <nlohmann/json_fwd.hpp>

#include "regress/result.h"

namespace systole::regress {

[[nodiscard]] nlohmann::ordered_json to_json(const JobResult& result);

/// What to_json() made. Throws an exception of the library or std::invalid_argument for anything else.
[[nodiscard]] JobResult result_from(const nlohmann::ordered_json& json);

}  // namespace systole::regress
