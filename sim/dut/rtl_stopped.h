// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdexcept>

namespace systole::dut {

/// The RTL ended the simulation by itself ($stop, $fatal, a failed assertion, $finish), which its bench does not ask
/// for: leaves Dut::eval() with what it was and where.
class RtlStopped : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace systole::dut
