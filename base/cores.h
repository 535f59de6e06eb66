// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sched.h>

#include <algorithm>
#include <thread>

namespace systole::base {

/// Processors that this process may run on, 1 or more: those of a container, an allocation of Slurm or of taskset,
/// where std::thread::hardware_concurrency() counts those of the machine.
[[nodiscard]] inline int cores() {
  cpu_set_t allowed;
  if (::sched_getaffinity(0, sizeof(allowed), &allowed) == 0) return std::max(1, CPU_COUNT(&allowed));
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));  // more processors than the set can hold
}

}  // namespace systole::base
