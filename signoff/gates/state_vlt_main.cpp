// SPDX-License-Identifier: Apache-2.0
// make_state_vlt FILE ROOT TOP [Name=value ...] -- SOURCE ...: writes a configuration of Verilator that makes every
// register and memory of the design public, so that state_dut.h reaches them. They are those of the elaborated design
// (Yosys), whatever their names. SOURCE are relative to ROOT. Exit 1 with one line where something is wrong.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "base/output_file.h"
#include "base/temporary_folder.h"
#include "signoff/mutants/mutated_text.h"
#include "signoff/mutants/yosys.h"

namespace {

namespace fs = std::filesystem;
using namespace systole::signoff;

/// Of a file of lines "module/path.name".
void read_selection(const fs::path& file, std::set<KeptVariable>& variables) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const std::size_t slash = line.find('/');
    const std::string path = line.substr(slash + 1);
    if (path.starts_with('$')) continue;  // a value that no name has
    variables.emplace(source_name(line.substr(0, slash)), path.substr(path.rfind('.') + 1));
  }
}

void make(const std::vector<std::string>& arguments) {
  const auto dashes = std::ranges::find(arguments, "--");
  const MutatedDesign design{.folder = arguments[1],
                             .sources = {dashes + 1, arguments.end()},
                             .top = arguments[2],
                             .parameters = {arguments.begin() + 3, dashes}};
  const systole::base::TemporaryFolder folder;
  const fs::path registers = folder / "registers", memories = folder / "memories";
  run_yosys(design.folder, elaborate(design) + fmt::format("select -write {} t:*dff* %co1:+[Q] w:* %i\n"
                                                           "select -write {} m:*\n",
                                                           registers.string(), memories.string()));
  std::set<KeptVariable> variables;
  read_selection(registers, variables);
  read_selection(memories, variables);
  systole::base::write_file_at_once(arguments[0], vlt_text(std::vector(variables.begin(), variables.end())));
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() < 5 || std::ranges::count(arguments, "--") != 1) {
    fmt::print(stderr, "usage: make_state_vlt FILE ROOT TOP [Name=value ...] -- SOURCE ...\n");
    return 2;
  }
  try {
    make(arguments);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "make_state_vlt: {}\n", error.what());
    return 1;
  }
}
