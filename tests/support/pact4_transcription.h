// SPDX-License-Identifier: Apache-2.0
#pragma once
// The rules of docs/schemes.md, section 3, written down one by one on single values: apart from the quantizer.

namespace systole::test {

/// w_int of one weight: w_delta = alpha_w / 7, to the nearest multiple, ties away from zero, -7 .. 7.
int transcribe_pact4_weight(double weight, double alpha);

/// a_int of one activation: a_delta = alpha_a / 15, clipped to 0 .. alpha, to the nearest multiple, ties up.
int transcribe_pact4_activation(double activation, double alpha);

/// The code 0 .. 15 nearest to `value` = activation / a_delta + zero, ties up.
int transcribe_pact4_code(double value);

}  // namespace systole::test
