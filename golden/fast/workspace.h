// SPDX-License-Identifier: Apache-2.0
#pragma once
// Scratch memory of the golden's operators. Buffers grow to the largest layer and stay, so that a second image
// allocates nothing.
#include <cstddef>
#include <cstdint>
#include <vector>

namespace systole::fast {

/// Memory for `count` values, contents unspecified; a later call on the same buffer invalidates the earlier pointer.
template <class T>
class Scratch {
 public:
  T* get(std::int64_t count) {
    const auto needed = static_cast<std::size_t>(count);
    if (storage_.size() < needed) storage_.resize(needed);
    return storage_.data();
  }

 private:
  std::vector<T> storage_;
};

/// One per thread; shared by all layers that run on it one after another.
struct Workspace {
  Scratch<float> image, patches, product;        ///< the exact float path
  Scratch<std::int32_t> image_int, patches_int;  ///< the ordered path
  Scratch<std::int32_t> psum;                    ///< out pixels x out channels
  Scratch<std::int32_t> narrow_lanes;            ///< running sums of the ordered path, side by side
  Scratch<std::int64_t> wide_lanes;
  Scratch<std::int32_t> lane_overflow;  ///< their sticky flags
  Scratch<std::int32_t> transposed;     ///< patches with a row per depth index
  std::vector<std::int32_t> overflow;   ///< sticky flags of the running layer, one per output channel
};

}  // namespace systole::fast
