// SPDX-License-Identifier: Apache-2.0
#include "debug/shrink.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <utility>
#include <vector>

#include "base/as_size.h"
#include "golden/op/validate.h"

namespace systole::debug {
namespace {

using base::as_size;

class Shrinker {
 public:
  Shrinker(LayerCase from, std::uint64_t cycles, const Trial& trial, const std::function<bool()>& stop)
      : trial_(trial), stop_(stop) {
    shrunk_.smallest = std::move(from);
    shrunk_.cycles = cycles;
  }

  Shrunk run() {
    // The large pieces first: what they leave out need not be looked at value by value.
    for (bool changed = true; changed && !stop_();) {
      changed = shapes();
      if (!changed) changed = zeros();
      if (!changed) changed = smaller_values();
      if (!changed) shrunk_.minimal = !stop_();
    }
    return std::move(shrunk_);
  }

 private:
  using Values = std::vector<std::pair<std::int32_t*, std::int32_t>>;  ///< a value, and the zero of its kind

  [[nodiscard]] LayerCase& best() { return shrunk_.smallest; }
  [[nodiscard]] const op::Layer& layer() { return best().layer; }

  /// Takes the candidate if it fails as well.
  bool take(std::optional<LayerCase> candidate) {
    if (!candidate || stop_()) return false;
    try {
      op::validate(candidate->layer);
    } catch (const std::invalid_argument&) {
      return false;
    }
    ++shrunk_.trials;
    const std::optional<std::uint64_t> cycles = trial_(*candidate);
    if (!cycles) return false;
    best() = *std::move(candidate);
    shrunk_.cycles = *cycles;
    return true;
  }

  bool shapes() {
    bool changed = take_if_other(over_one_pixel(best()));
    changed |= narrow(&Crop::out_h);
    changed |= narrow(&Crop::out_w);
    changed |= leave_out([this] { return layer().out_c; }, with_out_channels);
    changed |= leave_out([this] { return inputs_of_an_output(); }, with_in_channels);
    changed |= narrow(&Crop::kernel_h);
    changed |= narrow(&Crop::kernel_w);
    changed |= take_if_other(with_plain_window());
    return changed;
  }

  bool take_if_other(LayerCase candidate) {
    const op::Window &a = candidate.layer.window, &b = layer().window;
    const bool same = candidate.layer.in_c == layer().in_c && a.stride_h == b.stride_h && a.stride_w == b.stride_w &&
                      a.dilation_h == b.dilation_h && a.dilation_w == b.dilation_w;
    return !same && take(std::move(candidate));
  }

  int inputs_of_an_output() {
    return layer().kind == op::Kind::fully_connected ? static_cast<int>(layer().weights.cols()) : layer().in_c;
  }

  /// Steps of one where there is nothing to step over.
  LayerCase with_plain_window() {
    LayerCase plain = best();
    op::Window& w = plain.layer.window;
    if (plain.layer.out_h == 1) w.stride_h = 1;
    if (plain.layer.out_w == 1) w.stride_w = 1;
    if (w.kernel_h == 1) w.dilation_h = 1;
    if (w.kernel_w == 1) w.dilation_w = 1;
    return plain;
  }

  /// Cuts from both ends of an axis, first half of it, in the end one.
  bool narrow(Part Crop::*axis) {
    bool changed = false;
    for (int step = (whole(layer()).*axis).count / 2; step >= 1; step /= 2) {
      for (const bool front : {true, false}) {
        for (;;) {
          Crop crop = whole(layer());
          Part& part = crop.*axis;
          if (part.count <= step) break;
          if (front) part.first += step;
          part.count -= step;
          if (!take(cropped(best(), crop))) break;
          changed = true;
        }
      }
    }
    return changed;
  }

  /// Leaves out runs of channels, half of them first, in the end one.
  template <class Count, class Keep>
  bool leave_out(const Count& count, const Keep& keep) {
    bool changed = false;
    for (int size = count() / 2; size >= 1; size /= 2) {
      for (int first = 0; first < count() && count() > size;) {
        const int left_out = std::min(size, count() - first);
        std::vector<int> kept;
        for (int i = 0; i < count(); ++i) {
          if (i < first || i >= first + left_out) kept.push_back(i);
        }
        const bool taken = take(keep(best(), kept));
        changed |= taken;
        if (!taken) first += size;
      }
    }
    return changed;
  }

  static std::int32_t zero_of_input(const op::Layer& layer, std::size_t input) {
    if (layer.kind == op::Kind::add) return input == 0 ? layer.add_a.zero : layer.add_b.zero;
    return layer.kind == op::Kind::concat ? layer.concat[input].zero : layer.zero_in;
  }

  /// Those of a case that are not zero. Codes of a codebook stand for levels of which none is zero.
  static Values values_of(LayerCase& from) {
    Values values;
    const auto add = [&values](auto& all, std::int32_t zero) {
      for (Eigen::Index i = 0; i < all.size(); ++i) {
        if (all.data()[i] != zero) values.emplace_back(all.data() + i, zero);
      }
    };
    for (std::size_t i = 0; i < from.inputs.size(); ++i) add(from.inputs[i].data, zero_of_input(from.layer, i));
    if (from.layer.codebook.empty()) add(from.layer.weights, from.layer.zero_wgt);
    add(from.layer.bias, 0);
    return values;
  }

  /// Sets runs of values to zero, half of them first, in the end one.
  bool zeros() {
    bool changed = false;
    const auto count = [this] { return values_of(best()).size(); };
    for (std::size_t size = std::max<std::size_t>(count() / 2, 1); size >= 1; size /= 2) {
      for (std::size_t first = 0; first < count() && !stop_();) {
        LayerCase candidate = best();
        Values values = values_of(candidate);
        for (std::size_t i = first; i < std::min(first + size, values.size()); ++i) *values[i].first = values[i].second;
        const bool taken = take(std::move(candidate));
        changed |= taken;
        if (!taken) first += size;
      }
    }
    return changed;
  }

  /// Each value one from zero, or halfway to it.
  bool smaller_values() {
    bool changed = false;
    for (std::size_t i = 0; i < values_of(best()).size() && !stop_(); ++i) {
      for (const bool one : {true, false}) {
        LayerCase candidate = best();
        const auto [value, zero] = values_of(candidate)[i];
        const std::int32_t away = *value - zero, sign = away < 0 ? -1 : 1;
        if (away == sign) break;
        *value = zero + (one ? sign : away / 2);
        const bool taken = take(std::move(candidate));
        changed |= taken;
        if (taken) break;
      }
    }
    return changed;
  }

  const Trial& trial_;
  const std::function<bool()>& stop_;
  Shrunk shrunk_;
};

}  // namespace

Shrunk shrink(LayerCase from, std::uint64_t cycles, const Trial& trial, const std::function<bool()>& stop) {
  return Shrinker(std::move(from), cycles, trial, stop).run();
}

}  // namespace systole::debug
