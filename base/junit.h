// SPDX-License-Identifier: Apache-2.0
#pragma once
// JUnit XML, for whoever shows tests.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace systole::base {

struct JunitCase {
  enum class Result : std::uint8_t { passed, failed, skipped };

  std::string name;
  Result result = Result::passed;
  std::string message{};  ///< one line: why it failed or was skipped
  std::string text{};     ///< of the failure, in lines
  std::string output{};   ///< of the case, or empty
  std::optional<double> seconds{};
};

/// One suite with its counts. Text that XML cannot hold is as document_text() leaves it.
[[nodiscard]] std::string junit_text(const std::string& suite, const std::vector<JunitCase>& cases, double seconds);

}  // namespace systole::base
