// SPDX-License-Identifier: Apache-2.0
#pragma once
// A model in which every variable can be given a start value, so that what reset leaves out shows.
#include <cstddef>
#include <string>

#include "sim/dut/dut.h"

namespace systole::signoff {

class StateDut : public dut::Dut {
 public:
  /// Variables of the design but parameters and the top's ports, by hierarchical name, always in the same order.
  [[nodiscard]] virtual std::size_t state_count() const = 0;
  [[nodiscard]] virtual std::string state_name(std::size_t i) const = 0;
  /// fill_unreset_state() gives the first `count` of them random values and all others 0; at first, all are random.
  virtual void randomise(std::size_t count) = 0;
};

}  // namespace systole::signoff
