// SPDX-License-Identifier: Apache-2.0
// Writes models/corners.
#include <cstdio>
#include <exception>

#include "golden/format/network_file.h"
#include "models/train/corners.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: corners_export FOLDER\n", stderr);
    return 2;
  }
  try {
    systole::model::save_network(systole::train::corners_network(), argv[1]);
    return 0;
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "corners_export: %s\n", problem.what());
    return 2;
  }
}
