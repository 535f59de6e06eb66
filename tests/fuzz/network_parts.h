// SPDX-License-Identifier: Apache-2.0
#pragma once
// Network folders in one input: network.json, a zero byte, weights.bin.
#include <string>

#include "golden/format/network_folder.h"
#include "tests/fuzz/harness.h"

namespace systole::fuzz {

inline std::filesystem::path write_network(Bytes bytes) {
  const TwoParts parts = split_at_zero(bytes);
  std::filesystem::create_directories(folder() / "net");
  write_file("net/" + std::string(model::kDescriptionFile), parts.text);
  write_file("net/" + std::string(model::kWeightsFile), parts.rest);
  return folder() / "net";
}

inline std::string whole(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// What was loaded must be written and loaded again without a change.
template <typename Load, typename Save>
void check_round_trip(const std::filesystem::path& net, Load load, Save save) {
  const auto read = load(net);
  save(read, folder() / "once");
  save(load(folder() / "once"), folder() / "twice");
  for (const std::string_view file : {model::kDescriptionFile, model::kWeightsFile}) {
    if (whole(folder() / "once" / file) != whole(folder() / "twice" / file)) fail("a network that changes when stored");
  }
}

}  // namespace systole::fuzz
