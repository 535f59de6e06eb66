// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>

#include <cstdint>

namespace systole::regress {

/// Whether `first` and all processes below `ancestor` hold more than so many bytes together, now. A page that several
/// of them share counts once, if with a part for each: resident sizes (/proc/PID/statm), which count it for each, are
/// added first, and where they come to more, proportional ones (/proc/PID/smaps_rollup). Who has ended or cannot be
/// looked at holds nothing. `first` is counted also where the kernel does not say who is below whom
/// (/proc/PID/task/ID/children; those of Debian do).
[[nodiscard]] bool hold_more_than(std::int64_t bytes, pid_t first, pid_t ancestor);

}  // namespace systole::regress
