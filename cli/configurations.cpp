// SPDX-License-Identifier: Apache-2.0
#include "cli/configurations.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>

#include "accel/dut/geometry.h"
#include "base/input_error.h"
#include "base/process.h"
#include "cli/build_tree.h"
#include "sim/dut/registry.h"

namespace systole::cli {
namespace {

/// Name=value words, as CMake writes them.
accel::Geometry parse_parameters(std::istream& stream) {
  const std::vector<std::string> words{std::istream_iterator<std::string>(stream), {}};
  std::vector<dut::Parameter> parameters;
  for (const std::string& word : words) {
    const std::size_t equals = std::min(word.find('='), word.size() - 1);
    parameters.push_back(
        {.name = std::string_view(word).substr(0, equals), .value = std::atoi(word.c_str() + equals + 1)});
  }
  return accel::geometry_of(parameters);
}

/// What cmake/configurations.cmake answers for a name that no list holds.
Configuration ask_rule(const std::string& name) {
  const std::string script = std::string(dut::build_place().source_folder) + "/cmake/configurations.cmake";
  std::istringstream answer(
      base::run_process({std::string(dut::build_place().cmake), "-DNAME=" + name, "-P", script}).output);
  if (answer.str().rfind("error ", 0) == 0) {
    throw base::InputError("--config", "", answer.str().substr(6, answer.str().find('\n') - 6));
  }
  return {name, parse_parameters(answer)};
}

}  // namespace

std::vector<Configuration> known_configurations() {
  std::vector<Configuration> known;
  std::ifstream list(build_tree() / "dut/configurations.txt");
  for (std::string line; std::getline(list, line);) {
    std::istringstream words(line);
    Configuration& configuration = known.emplace_back();
    words >> configuration.name;
    configuration.geometry = parse_parameters(words);
  }
  if (!known.empty()) return known;
  for (const dut::Build& build : dut::builds()) {
    const auto same = [&](const Configuration& c) { return c.name == build.configuration; };
    if (std::ranges::none_of(known, same)) {
      known.push_back({std::string(build.configuration), accel::geometry_of(*build.make())});
    }
  }
  return known;
}

Configuration find_configuration(const std::string& name) {
  const std::vector<Configuration> known = known_configurations();
  for (const Configuration& configuration : known) {
    if (configuration.name == name) return configuration;
  }
  if (!build_tree().empty()) return ask_rule(name);
  std::string names;
  for (const Configuration& configuration : known) names += " " + configuration.name;
  throw base::InputError("--config", "", fmt::format("expected one of{}, found {}", names, name));
}

}  // namespace systole::cli
