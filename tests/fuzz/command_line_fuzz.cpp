// SPDX-License-Identifier: Apache-2.0
// Small languages of the command line: --trace-window and --dataset.
#include <algorithm>
#include <string>

#include "models/dataset/dataset.h"
#include "sim/session/trace_window.h"
#include "tests/fuzz/harness.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace systole;
  const std::string text(fuzz::text_of(fuzz::split_at_zero({data, size}).text));  // an argument has no zero byte
  fuzz::accepted([&] {
    const session::TraceWindow window = session::parse_trace_window(text, {"conv1", "12:9", ""});
    const auto backwards = [](const session::CycleRange& range) { return range.first > range.last; };
    if (std::ranges::any_of(window.ranges, backwards) || (window.layer && *window.layer > 2)) {
      fuzz::fail("a window that is none");
    }
  });
  // A file of that name may exist; what is read of it is no part of this harness.
  fuzz::accepted([&] { static_cast<void>(dataset::open_dataset(text)); });
  return 0;
}
