// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

namespace systole::dut {

/// SHA-256 over the RTL sources this program was built from, in hex; computed at build.
std::string_view rtl_hash();

}  // namespace systole::dut
