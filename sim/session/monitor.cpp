// SPDX-License-Identifier: Apache-2.0
#include "sim/session/monitor.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "sim/kernel/pin_source.h"

namespace systole::session {
namespace {

std::string output_coordinate(const lower::Command& command, std::size_t beat, int lane) {
  const auto place = command.coordinate(beat, lane);
  if (!place) return fmt::format("lane {} unused", lane);
  return fmt::format("oc {} oh {} ow {}", place->oc, place->oh, place->ow);
}

std::string cell_coordinate(const lower::Command& command, const cycle::BeatOrigin& origin) {
  if (!origin.valid) return "no beat";
  return fmt::format("oc {} oh {} ow {} ic {} kh {} kw {}{}", origin.oc, origin.oh + command.out_top,
                     origin.ow + command.out_left, origin.ic, origin.kh, origin.kw, origin.padding ? " padding" : "");
}

std::uint64_t beats_on_bus(const lower::Command& command) {
  return command.cfg.size() + command.wgt.size() + command.act_beats() + command.out_beats();
}

}  // namespace

Monitor::Monitor(const dut::Dut& dut, const Plan& plan, CheckLevel level, kernel::Watchdog& watchdog)
    : dut_(dut),
      plan_(plan),
      level_(level),
      watchdog_(watchdog),
      model_(plan.geometry, level == CheckLevel::pe),
      pins_(kernel::pin_source(dut)),
      cells_(kernel::cell_checker(dut)),
      rtl_outputs_(plan.layers.size()),
      lanes_(static_cast<std::size_t>(dut.geometry().cols)),
      totals_(plan.layers.size()) {
  for (std::size_t i = 0; i < plan.layers.size(); ++i) {
    const op::Layer& layer = plan.network->nodes[plan.layers[i].node].layer;
    rtl_outputs_[i] = op::Tensor(layer.out_h, layer.out_w, layer.out_c);
  }
}

void Monitor::begin(const ImageWork& work) {
  work_ = &work;
  layer_ = command_ = beat_ = 0;
  command_ended_ = false;
  out_beats_of_previous_ = 0;
  model_.reset();
  for (std::size_t i = 0; i < plan_.layers.size(); ++i) {
    for (std::size_t c = 0; c < plan_.layers[i].commands.size(); ++c) {
      model_.enqueue(lower::view(plan_.layers[i].commands[c], work.stimuli[i][c]));
    }
  }
  arm_watchdog();
}

void Monitor::share_bus(std::uint64_t idle_cycles) {
  bus_idle_ = idle_cycles;
  arm_watchdog();
}

void Monitor::arm_watchdog() {
  if (done()) return;
  std::uint64_t bound = kernel::cycle_bound(command().header, plan_.geometry);
  if (bus_idle_) bound += *bus_idle_ + beats_on_bus(command()) + out_beats_of_previous_;
  watchdog_.arm(bound);
}

void Monitor::plant(check::Checker checker, const check::PlantedFault& fault) {
  switch (checker) {
    case check::Checker::pins:
      return pins_.plant(fault);
    case check::Checker::cells:
      return cells_.plant(fault);
    case check::Checker::outputs:
      return outputs_.plant(fault);
    case check::Checker::tensor:
      return tensors_.plant(fault);
  }
}

kernel::Outcome Monitor::output_taken(std::uint64_t cycle) {
  if (done()) return kernel::Outcome::unexpected_output;
  check::unpack_lanes(dut_.ports().out_data.data, plan_.geometry.cols, plan_.geometry.psum_width, lanes_.data());
  if (level_ != CheckLevel::none && !outputs_.equal(beats_, lanes_, golden_lanes())) {
    report_outputs(outputs_.differences(beats_, cycle, lanes_, golden_lanes()));
  }
  store_output(lanes_);
  ++beats_;
  ++beat_;
  const bool last = *dut_.ports().out_last != 0;
  const bool expected_last = beat_ == command().out_beats();
  if (last && !expected_last) return kernel::Outcome::unfinished;
  command_ended_ = expected_last;
  return kernel::Outcome::passed;
}

void Monitor::store_output(std::span<const std::int32_t> lanes) {
  op::Tensor& tensor = rtl_outputs_[layer_];
  const lower::Command& current = command();
  for (std::size_t lane = 0; lane < lanes.size(); ++lane) {
    const auto place = current.coordinate(beat_, static_cast<int>(lane));
    if (place) tensor.at(place->oh, place->ow, place->oc) = lanes[lane];
  }
}

void Monitor::report(std::vector<check::Mismatch> found) {
  for (check::Mismatch& mismatch : found) {
    ++mismatch_counts_[static_cast<std::size_t>(mismatch.checker)];
    if (!done()) ++totals_[layer_].mismatches;
    if (mismatch.checker == check::Checker::pins && !done() && *dut_.ports().out_valid != 0) {
      mismatch.coordinate = output_coordinate(command(), std::min(beat_, command().out_beats() - 1), 0);
    }
    if (mismatches_.size() < kMaxReported) mismatches_.push_back(std::move(mismatch));
    failed_ = true;
  }
}

void Monitor::report_cells(std::uint64_t cycle) {
  std::vector<check::Mismatch> found =
      cells_.differences(cycle, model_.cell_weight(), model_.cell_act(), model_.cell_psum(), kMaxReported);
  const auto cols = static_cast<std::size_t>(plan_.geometry.cols);
  const auto cells = cols * static_cast<std::size_t>(plan_.geometry.rows);
  for (check::Mismatch& mismatch : found) {
    const std::size_t cell = mismatch.index % cells;
    if (done()) continue;
    mismatch.coordinate =
        cell_coordinate(command(), model_.origin_cell(static_cast<int>(cell / cols), static_cast<int>(cell % cols)));
  }
  report(std::move(found));
}

void Monitor::report_outputs(std::vector<check::Mismatch> found) {
  for (check::Mismatch& mismatch : found) {
    mismatch.coordinate = output_coordinate(command(), beat_, static_cast<int>(mismatch.index));
  }
  report(std::move(found));
}

bool Monitor::outputs_read(std::span<const base::Beats> outputs, std::uint64_t cycle) {
  if (level_ == CheckLevel::none) return true;
  std::size_t next = 0;
  for (layer_ = 0; !done(); ++layer_) {
    for (command_ = 0; command_ < plan_.layers[layer_].commands.size(); ++command_) {
      compare_read(outputs[next++], cycle);
      if (failed_ && stop_at_mismatch_) return false;
    }
  }
  return true;
}

void Monitor::compare_read(const base::Beats& read, std::uint64_t cycle) {
  const std::uint64_t values = command().out_beats() * lanes_.size();
  for (beat_ = 0; beat_ < std::min(read.size(), command().out_beats()); ++beat_, ++beats_read_) {
    check::unpack_lanes(read[beat_], plan_.geometry.cols, plan_.geometry.psum_width, lanes_.data());
    if (read_outputs_.equal(beats_read_, lanes_, golden_lanes())) continue;
    std::vector<check::Mismatch> found = read_outputs_.differences(beats_read_, cycle, lanes_, golden_lanes());
    for (check::Mismatch& mismatch : found) mismatch.signal = "tlm read, " + mismatch.signal;
    report_outputs(std::move(found));
  }
  expected_outputs_ += values;
  totals_[layer_].compared += values;
  counted_ += values;
}

void Monitor::end_command(std::uint64_t cycle) {
  command_ended_ = false;
  LayerTotals& totals = totals_[layer_];
  for (std::size_t i = 0; i < totals.counters.size(); ++i) totals.counters[i] += *dut_.ports().counters[i];
  expected_outputs_ += command().out_beats() * lanes_.size();
  out_beats_of_previous_ = command().out_beats();
  beat_ = 0;
  if (command_ + 1 == plan_.layers[layer_].commands.size()) {
    end_layer(cycle);
    command_ = 0;
    ++layer_;
  } else {
    ++command_;
  }
  arm_watchdog();
}

void Monitor::end_layer(std::uint64_t cycle) {
  if (level_ != CheckLevel::none) {
    const op::Tensor& golden = work_->outputs[plan_.layers[layer_].node];
    report(tensors_.compare(tensors_done_, cycle, rtl_outputs_[layer_], golden, kMaxReported));
    expected_outputs_ += static_cast<std::uint64_t>(golden.data.size());
    ++tensors_done_;
  }
  totals_[layer_].compared += compared() - counted_;
  counted_ = compared();
}

std::uint64_t Monitor::mismatch_count() const {
  return std::accumulate(mismatch_counts_.begin(), mismatch_counts_.end(), std::uint64_t{0});
}

std::uint64_t Monitor::compared() const {
  return pins_.compared() + cells_.compared() + outputs_.compared() + read_outputs_.compared() + tensors_.compared();
}

std::uint64_t Monitor::expected_compared(std::uint64_t cycles) const {
  if (level_ == CheckLevel::none) return 0;
  const auto rows = static_cast<std::uint64_t>(plan_.geometry.rows),
             cols = static_cast<std::uint64_t>(plan_.geometry.cols);
  constexpr std::uint64_t kScalarPins = 13, kCellRegisters = 3;
  const std::uint64_t cells = level_ == CheckLevel::pe ? kCellRegisters * rows * cols : 0;
  return cycles * (kScalarPins + cols + cells) + expected_outputs_;
}

}  // namespace systole::session
