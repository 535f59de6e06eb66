// SPDX-License-Identifier: Apache-2.0
#include "debug/token.h"

#include <doctest/doctest.h>

#include <string>

#include "base/input_error.h"

namespace {

using namespace systole;
using debug::Token;

Token token() {
  return {.rtl = "0123abcd",
          .network = "89abcdef",
          .design = "8x8",
          .seed = 1,
          .via = session::Via::native,
          .stall = kernel::Stall::none,
          .image = 3,
          .input = {},
          .layer = {}};
}

TEST_CASE("debug.token.text") {
  CHECK(to_string(token()) == "S1-0123abcd-89abcdef-8x8-1-none-3-all");
  Token other = token();
  other.via = session::Via::tlm;
  other.stall = kernel::Stall::bursts;
  other.input = "55667788";
  other.layer = "conv2";
  CHECK(to_string(other) == "S1-0123abcd-89abcdef-8x8-1-tlm.bursts-3.55667788-conv2");
}

TEST_CASE("debug.token.round_trip") {
  for (const char* design : {"8x8", "8x8-w4a4", "my-npu-2-none"}) {
    for (const char* layer : {"", "conv2", "block-1/conv 2", "00-none-1-x"}) {
      for (const kernel::Stall stall : {kernel::Stall::none, kernel::Stall::both}) {
        for (const session::Via via : {session::Via::native, session::Via::tlm}) {
          Token t = token();
          t.design = design;
          t.layer = layer;
          t.stall = stall;
          t.via = via;
          t.seed = 9223372036854775807U;
          CAPTURE(to_string(t));
          CHECK(debug::parse_token(to_string(t)) == t);
        }
      }
    }
  }
}

TEST_CASE("debug.token.malformed") {
  for (const char* text : {"", "S1", "S2-0123abcd-89abcdef-8x8-1-none-3-all", "S1-0123abc-89abcdef-8x8-1-none-3-all",
                           "S1-0123ABCD-89abcdef-8x8-1-none-3-all", "S1-0123abcd-89abcdef-8x8-1-often-3-all",
                           "S1-0123abcd-89abcdef-8x8-x-none-3-all", "S1-0123abcd-89abcdef-8x8-1-none--all",
                           "S1-0123abcd-89abcdef-8x8-1-none-3.5566-all", "S1-0123abcd-89abcdef-8x8-1-none-3-",
                           "S1-0123abcd-89abcdef-8x8-99999999999999999999-none-3-all", "failures"}) {
    CAPTURE(text);
    CHECK_THROWS_AS((void)debug::parse_token(text), base::InputError);
  }
}

TEST_CASE("debug.token.hash_of_an_input") {
  op::Tensor a(1, 2, 1), b(2, 1, 1);
  CHECK(debug::tensor_sha256(a) != debug::tensor_sha256(b));
  const std::string before = debug::tensor_sha256(a);
  a.at(0, 1, 0) = 1;
  CHECK(debug::tensor_sha256(a) != before);
  a.at(0, 1, 0) = 0;
  CHECK(debug::tensor_sha256(a) == before);
}

}  // namespace
