// SPDX-License-Identifier: Apache-2.0
#include "accel/lower/layer_commands.h"

#include <algorithm>

#include "accel/cycle/reference.h"
#include "accel/lower/duration.h"

namespace systole::lower {

LayerCommands::LayerCommands(const op::Layer& layer, const accel::Geometry& geometry)
    : layer_(&layer), list_(tile(layer, geometry)) {
  state_facts();
}

LayerCommands::LayerCommands(std::vector<accel::Command> commands) : list_(std::move(commands)) { state_facts(); }

void LayerCommands::replace(std::vector<accel::Command> commands) {
  list_ = std::move(commands);
  state_facts();
}

void LayerCommands::state_tiling() {
  tiling_ = {};
  const auto saw = [this](cover::Item item, bool seen) { tiling_.saw(item, seen ? 1 : 0); };
  for (const accel::Command& command : list_) {
    const accel::Header& header = command.header;
    saw(cover::Item::ic_tiles, header.ic_tiles > 1);
    saw(cover::Item::oc_tiles, header.oc_tiles > 1);
    saw(cover::Item::few_pixels, header.out_pixels() < command.geometry.rows);
    // The map that is sent: a strip of a square one is none. With a single row nothing depends on the row's length.
    saw(cover::Item::oblong_map, header.in_h > 1 && header.in_h != header.in_w);
    saw(cover::Item::strips, command.out_top > 0 || command.out_left > 0);
    saw(cover::Item::partial_cols, command.used_lanes(header.oc_tiles - 1) < command.geometry.cols);
    saw(cover::Item::partial_rows,
        std::any_of(command.group_channels.begin(), command.group_channels.end(), [](int c) { return c < 0; }));
  }
}

void LayerCommands::state_facts() {
  state_tiling();
  commands_.clear();
  macs_ = roofline_cycles_ = 0;
  for (const accel::Command& command : list_) {
    const std::size_t in_beats = command.cfg.size() + command.wgt.size() + command.act_beats();
    commands_.push_back({.out_beats = command.out_beats(),
                         .cycle_bound = cycle_bound(command.header, command.geometry),
                         .beats_in_all = in_beats + command.out_beats(),
                         .macs = command.macs});
    macs_ += command.macs;
    roofline_cycles_ += lower::roofline_cycles(command.header, command.geometry);
  }
}

std::unique_ptr<session::LayerWork> LayerCommands::make_work() const {
  return std::make_unique<LayerBeats>(*this, std::vector<accel::Stimulus>(list_.size()),
                                      std::vector<std::vector<std::int32_t>>(list_.size()));
}

void LayerCommands::fill(std::span<const op::Tensor* const> inputs, const op::Tensor& golden_output,
                         session::LayerWork& work) const {
  LayerBeats& beats = beats_of(work);
  for (std::size_t c = 0; c < list_.size(); ++c) {
    stimulate(list_[c], *layer_, inputs, beats.stimuli()[c]);
    expect(list_[c], *layer_, golden_output, beats.expectations()[c]);
  }
}

void LayerBeats::send(std::size_t number, std::span<kernel::BeatQueue> queues) const {
  const accel::Command& command = commands_.list()[number];
  const accel::Stimulus& stimulus = stimuli_[number];
  const auto pixels = static_cast<std::size_t>(command.header.in_pixels());
  const auto queue = [&](accel::In stream) -> kernel::BeatQueue& { return queues[static_cast<std::size_t>(stream)]; };
  queue(accel::In::cfg).push(command.cfg.data(), command.cfg.size(), command.cfg.words_per_beat());
  queue(accel::In::wgt).push(command.wgt.data(), command.wgt.size(), command.wgt.words_per_beat());
  for (const int group : command.group_order) {
    queue(accel::In::act)
        .push(stimulus.act[static_cast<std::size_t>(group) * pixels], pixels, stimulus.act.words_per_beat());
  }
}

void LayerBeats::announce(std::size_t command, check::Watch& watch) const {
  auto& reference = static_cast<check::WatchOf<cycle::Reference>&>(watch).reference();
  reference.model().enqueue(job(command));
}

const LayerCommands& commands_of(const session::LoweredLayer& layer) {
  return dynamic_cast<const LayerCommands&>(layer);
}
LayerCommands& commands_of(session::LoweredLayer& layer) { return dynamic_cast<LayerCommands&>(layer); }
const LayerBeats& beats_of(const session::LayerWork& work) { return dynamic_cast<const LayerBeats&>(work); }
LayerBeats& beats_of(session::LayerWork& work) { return dynamic_cast<LayerBeats&>(work); }

}  // namespace systole::lower
