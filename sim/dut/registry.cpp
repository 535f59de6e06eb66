// SPDX-License-Identifier: Apache-2.0
#include "sim/dut/registry.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <string>
#include <system_error>

#include "base/input_error.h"

namespace systole::dut {

const Build& find_build(std::string_view configuration, TraceFormat trace) {
  const Build* found = nullptr;
  std::string names;
  for (const Build& build : builds()) {
    names += fmt::format(" {}/{}", build.configuration, to_string(build.trace));
    if (build.configuration != configuration) continue;
    if (build.trace == trace || (trace == TraceFormat::none && found == nullptr)) found = &build;
  }
  if (found != nullptr) return *found;
  throw base::InputError(fmt::format("configuration {}", configuration), fmt::format("trace {}", to_string(trace)),
                         "this program has no such model; it has" + names);
}

std::unique_ptr<Dut> make_dut(std::string_view configuration, TraceFormat trace) {
  return find_build(configuration, trace).make();
}

std::uint32_t awake_mutant() {
  const char* const text = std::getenv("SYSTOLE_MUTANT");
  if (text == nullptr) return 0;
  std::uint32_t number = 0;
  const char* const end = text + std::strlen(text);
  const auto [stop, error] = std::from_chars(text, end, number);
  if (error == std::errc() && stop == end) return number;
  throw base::InputError("SYSTOLE_MUTANT", text, "expected the number of a mutant");
}

std::string_view rtl_hash() { return builds().front().facts.rtl_sha256; }

}  // namespace systole::dut
