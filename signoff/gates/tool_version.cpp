// SPDX-License-Identifier: Apache-2.0
#include "signoff/gates/tool_version.h"

#include "base/process.h"

namespace systole::signoff {

std::string version_of(const std::string& tool, const std::string& option) {
  const base::ProcessResult result = base::run_process({tool, option}, {.errors_too = true});
  return result.succeeded ? result.output.substr(0, result.output.find('\n')) : "not installed";
}

}  // namespace systole::signoff
