// SPDX-License-Identifier: Apache-2.0
#pragma once
// What identifies the run of one image, in a word: whoever has the same RTL and network repeats it.
#include <cstdint>
#include <filesystem>
#include <string>

#include "golden/op/tensor.h"
#include "sim/kernel/stall.h"
#include "sim/session/transport.h"

namespace systole::debug {

/// S1-RTL-NETWORK-DESIGN-SEED-STALL-IMAGE-LAYER, where
///   RTL, NETWORK  first eight digits of their SHA-256
///   STALL         the policy; "tlm." before it where beats went over TLM-2.0 sockets
///   IMAGE         its index; behind it "." and the first eight digits of the SHA-256 of its values where it is none of
///                 those that the network is run on when nothing else is asked for
///   LAYER         the only one that ran, or "all"
struct Token {
  std::string rtl, network, design;
  std::uint64_t seed = 0;
  session::Via via = session::Via::native;
  kernel::Stall stall = kernel::Stall::none;
  std::int64_t image = 0;
  std::string input;  ///< eight digits, or empty
  std::string layer;  ///< empty: all
  bool operator==(const Token&) const = default;
};

[[nodiscard]] std::string to_string(const Token& token);

/// Throws base::InputError where the text is no token.
[[nodiscard]] Token parse_token(const std::string& text);

/// The part of a SHA-256 that tokens and names of folders carry.
[[nodiscard]] std::string short_hash(const std::string& sha256);

/// SHA-256 over network.json and weights.bin of an integer network's folder. Throws base::InputError.
[[nodiscard]] std::string network_sha256(const std::filesystem::path& folder);

/// SHA-256 over shape and values.
[[nodiscard]] std::string tensor_sha256(const op::Tensor& tensor);

}  // namespace systole::debug
