// SPDX-License-Identifier: Apache-2.0
#pragma once
// Configurations by name. Which there are and what they stand for is said in cmake/configurations.cmake alone.
#include <string>
#include <vector>

#include "accel/contract/command.h"

namespace systole::cli {

struct Configuration {
  std::string name;
  accel::Geometry geometry;
};

/// Those that the build tree has a target for, the default first; away from a build tree, those of this program.
std::vector<Configuration> known_configurations();

/// The configuration of that name, built or not. Throws base::InputError with the names and the rule.
Configuration find_configuration(const std::string& name);

}  // namespace systole::cli
