// SPDX-License-Identifier: Apache-2.0
#include "debug/token.h"

#include <fmt/format.h>

#include <regex>
#include <string_view>

#include "base/input_error.h"
#include "base/sha256.h"

namespace systole::debug {
namespace {

constexpr std::string_view kOverSockets = "tlm.", kAllLayers = "all";

/// A design's and a layer's name may hold dashes; what is between them may not.
const std::regex& token_pattern() {
  static const std::regex pattern(fmt::format(
      R"(S1-([0-9a-f]{{8}})-([0-9a-f]{{8}})-(.+?)-(\d{{1,19}})-((?:tlm\.)?)({})-(\d{{1,10}})((?:\.[0-9a-f]{{8}})?)-(.+))",
      fmt::join(kernel::kStallNames, "|")));
  return pattern;
}

}  // namespace

std::string to_string(const Token& token) {
  return fmt::format("S1-{}-{}-{}-{}-{}{}-{}{}-{}", token.rtl, token.network, token.design, token.seed,
                     token.via == session::Via::tlm ? kOverSockets : "", to_string(token.stall), token.image,
                     token.input.empty() ? "" : "." + token.input, token.layer.empty() ? kAllLayers : token.layer);
}

Token parse_token(const std::string& text) {
  std::smatch part;
  if (!std::regex_match(text, part, token_pattern())) {
    throw base::InputError(text, "", "expected a token, S1-RTL-NETWORK-DESIGN-SEED-STALL-IMAGE-LAYER");
  }
  const std::string input = part[8], layer = part[9];
  return {.rtl = part[1],
          .network = part[2],
          .design = part[3],
          .seed = std::stoull(part[4]),
          .via = part[5].length() == 0 ? session::Via::native : session::Via::tlm,
          .stall = *kernel::stall_from_string(part[6].str()),
          .image = std::stoll(part[7]),
          .input = input.empty() ? "" : input.substr(1),
          .layer = layer == kAllLayers ? "" : layer};
}

std::string short_hash(const std::string& sha256) { return sha256.substr(0, 8); }

std::string network_sha256(const std::filesystem::path& folder) {
  return base::sha256_of_files({folder / "network.json", folder / "weights.bin"});
}

std::string tensor_sha256(const op::Tensor& tensor) {
  std::string bytes = fmt::format("{}x{}x{}\n", tensor.height, tensor.width, tensor.channels());
  const std::int32_t* values = tensor.data.data();
  bytes.append(reinterpret_cast<const char*>(values), sizeof *values * static_cast<std::size_t>(tensor.data.size()));
  return base::sha256_of(bytes);
}

}  // namespace systole::debug
