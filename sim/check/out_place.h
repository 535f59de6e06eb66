// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace systole::check {

/// Place of an element in an output tensor.
struct OutPlace {
  int oc = 0, oh = 0, ow = 0;
  bool operator==(const OutPlace&) const = default;
};

}  // namespace systole::check
