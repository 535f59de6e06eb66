// SPDX-License-Identifier: Apache-2.0
#include "debug/other_dump.h"

#include <fmt/format.h>

#include <system_error>
#include <vector>

#include "base/process.h"

namespace systole::debug {

std::string write_other_dump(const std::filesystem::path& dump) {
  const bool to_vcd = dump.extension() == ".fst";
  std::filesystem::path other = dump;
  other.replace_extension(to_vcd ? ".vcd" : ".fst");
  const std::vector<std::string> command =
      to_vcd ? std::vector<std::string>{"fst2vcd", "-f", dump.string(), "-o", other.string()}
             : std::vector<std::string>{"vcd2fst", dump.string(), other.string()};
  const bool made = base::run_process(command).succeeded;
  std::error_code ignored;
  if (made && std::filesystem::exists(other, ignored)) return {};
  std::filesystem::remove(other, ignored);
  return fmt::format("{} needs {} (package gtkwave)", other.filename().string(), command.front());
}

}  // namespace systole::debug
