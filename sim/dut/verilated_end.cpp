// SPDX-License-Identifier: Apache-2.0
// How a model ends by itself. Verilator's runtime would abort the process or, at the second $finish, leave it with exit
// code 0; it is compiled with these functions in place of its own (VL_USER_FATAL and its like, cmake/rtl.cmake).
#include <verilated.h>

#include <cstdio>
#include <string>
#include <string_view>

#include "base/input_error.h"
#include "sim/dut/rtl_stopped.h"

namespace {

std::string place(const char* file, int line) {
  return file == nullptr || *file == '\0' ? "RTL" : std::string(file) + ":" + std::to_string(line);
}

}  // namespace

void vl_finish(const char* filename, int linenum, const char* /*hier*/) {
  throw systole::dut::RtlStopped(place(filename, linenum) + ": the RTL ends the simulation ($finish)");
}

void vl_stop(const char* filename, int linenum, const char* /*hier*/) {
  throw systole::dut::RtlStopped(place(filename, linenum) +
                                 ": the RTL stops the simulation ($stop, $fatal or an assertion)");
}

/// A data file that is missing leaves words as they were, and the runtime says so and goes on.
void vl_warn(const char* filename, int linenum, const char* /*hier*/, const char* msg) {
  if (std::string_view(msg).find("$readmem") == std::string_view::npos) {
    std::fprintf(stderr, "warning: %s: %s\n", place(filename, linenum).c_str(), msg);
    return;
  }
  throw systole::base::InputError(filename, "",
                                  "no such file, for $readmemh or $readmemb of the RTL: expected beside the file that "
                                  "names it, or under that path from the folder of the run");
}

void vl_fatal(const char* filename, int linenum, const char* /*hier*/, const char* msg) {
  const std::string_view reason = msg;
  constexpr std::string_view kWide = "Testbench C set input '";
  if (reason.starts_with(kWide)) {  // sim/dut/verilated_widths.h
    const std::string_view port = reason.substr(kWide.size(), reason.find('\'', kWide.size()) - kWide.size());
    throw systole::base::InputError("adapter", "port " + std::string(port),
                                    "a value has bits beyond the port's: expected values that fit it");
  }
  if (reason.find("converge") == std::string_view::npos) {
    throw systole::base::InputError(place(filename, linenum), "", reason);
  }
  throw systole::base::InputError(
      place(filename, linenum), "",
      "a combinational loop of the RTL does not come to rest; Verilator's warnings UNOPTFLAT "
      "of the build name its signals");
}
