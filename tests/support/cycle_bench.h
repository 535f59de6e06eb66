// SPDX-License-Identifier: Apache-2.0
#pragma once
// A bench without RTL: drives the cycle model with the streams of commands under any pattern of valid and ready, and
// records what it saw.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "accel/contract/command.h"
#include "accel/cycle/model.h"
#include "tests/support/random_layer.h"

namespace systole::test {

/// May each stream move in the coming cycle? Without a pattern everything always may.
using StallPattern = std::function<cycle::InPins()>;

/// Every stream stalls independently in one of `n` cycles.
StallPattern random_stalls(Draw& draw, int n);

class CycleBench {
 public:
  CycleBench(const accel::Geometry& geometry, bool cells)
      : model_(geometry, cells ? cycle::Follow::cells : cycle::Follow::pins) {}

  /// Queues a command and its streams, which must outlive the bench's use of them.
  void send(const accel::Job& job);

  /// One cycle: valid where the stream has beats left and the pattern allows it. Calls `observe`, if any, after the
  /// edge.
  void cycle(const StallPattern& pattern = {});

  /// Cycles until the model is idle; false after `limit` of them.
  bool run(std::size_t limit, const StallPattern& pattern = {});

  /// Drops everything queued and resets the model.
  void reset();

  [[nodiscard]] const cycle::Model& model() const { return model_; }
  [[nodiscard]] const std::vector<std::int32_t>& out() const { return out_; }    ///< lanes of the beats taken
  [[nodiscard]] const std::vector<std::uint8_t>& last() const { return last_; }  ///< out_last of the beats taken
  [[nodiscard]] std::size_t cycles() const { return cycles_; }
  std::function<void()> observe;

 private:
  cycle::Model model_;
  std::size_t cfg_left_ = 0, wgt_left_ = 0, act_left_ = 0;
  std::size_t cycles_ = 0;
  std::vector<std::int32_t> out_;
  std::vector<std::uint8_t> last_;
};

}  // namespace systole::test
