// SPDX-License-Identifier: Apache-2.0
#pragma once
// A report as a file that another process reads back whole, and several reports of consecutive images as one.
#include <filesystem>
#include <string>
#include <vector>

#include "sim/session/session.h"

namespace systole::session {

/// JSON text with everything of the report but `outputs`.
std::string result_text(const RunReport& report);

/// What result_text() wrote. Throws base::InputError for anything else.
RunReport read_result(const std::filesystem::path& file);

/// Of parts of one run, in the order of their images, each from reset: what one process would have reported, which
/// stops at the first image that does not pass, so that parts behind a failure count for nothing. `seconds` is the
/// longest of the parts. At least one part, all of the same layers.
RunReport merge(std::vector<RunReport> parts);

}  // namespace systole::session
