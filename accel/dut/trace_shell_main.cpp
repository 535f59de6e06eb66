// SPDX-License-Identifier: Apache-2.0
// accel_trace_shell FILE Name=value ...: writes the Verilog whose registers show golden's values in the dumps of an
// accel with those parameters (sim/trace/shell_text.h). Exit 2 with one line for an argument or file that it cannot
// use.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <exception>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "accel/dut/geometry.h"
#include "accel/dut/pin_names.h"
#include "base/output_file.h"
#include "sim/trace/golden_scope.h"
#include "sim/trace/shell_text.h"

namespace {

using namespace systole;

dut::Parameter parameter(std::string_view argument) {
  dut::Parameter result{.name = argument.substr(0, argument.find('='))};
  const std::string_view value = argument.substr(std::min(argument.size(), result.name.size() + 1));
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), result.value);
  if (error != std::errc{} || end != value.data() + value.size()) {
    throw std::runtime_error(fmt::format("expected Name=value, found {}", argument));
  }
  return result;
}

void run(std::span<char*> arguments) {
  if (arguments.empty()) throw std::runtime_error("expected FILE Name=value ...");
  std::vector<dut::Parameter> parameters;
  for (const char* argument : arguments.subspan(1)) parameters.push_back(parameter(argument));
  const port::PinMap pins = accel::pin_names(accel::geometry_of(parameters));
  base::write_file_at_once(arguments[0], trace::shell_text(trace::golden_signals(pins, check::CheckLevel::all)));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    run({argv + 1, argv + argc});
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "accel_trace_shell: {}\n", error.what());
    return 2;
  }
}
