// SPDX-License-Identifier: Apache-2.0
#pragma once
// From gates to the sheet that says what they found: what the sign-off of accel and of any other design share.
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/file_lock.h"
#include "cli/signoff_options.h"
#include "signoff/gates/gate.h"
#include "signoff/sheet/sheet.h"

namespace systole::cli {

/// Makes the folder; whoever has the lock writes there. Throws base::InputError.
std::unique_ptr<base::FileLock> lock_sheet(const SheetOptions& options);

/// Runs the gates of which the folder has no evidence, writes the sheet and prints it. `request` lacks the gates and
/// today; `command` is what finds the evidence again. Returns the exit code.
int sign_off(const std::vector<signoff::Gate>& gates, signoff::SheetRequest request, const SheetOptions& options,
             const std::string& command);

}  // namespace systole::cli
