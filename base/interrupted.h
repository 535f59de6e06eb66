// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <exception>

namespace systole::base {

/// A signal came where the work had nothing to show yet; the command line turns it into its exit code.
class Interrupted : public std::exception {
 public:
  [[nodiscard]] const char* what() const noexcept override { return "interrupted"; }
};

}  // namespace systole::base
