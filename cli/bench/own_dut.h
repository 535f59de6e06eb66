// SPDX-License-Identifier: Apache-2.0
#pragma once
// The accelerator as a design with an adapter drives it: ready-made streams and coroutines, outputs compared (L1).
#include <cstdint>
#include <span>
#include <vector>

#include "sim/dut/dut.h"
#include "sim/sequence/bench.h"
#include "sim/sequence/stream.h"
#include "sim/session/plan.h"

namespace systole::bench {

/// The beats of one image through an 8x8 model, from reset.
class OwnDut {
 public:
  /// `dut` must outlive it.
  OwnDut(dut::Dut& dut, const session::Plan& plan, const session::ImageWork& work);

  /// Cycles that the image took, silent ones after it included. Throws std::runtime_error where an output differs or
  /// the run did not end.
  std::uint64_t run();

 private:
  /// A wide port, as a Verilated class keeps it.
  template <std::size_t Words>
  struct Wide {
    std::uint32_t m_storage[Words];
  };
  using Cfg = Wide<4>;
  using Wgt = Wide<3>;
  using Act = std::uint64_t;
  static constexpr std::size_t kLanes = 8;  ///< of 32 bits, in a beat of the output
  using Out = Wide<kLanes>;
  template <class Port>
  using Beats = std::vector<sequence::ValueOf<Port>>;

  template <class Port>
  sequence::Source<Port> source(const port::InStream& stream);
  template <class Port>
  static Beats<Port> beats(session::StreamDriver& driver, std::size_t stream);
  template <class Port>
  sequence::Task send(sequence::Source<Port>& stream, const Beats<Port>& beats);
  sequence::Task image();

  sequence::Bench bench_;
  sequence::Source<Cfg> cfg_;
  sequence::Source<Wgt> wgt_;
  sequence::Source<Act> act_;
  sequence::Sink<Out> out_;
  Beats<Cfg> cfg_beats_;
  Beats<Wgt> wgt_beats_;
  Beats<Act> act_beats_;
  std::vector<std::span<const std::int32_t>> expected_;  ///< of each command, [beat][lane]
  Beats<Out> came_;
  std::uint64_t wrong_ = 0;
};

}  // namespace systole::bench
