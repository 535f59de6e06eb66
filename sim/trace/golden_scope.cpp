// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/golden_scope.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "sim/check/pin_checker.h"
#include "sim/kernel/pin_source.h"

namespace systole::trace {
namespace {

constexpr int kCoordinateBits = 16;
constexpr std::array<std::pair<const char*, int>, 6> kSmallPins{
    {{"cfg_ready", 1}, {"wgt_ready", 1}, {"act_ready", 1}, {"out_valid", 1}, {"out_last", 1}, {"state", 3}}};
constexpr std::array<const char*, cycle::kCounters> kCounterPins{"cnt_busy",        "cnt_stall_in", "cnt_stall_out",
                                                                 "cnt_weight_load", "cnt_compute",  "cnt_drain"};

}  // namespace

GoldenScope::GoldenScope(const cycle::Model& model, const dut::Dut& design, bool cells)
    : model_(model), design_(design), geometry_(model.geometry()), cells_(cells) {
  declare_pins();
  declare_streams();
  if (cells_) declare_cells();
  values_.resize(signals_.size());
  for (std::size_t i = 0; i < signals_.size(); ++i) signals_[i].value = &values_[i];
}

void GoldenScope::add(std::string scope, std::string name, int bits) {
  signals_.push_back({std::move(scope), std::move(name), bits, nullptr});
}

void GoldenScope::declare_pins() {
  for (const auto& [name, bits] : kSmallPins) add("golden", name, bits);
  add("golden", "overflow", geometry_.cols);
  for (const char* name : kCounterPins) add("golden", name, 32);
  for (int c = 0; c < geometry_.cols; ++c) add("golden", fmt::format("out_data_{}", c), geometry_.psum_width);
  add("golden", "pin_mismatch", 1);
  for (const char* name : {"oc", "oh", "ow"}) add("golden", name, kCoordinateBits);
}

void GoldenScope::declare_streams() {
  for (int r = 0; r < geometry_.rows; ++r) add("rtl", fmt::format("act_data_{}", r), geometry_.act_width);
  for (int c = 0; c < geometry_.cols; ++c) add("rtl", fmt::format("out_data_{}", c), geometry_.psum_width);
}

void GoldenScope::declare_cells() {
  for (int r = 0; r < geometry_.rows; ++r) {
    for (int c = 0; c < geometry_.cols; ++c) {
      const std::string scope = fmt::format("golden pe_{}_{}", r, c);
      add(scope, "weight", geometry_.wgt_width + 1);
      add(scope, "act", geometry_.act_width + 1);
      add(scope, "psum", geometry_.psum_width);
    }
  }
}

void GoldenScope::update() {
  next_ = 0;
  update_pins();
  update_streams();
  if (cells_) update_cells();
}

void GoldenScope::update_pins() {
  const cycle::OutPins& p = model_.pins();
  for (const std::uint8_t pin : {p.cfg_ready, p.wgt_ready, p.act_ready, p.out_valid, p.out_last, p.state}) put(pin);
  put(p.overflow);
  for (const std::uint32_t counter : p.cnt) put(counter);
  for (int c = 0; c < geometry_.cols; ++c) put(static_cast<std::uint32_t>(p.out_data[c]));
  put(pins_agree() ? 0 : 1);
  const cycle::BeatOrigin origin = model_.origin_out();
  for (const int place : {origin.oc, origin.oh, origin.ow}) put(static_cast<std::uint32_t>(place));
}

bool GoldenScope::pins_agree() const { return check::PinChecker(kernel::pin_source(design_)).equal(0, model_.pins()); }

void GoldenScope::put_lanes(const void* packed, int count, int width) {
  std::array<std::int32_t, 32> lanes{};
  check::unpack_lanes(packed, count, width, lanes.data());
  for (int i = 0; i < count; ++i) put(static_cast<std::uint32_t>(lanes[static_cast<std::size_t>(i)]));
}

void GoldenScope::update_streams() {
  const dut::Ports& pins = design_.ports();
  put_lanes(pins.act_data.data, geometry_.rows, geometry_.act_width);
  put_lanes(pins.out_data.data, geometry_.cols, geometry_.psum_width);
}

void GoldenScope::update_cells() {
  const auto cells = static_cast<std::size_t>(geometry_.rows) * static_cast<std::size_t>(geometry_.cols);
  for (std::size_t i = 0; i < cells; ++i) {
    put(static_cast<std::uint32_t>(model_.cell_weight()[i]));
    put(static_cast<std::uint32_t>(model_.cell_act()[i]));
    put(static_cast<std::uint32_t>(model_.cell_psum()[i]));
  }
}

}  // namespace systole::trace
