// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cycle_bench.h"

namespace systole::test {

StallPattern random_stalls(Draw& draw, int n) {
  return [&draw, n] { return cycle::InPins{!draw.one_in(n), !draw.one_in(n), !draw.one_in(n), !draw.one_in(n)}; };
}

void CycleBench::send(const accel::Job& job) {
  const accel::Command& command = *job.command;
  model_.enqueue(job);
  cfg_left_ += command.cfg.size();
  wgt_left_ += command.wgt.size();
  act_left_ += command.act_beats();
}

void CycleBench::cycle(const StallPattern& pattern) {
  cycle::InPins in = pattern ? pattern() : cycle::InPins{true, true, true, true};
  in.cfg_valid = in.cfg_valid && cfg_left_ != 0;
  in.wgt_valid = in.wgt_valid && wgt_left_ != 0;
  in.act_valid = in.act_valid && act_left_ != 0;
  const cycle::OutPins& pins = model_.pins();
  if (in.cfg_valid && pins[accel::kCfgReady] != 0) --cfg_left_;
  if (in.wgt_valid && pins[accel::kWgtReady] != 0) --wgt_left_;
  if (in.act_valid && pins[accel::kActReady] != 0) --act_left_;
  if (in.out_ready && pins[accel::kOutValid] != 0) {
    out_.insert(out_.end(), pins.out_data, pins.out_data + model_.geometry().cols);
    last_.push_back(static_cast<std::uint8_t>(pins[accel::kOutLast]));
  }
  model_.tick(in);
  ++cycles_;
  if (observe) observe();
}

bool CycleBench::run(std::size_t limit, const StallPattern& pattern) {
  for (std::size_t i = 0; i < limit && !model_.idle(); ++i) cycle(pattern);
  return model_.idle();
}

void CycleBench::reset() {
  model_.reset();
  cfg_left_ = wgt_left_ = act_left_ = 0;
  out_.clear();
  last_.clear();
}

}  // namespace systole::test
