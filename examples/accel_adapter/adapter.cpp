// SPDX-License-Identifier: Apache-2.0
// Systole's own accelerator as anybody's design: what the package's tiler cuts a layer into goes
// over four streams.
#include "systole/adapter.h"

#include <algorithm>
#include <type_traits>
#include <vector>

#include "Vaccel.h"
#include "accel/lower/tiler.h"
#include "base/input_error.h"

namespace {

using systole::Layer, systole::LayerRun, systole::Task, systole::signed_field;
using systole::accel::Command;
constexpr systole::accel::Geometry kBuilt{.rows = 8, .cols = 8};

template <class Beat>
Beat beat_of(const std::uint32_t* words) {
  Beat beat{};
  if constexpr (std::is_same_v<Beat, QData>) {
    beat = words[0] | QData{words[1]} << 32;
  } else {
    std::copy_n(words, beat.size(), beat.begin());
  }
  return beat;
}

class Accel final : public systole::AdapterOf<Vaccel> {
 public:
  explicit Accel(Site site)
      : AdapterOf(site, {.clock = &site.top.clk_i, .reset = &site.top.rst_ni}) {}

  std::string cannot_run(const Layer& layer) const override {
    try {
      (void)systole::lower::tile(layer, kBuilt);
      return {};
    } catch (const systole::base::InputError& error) {
      return error.what();
    }
  }

  Task run(LayerRun& run) override {
    for (const Command& command : systole::lower::tile(run.layer(), kBuilt)) {
      std::vector<const systole::Tensor*> inputs;
      for (std::size_t i = 0; i < run.inputs(); ++i) inputs.push_back(&run.input(i));
      const auto stimulus = systole::lower::stimulate(command, run.layer(), inputs);
      const std::size_t senders[] = {bench.fork(send(cfg, command.cfg), "cfg"),
                                     bench.fork(send(wgt, command.wgt), "wgt"),
                                     bench.fork(send_pixels(command, stimulus), "act")};
      std::vector<systole::sequence::ValueOf<VlWide<8>>> beats(command.out_beats());
      co_await out.receive(beats, true);
      for (std::size_t i = 0; i < beats.size(); ++i) {
        for (int lane = 0; lane < kBuilt.cols; ++lane) {
          const auto place = command.place(i, lane);
          if (place) run.output(place->oc, place->oh, place->ow, signed_field(beats[i], 32, lane));
        }
      }
      for (const std::size_t sender : senders) co_await bench.join(sender);
    }
  }

 private:
  template <class Stream>
  static Task send(Stream& stream, const systole::base::Beats& beats) {
    for (std::size_t i = 0; i < beats.size(); ++i)
      co_await stream.send(beat_of<typename Stream::Value>(beats[i]));
  }
  Task send_pixels(const Command& command, const systole::accel::Stimulus& stimulus) {
    for (std::size_t i = 0; i < command.act_beats(); ++i)
      co_await act.send(beat_of<QData>(act_beat(command, stimulus, i)));
  }

  systole::Source<VlWide<4>> cfg{bench, "cfg", top.cfg_valid_i, top.cfg_ready_o, top.cfg_data_i};
  systole::Source<VlWide<3>> wgt{bench, "wgt", top.wgt_valid_i, top.wgt_ready_o, top.wgt_data_i};
  systole::Source<QData> act{bench, "act", top.act_valid_i, top.act_ready_o, top.act_data_i};
  systole::Sink<VlWide<8>> out{bench,           "out",          top.out_valid_o,
                               top.out_ready_i, top.out_data_o, &top.out_last_o};
};

}  // namespace

SYSTOLE_ADAPTER(Accel)
