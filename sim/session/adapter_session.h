// SPDX-License-Identifier: Apache-2.0
#pragma once
// A run of a network on a design that a test sequence drives.
#include <cstdint>

#include "sim/dut/dut.h"
#include "sim/session/session.h"

namespace systole::session {

/// As run_network() on a model with an adapter: every layer from reset, with golden inputs, its whole output compared.
/// The levels are `none` and `outputs`. Throws base::InputError for another one, and where the adapter cannot run a
/// layer that is asked for, unless RunOptions::skip_unfit and another one is left.
RunReport run_with_adapter(dut::Dut& dut, const model::Network& network, const RunOptions& options,
                           const ImageSource& source, std::int64_t count, const Progress& progress);

}  // namespace systole::session
