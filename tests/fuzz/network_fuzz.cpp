// SPDX-License-Identifier: Apache-2.0
// golden/format/network_file: network.json and weights.bin.
#include "golden/format/network_file.h"
#include "tests/fuzz/network_parts.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace systole;
  const auto net = fuzz::write_network({data, size});
  const auto save = [](const model::Network& network, const std::filesystem::path& folder) {
    model::save_network(network, folder);
  };
  fuzz::accepted([&] { fuzz::check_round_trip(net, model::load_network, save); });
  return 0;
}
