// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a run exercised: the one list of items, and how often each came up. An item is a corner of a design that a wrong
// line of RTL can hide in, so that "passed" without it says nothing of that line. Counted by arithmetic.h (values),
// stalls.h (cycles), and what lowers a layer (tiling; back to back layers in sim/session/plan.cpp).
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace systole::cover {

enum class Item : std::uint8_t {
  // kinds of layer
  conv2d,
  depthwise,
  fully_connected,
  max_pool,
  avg_pool,
  add,
  concat,
  // rounding: each rule, and a value that its nearest relative rounds otherwise
  floor,
  half_up,
  half_away,
  double_rounding,
  clipq,
  trunc,
  floor_not_trunc,
  half_up_not_half_away,
  half_away_not_half_up,
  double_not_single,
  clipq_not_trunc,
  trunc_not_clipq,
  tie,
  shift_alone,
  left_shift,
  left_shift_saturates,
  // output
  act_min,
  act_max,
  zero_out,
  bias,
  channel_multipliers,
  raw,
  // operands
  padding_first,
  padding_last,
  padding_beside_zero_point,
  padding_in_max_pool,
  average_excludes_padding,
  stride,
  dilation,
  oblong_window,
  zero_in,
  zero_wgt,
  unsigned_act,
  unsigned_wgt,
  codebook,
  align,
  psum_saturation,
  // tiling
  ic_tiles,
  oc_tiles,
  partial_rows,
  partial_cols,
  few_pixels,
  oblong_map,
  strips,
  back_to_back,
  // stalls
  stall_in,
  stall_out,
  stall_both,
  stall_burst
};

struct ItemText {
  std::string_view group, name;
};

/// By item, as reports spell them.
inline constexpr std::array kItems{
    ItemText{"kinds", "conv2d"},
    ItemText{"kinds", "depthwise"},
    ItemText{"kinds", "fully_connected"},
    ItemText{"kinds", "max_pool"},
    ItemText{"kinds", "avg_pool"},
    ItemText{"kinds", "add"},
    ItemText{"kinds", "concat"},
    ItemText{"rounding", "floor"},
    ItemText{"rounding", "half_up"},
    ItemText{"rounding", "half_away"},
    ItemText{"rounding", "double"},
    ItemText{"rounding", "clipq"},
    ItemText{"rounding", "trunc"},
    ItemText{"rounding", "floor of a negative fraction"},
    ItemText{"rounding", "negative tie half_up"},
    ItemText{"rounding", "negative tie half_away"},
    ItemText{"rounding", "double unlike single"},
    ItemText{"rounding", "clipq of a negative multiple"},
    ItemText{"rounding", "trunc of a negative multiple"},
    ItemText{"rounding", "tie"},
    ItemText{"rounding", "shift alone"},
    ItemText{"rounding", "left shift"},
    ItemText{"rounding", "left shift saturates"},
    ItemText{"output", "clamp at act_min"},
    ItemText{"output", "clamp at act_max"},
    ItemText{"output", "zero_out"},
    ItemText{"output", "bias"},
    ItemText{"output", "multiplier per channel"},
    ItemText{"output", "raw"},
    ItemText{"operands", "padding top or left"},
    ItemText{"operands", "padding bottom or right"},
    ItemText{"operands", "padding beside a zero point"},
    ItemText{"operands", "padding in max_pool"},
    ItemText{"operands", "average without padding"},
    ItemText{"operands", "stride"},
    ItemText{"operands", "dilation"},
    ItemText{"operands", "window unlike in height and width"},
    ItemText{"operands", "zero_in"},
    ItemText{"operands", "zero_wgt"},
    ItemText{"operands", "unsigned activations"},
    ItemText{"operands", "unsigned weights"},
    ItemText{"operands", "codebook"},
    ItemText{"operands", "align"},
    ItemText{"operands", "psum saturation"},
    ItemText{"tiling", "several ic tiles"},
    ItemText{"tiling", "several oc tiles"},
    ItemText{"tiling", "partial tile, rows"},
    ItemText{"tiling", "partial tile, columns"},
    ItemText{"tiling", "fewer pixels than rows"},
    ItemText{"tiling", "map not square"},
    ItemText{"tiling", "strips"},
    ItemText{"tiling", "commands back to back"},
    ItemText{"stalls", "input withheld"},
    ItemText{"stalls", "output withheld"},
    ItemText{"stalls", "both withheld"},
    ItemText{"stalls", "withheld in a burst"},
};
inline constexpr std::size_t kItemCount = kItems.size();
static_assert(static_cast<std::size_t>(Item::stall_burst) + 1 == kItemCount);

constexpr const ItemText& text(Item item) { return kItems[static_cast<std::size_t>(item)]; }

class Cover {
 public:
  Cover() = default;
  /// From counts() and left_out(). Throws std::out_of_range where they are shorter than the list.
  Cover(const std::vector<std::uint64_t>& counts, const std::vector<bool>& left_out);
  [[nodiscard]] const std::array<std::uint64_t, kItemCount>& counts() const { return counts_; }
  [[nodiscard]] const std::array<bool, kItemCount>& left_out() const { return left_out_; }

  /// Counts an item `times` times; 0 leaves it as it was.
  void saw(Item item, std::uint64_t times = 1) { counts_[static_cast<std::size_t>(item)] += times; }
  [[nodiscard]] std::uint64_t count(Item item) const { return counts_[static_cast<std::size_t>(item)]; }
  void merge(const Cover& other);

  /// Nobody counts the items of that group in this run: they are not missed.
  void leave_out(std::string_view group);
  void leave_out(Item item) { left_out_[static_cast<std::size_t>(item)] = true; }
  /// The items of count 0 that somebody counts, in the list's order.
  [[nodiscard]] std::vector<Item> missed() const;

 private:
  std::array<std::uint64_t, kItemCount> counts_{};
  std::array<bool, kItemCount> left_out_{};
};

/// A line for each group with missed items, "not exercised: rounding: half_up, tie\n"; empty where there is none.
std::string missed_text(const Cover& cover);

}  // namespace systole::cover
