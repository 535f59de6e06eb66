// SPDX-License-Identifier: Apache-2.0
#pragma once
// Gets a waveform's samples: RunLoop's Trace where its type is chosen at run time.
#include <cstdint>

namespace systole::kernel {

class TraceSink {
 public:
  TraceSink() = default;
  TraceSink(const TraceSink&) = delete;
  TraceSink& operator=(const TraceSink&) = delete;
  TraceSink(TraceSink&&) = delete;
  TraceSink& operator=(TraceSink&&) = delete;
  virtual ~TraceSink() = default;
  virtual bool active(std::uint64_t cycle) = 0;
  virtual void dump(std::uint64_t time) = 0;  ///< in half cycles
};

}  // namespace systole::kernel
