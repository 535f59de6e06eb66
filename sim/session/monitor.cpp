// SPDX-License-Identifier: Apache-2.0
#include "sim/session/monitor.h"

#include <fmt/format.h>

#include <limits>
#include <numeric>

#include "base/input_error.h"

namespace systole::session {
namespace {

constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();

std::uint64_t saturating_sum(std::uint64_t a, std::uint64_t b) { return a + std::min(b, ~a); }

std::unique_ptr<check::Watch> make_watch(const dut::Dut& dut, check::CheckLevel level) {
  if (level < check::CheckLevel::pins) return nullptr;
  std::unique_ptr<check::Watch> watch = design().watch(dut, level);
  if (watch) return watch;
  throw base::InputError("--check", to_string(level), "this design has no reference; take --check outputs");
}

}  // namespace

Monitor::Monitor(const dut::Dut& dut, const Plan& plan, check::CheckLevel level, kernel::Watchdog& watchdog)
    : pins_(dut.pins()),
      plan_(plan),
      level_(level),
      watch_(make_watch(dut, level)),
      at_(plan),
      deadline_(watchdog),
      lanes_(static_cast<std::size_t>(pins_.output.lanes)) {
  for (std::size_t i = 0; i < plan.layers.size(); ++i) {
    const op::Layer& layer = plan.layer(i);
    rtl_outputs_.emplace_back(layer.out_h, layer.out_w, layer.out_c);
    totals_.push_back({.counters = std::vector<std::uint64_t>(pins_.counters.size())});
    for (const CommandFacts& command : plan.layers[i].lowered->commands()) image_bound_ += command.cycle_bound;
  }
}

void Monitor::begin(const ImageWork& work) {
  work_ = &work;
  at_.restart();
  deadline_.restart();
  ended_bound_ = 0;
  command_ended_ = false;
  if (watch_) {
    watch_->reset();
    for (std::size_t i = 0; i < plan_.layers.size(); ++i) {
      const std::size_t commands = plan_.layers[i].lowered->commands().size();
      for (std::size_t c = 0; c < commands; ++c) work.layers[i]->announce(c, *watch_);
    }
  }
  if (!done()) deadline_.arm(at_.facts());
}

void Monitor::share_bus(std::uint64_t idle_cycles) {
  deadline_.share_bus(idle_cycles);
  if (!done()) deadline_.arm(at_.facts());
}

void Monitor::plant(check::Checker checker, const check::PlantedFault& fault) {
  switch (checker) {
    case check::Checker::pins:
    case check::Checker::registers:
      if (watch_) watch_->plant(checker, fault);
      return;
    case check::Checker::outputs:
      return outputs_.plant(fault);
    case check::Checker::tensor:
      return tensors_.plant(fault);
  }
}

kernel::Outcome Monitor::output_taken(std::uint64_t cycle) {
  if (done()) return kernel::Outcome::unexpected_output;
  port::read_lanes(pins_.output, lanes_.data());
  // A watch sees the same beat on the pins, a cycle before it leaves.
  if (level_ == check::CheckLevel::outputs && !outputs_.equal(beats_, lanes_, golden_lanes())) {
    report_outputs(outputs_.differences(beats_, cycle, lanes_, golden_lanes()));
  }
  store_output();
  ++beats_;
  at_.next_beat();
  command_ended_ = at_.last_beat_taken();
  const bool early = *pins_.output.last != 0 && !command_ended_;
  return early ? kernel::Outcome::early_last : kernel::Outcome::passed;
}

void Monitor::store_output() {
  op::Tensor& tensor = rtl_outputs_[at_.layer()];
  for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
    const auto place = at_.lowered().place(at_.command(), at_.beat(), static_cast<int>(lane));
    if (place) tensor.at(place->oh, place->ow, place->oc) = lanes_[lane];
  }
}

std::string Monitor::coordinate(std::size_t beat, int lane) const {
  const auto place = at_.lowered().place(at_.command(), beat, lane);
  if (!place) return {};
  return fmt::format("oc {} oh {} ow {}", place->oc, place->oh, place->ow);
}

void Monitor::report(std::vector<check::Mismatch> found) {
  if (found.empty()) return;
  const bool first = !findings_.any();
  const std::uint64_t cycle = found.front().cycle;
  if (first) last_cycle_ = saturating_sum(cycle, go_on_);
  const bool counts = go_on_ == kToTheEnd || first || cycle == findings_.origin()->cycle;
  for (check::Mismatch& mismatch : found) {
    if (!counts) {
      findings_.add_later(mismatch);
      continue;
    }
    if (!done()) ++totals_[at_.layer()].mismatches;
    findings_.add(std::move(mismatch));
  }
  if (go_on_ == kToAnOutput && findings_.detection()) last_cycle_ = 0;
}

