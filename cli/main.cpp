// SPDX-License-Identifier: Apache-2.0
#include "cli/command_line.h"

int main(int argc, char** argv) {
  return systole::cli::command_line(argc, argv, systole::cli::program_name(), systole::cli::add_commands);
}
