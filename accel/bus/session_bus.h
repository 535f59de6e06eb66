// SPDX-License-Identifier: Apache-2.0
#pragma once
// The sockets of this folder as a transport of the session.
#include <vector>

#include "accel/contract/command.h"
#include "sim/session/plan.h"

namespace systole::bus {

/// The image's commands with their streams, in order. They point into `plan` and `work`.
std::vector<accel::Job> jobs_of(const session::Plan& plan, const session::ImageWork& work);

}  // namespace systole::bus
