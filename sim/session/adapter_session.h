// SPDX-License-Identifier: Apache-2.0
#pragma once
// A run of a network on a design that a test sequence drives.
#include <cstdint>

#include "sim/dut/dut.h"
#include "sim/session/session.h"

namespace systole::session {

/// As run_network() on a model with an adapter: every layer from reset, with golden inputs, its whole output compared.
/// `other` is the same design with other values in what reset does not set: on it the first image's layers run once
/// more, and must do the same. The levels are `none` and `outputs`. Throws base::InputError for another one, and where
/// the adapter cannot run a layer that is asked for, unless RunOptions::skip_unfit and another one is left.
RunReport run_with_adapter(dut::Dut& dut, dut::Dut& other, const model::Network& network, const RunOptions& options,
                           const ImageSource& source, std::int64_t count, const Progress& progress);

}  // namespace systole::session
