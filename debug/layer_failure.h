// SPDX-License-Identifier: Apache-2.0
#pragma once
// A failure of a network brought down to the layer in which it shows.
#include <cstdint>
#include <optional>
#include <string>

#include "debug/smaller_layer.h"
#include "golden/model/network.h"
#include "sim/session/session.h"

namespace systole::debug {

/// Of the checks that the design of this program has: by outputs, by pins where no register is known by name, by
/// everything.
[[nodiscard]] check::CheckLevel highest_level(const std::string& configuration);

/// A signal's name without what is in its brackets: "u_array.g_row[].g_col[].u_c.psum_q".
[[nodiscard]] std::string without_places(const std::string& signal);

/// How a run failed, without the places: "mismatch u_psum_bank.g_lane[].u_lane.acc_q, out_data_o[]". Two runs that fail
/// alike show the same fault, as far as can be seen.
[[nodiscard]] std::string way_of(const session::RunReport& report);

/// The layer of a failing run, with the inputs that it has in the golden and what that answers.
struct FailingLayer {
  LayerCase whole;
  op::Tensor golden;
};
/// Throws base::InputError for another layer's name.
[[nodiscard]] FailingLayer failing_layer(const model::Network& network, const op::Tensor& image,
                                         const std::string& layer);

/// What speaks against the golden that a run is compared with: a second one, the plain operators of golden/op, has
/// another answer. Empty where both agree, and for layers of more than kMostProducts, with which it takes seconds.
inline constexpr std::int64_t kMostProducts = 50'000'000;
[[nodiscard]] std::string doubt_of_golden(const FailingLayer& layer);

/// The image alone, without a dump, up to the first difference that shows outside. Throws base::Interrupted.
[[nodiscard]] session::RunReport run_to_an_output(const model::Network& network, session::RunOptions options,
                                                  const session::InputImage& image,
                                                  const session::Progress& progress = {});

/// The same of a layer alone. Nothing where the design cannot run it or the golden refuses its values.
[[nodiscard]] std::optional<session::RunReport> run_case(const LayerCase& one, const session::RunOptions& options);

}  // namespace systole::debug
