// SPDX-License-Identifier: Apache-2.0
#include "tests/support/pact4_transcription.h"

namespace systole::test {

int transcribe_pact4_weight(double weight, double alpha) {
  const double w_delta = alpha / (8 - 1);  // 2^(4-1) - 1
  const double magnitude = weight < 0 ? -weight : weight;
  int code = 0;  // the largest of 0 .. 7 whose lower border, half a step below it, the magnitude reaches
  while (code < 7 && magnitude / w_delta >= code + 0.5) ++code;
  return weight < 0 ? -code : code;
}

int transcribe_pact4_activation(double activation, double alpha) {
  const double a_delta = alpha / (16 - 1);  // 2^4 - 1
  if (activation <= 0) return 0;
  if (activation >= alpha) return 15;
  int code = 0;
  while (code < 15 && activation >= a_delta * (code + 0.5)) ++code;
  return code;
}

int transcribe_pact4_code(double value) {
  int code = 0;
  while (code < 15 && value >= code + 0.5) ++code;
  return code;
}

}  // namespace systole::test
