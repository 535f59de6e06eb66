// SPDX-License-Identifier: Apache-2.0
#pragma once
// The partial-sum study: what the partial sums of a data set are, and what width-limited saturating ones cost in
// accuracy.
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "golden/fast/partial_sums.h"
#include "golden/model/execute.h"
#include "golden/model/network.h"
#include "golden/study/parallel.h"

namespace systole::study {

/// An image in the network's input type.
struct Sample {
  op::Tensor input;
  int label = -1;
};

/// From this width on, nothing is clamped: the register itself has no more bits.
inline constexpr int kUnlimitedBits = 32;

/// `network` with 32-bit psums and, in its i-th layer that accumulates, clamp_psum at bits[i] (none where bits[i] >=
/// kUnlimitedBits). Other layers stay as they are. Throws std::invalid_argument where the number of widths is another.
[[nodiscard]] model::Network with_psum_bits(const model::Network& network, std::span<const int> bits);

/// What a layer's saturating sums did in one run over all images.
struct Overflows {
  std::int64_t images = 0;  ///< with at least one sticky flag
  std::int64_t flags = 0;   ///< sticky flags raised, one per image and output channel at most
};

struct LimitedRun {
  std::int64_t correct = 0;          ///< images whose first largest output is their label
  std::vector<Overflows> overflows;  ///< per layer that accumulates
};

/// Runs a network over images again and again, at the widths asked for. Widths are given per layer that accumulates
/// (study::accumulates), in node order.
class PsumStudy {
 public:
  struct LayerSums {
    std::size_t node = 0;
    fast::PartialSums sums;  ///< of all images, without clamp
  };

  /// Runs all images without clamp and records every partial sum. Keeps references to `network` and `images` (at least
  /// one), which must outlive the study. Throws std::invalid_argument where no layer accumulates, a layer cannot run in
  /// `order` or an image does not fit, and fixed::OverflowError where a sum leaves 32 bits.
  PsumStudy(const model::Network& network, op::PsumOrder order, const std::vector<Sample>& images,
            const Progress& progress = {});
  PsumStudy(model::Network&&, op::PsumOrder, const std::vector<Sample>&, const Progress& = {}) = delete;

  [[nodiscard]] const std::vector<LayerSums>& layers() const { return layers_; }
  /// Right without clamp.
  [[nodiscard]] std::int64_t correct() const { return correct_; }
  /// Per layer, the narrowest width at which no image touches the clamp.
  [[nodiscard]] std::vector<int> widest() const;

  /// All images at these widths. An image whose every partial sum and product fits its layer's width cannot touch a
  /// clamp: its result without clamp is its result, and it is not run again.
  [[nodiscard]] LimitedRun run(std::span<const int> bits, const Progress& progress = {}) const;

  /// Whether at least `correct` images are right at these widths; stops as soon as that is decided.
  /// Images that were wrong before come first, so that a width that is too narrow is soon found out.
  /// `on_image` is called after each, by one thread at a time.
  [[nodiscard]] bool reaches(std::int64_t correct, std::span<const int> bits,
                             const std::function<void()>& on_image = {});

  /// Images that run(bits) has to run again.
  [[nodiscard]] std::int64_t affected(std::span<const int> bits) const;

 private:
  struct Recorder;
  struct Runner;
  struct Split {
    std::vector<std::int64_t> affected;  ///< images that may touch a clamp
    std::int64_t correct = 0;            ///< right among the others
  };
  [[nodiscard]] Split split(std::span<const int> bits) const;

  const model::Network& network_;
  op::PsumOrder order_;
  const std::vector<Sample>& images_;
  std::vector<LayerSums> layers_;
  std::vector<std::vector<int>> needed_;  ///< [image][layer]: psum_bits that hold all its partial sums
  std::vector<bool> right_;               ///< [image], without clamp
  std::vector<int> misses_;               ///< [image]: how often wrong in reaches()
  std::int64_t correct_ = 0;
};

}  // namespace systole::study