void Monitor::report_cycle(std::uint64_t cycle) {
  const bool each = go_on_ != kToAnOutput || !findings_.any();
  std::vector<check::Mismatch> found = watch_->differences(cycle, each ? kAll : 1);
  for (check::Mismatch& mismatch : found) {
    if (mismatch.checker != check::Checker::pins || done() || *pins_.output.valid == 0) continue;
    const std::size_t watched = pins_.watched.size();
    const auto lane = static_cast<int>(std::max(mismatch.index, watched) - watched);
    mismatch.coordinate = coordinate(std::min(at_.beat(), at_.facts().out_beats - 1), lane);
  }
  report(std::move(found));
}

void Monitor::report_outputs(std::vector<check::Mismatch> found) {
  for (check::Mismatch& mismatch : found) {
    mismatch.coordinate = coordinate(at_.beat(), static_cast<int>(mismatch.index));
  }
  report(std::move(found));
}

bool Monitor::outputs_read(std::span<const base::Beats> outputs, std::uint64_t cycle) {
  if (level_ == check::CheckLevel::none) return true;
  end_image();
  at_.restart();
  for (const base::Beats& read : outputs) {
    compare_read(read, cycle);
    if (findings_.any() && go_on_ != kToTheEnd) return false;
    at_.next_command();
  }
  return true;
}

void Monitor::compare_read(const base::Beats& read, std::uint64_t cycle) {
  const std::size_t beats = at_.facts().out_beats;
  for (std::size_t beat = 0; beat < std::min(read.size(), beats); ++beat, ++beats_read_, at_.next_beat()) {
    port::unpack_lanes(read[beat], pins_.output.lanes, pins_.output.lane_bits, lanes_.data());
    if (read_outputs_.equal(beats_read_, lanes_, golden_lanes())) continue;
    std::vector<check::Mismatch> found = read_outputs_.differences(beats_read_, cycle, lanes_, golden_lanes());
    for (check::Mismatch& mismatch : found) mismatch.signal = "tlm read, " + mismatch.signal;
    report_outputs(std::move(found));
  }
  expected_outputs_ += beats * lanes_.size();
  attribute(at_.layer());
}

void Monitor::end_command(std::uint64_t cycle) {
  command_ended_ = false;
  LayerTotals& totals = totals_[at_.layer()];
  for (std::size_t i = 0; i < totals.counters.size(); ++i) totals.counters[i] += *pins_.counters[i].value;
  if (level_ == check::CheckLevel::outputs) expected_outputs_ += at_.facts().out_beats * lanes_.size();
  totals.macs += at_.facts().macs;
  ended_bound_ += at_.facts().cycle_bound;
  deadline_.ended(at_.facts());
  if (at_.last_of_layer()) end_layer(cycle);
  at_.next_command();
  if (!done()) deadline_.arm(at_.facts());
}

void Monitor::end_layer(std::uint64_t cycle) {
  const std::size_t layer = at_.layer();
  if (level_ != check::CheckLevel::none) {
    const op::Tensor& golden = work_->outputs[plan_.layers[layer].node];
    report(tensors_.compare(tensors_done_, cycle, rtl_outputs_[layer], golden, kAll));
    expected_outputs_ += static_cast<std::uint64_t>(golden.data.size());
    ++tensors_done_;
  }
  ++totals_[layer].images;
  attribute(layer);
}

double Monitor::done_part() const {
  if (done()) return 1;
  const CommandFacts& command = at_.facts();
  const double part = static_cast<double>(at_.beat()) / static_cast<double>(command.out_beats);
  return (static_cast<double>(ended_bound_) + part * static_cast<double>(command.cycle_bound)) /
         static_cast<double>(image_bound_);
}

std::array<std::uint64_t, check::kCheckers> Monitor::compared_by() const {
  using check::Checker;
  return {watch_ ? watch_->compared(Checker::pins) : 0, watch_ ? watch_->compared(Checker::registers) : 0,
          outputs_.compared() + read_outputs_.compared(), tensors_.compared()};
}

std::uint64_t Monitor::compared() const {
  const auto by = compared_by();
  return std::accumulate(by.begin(), by.end(), std::uint64_t{0});
}

std::uint64_t Monitor::expected_compared(std::uint64_t cycles) const {
  return (watch_ ? cycles * watch_->values_per_cycle() - watch_->unknown() : 0) + expected_outputs_;
}

}  // namespace systole::session
