// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "accel/lower/check_fits.h"
#include "accel/lower/encoding.h"
#include "accel/lower/tiler.h"
#include "base/as_size.h"
#include "golden/op/validate.h"

namespace systole::lower {

namespace {

using base::as_size;

void check_tensor(const op::Layer& layer, std::string_view field, const op::Tensor& tensor, int h, int w, int c) {
  if (tensor.height == h && tensor.width == w && tensor.channels() == c) return;
  refuse(layer, field,
         fmt::format("tensor of {} x {} x {}, expected {} x {} x {}", tensor.height, tensor.width, tensor.channels(), h,
                     w, c));
}

void check_shapes(const op::Layer& layer, std::span<const op::Tensor* const> inputs) {
  const std::size_t expected = op::input_count(layer);
  if (inputs.size() != expected)
    refuse(layer, "inputs", fmt::format("{} tensors, expected {}", inputs.size(), expected));
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    check_tensor(layer, "input", *inputs[i], layer.in_h, layer.in_w, op::input_channels(layer, i));
  }
}

/// Writes the pixels of one distinct group: beats and operands.
class GroupWriter {
 public:
  GroupWriter(const accel::Command& command, const op::Layer& layer, const op::Tensor& input, int group)
      : command_(command),
        layer_(layer),
        input_(input),
        group_(group),
        range_(op::element_range(layer.act_signed, layer.act_bits)),
        zero_(command.header.accumulate == accel::Accumulate::add2 && command.group_input[as_size(group)] == 1
                  ? command.header.zero_b
                  : command.header.zero_in),
        channels_(command.group_channels.data() + as_size(group) * as_size(command.geometry.rows)) {}

  void write(accel::Stimulus& out) const {
    std::size_t pixel = as_size(group_) * as_size(command_.header.in_pixels());
    for (const int y : command_.source_rows) {
      for (const int x : command_.source_cols) {
        write_pixel(y, x, out.act[pixel], out.operands.data() + pixel * as_size(command_.geometry.rows));
        ++pixel;
      }
    }
  }

 private:
  void write_pixel(int y, int x, std::uint32_t* beat, std::int16_t* operands) const {
    // HWC memory: a channel number beyond the pixel's own runs into the next pixels, which is how a fully connected
    // layer sees them.
    const std::int32_t* pixel = &input_.data(Eigen::Index{y} * input_.width + x, 0);
    base::BeatWriter writer(beat);
    for (int row = 0; row < command_.geometry.rows; ++row) {
      const std::int32_t value = channels_[row] < 0 ? zero_ : pixel[channels_[row]];
      if (value < range_.low || value > range_.high) refuse_value(value, y, x, channels_[row]);
      writer.put(value, command_.geometry.act_width);
      operands[row] = static_cast<std::int16_t>(value - zero_);
    }
    writer.finish();
  }

  [[noreturn]] void refuse_value(std::int32_t value, int y, int x, int channel) const {
    refuse(layer_, "input",
           fmt::format("value {} at row {} column {} channel {} is outside {} .. {}", value, y, x, channel, range_.low,
                       range_.high));
  }

  const accel::Command& command_;
  const op::Layer& layer_;
  const op::Tensor& input_;
  int group_;
  op::ElementRange range_;
  std::int32_t zero_;
  const int* channels_;
};

}  // namespace

void stimulate(const accel::Command& command, const op::Layer& layer, std::span<const op::Tensor* const> inputs,
               accel::Stimulus& out) {
  check_shapes(layer, inputs);
  const std::size_t pixels = as_size(command.groups) * as_size(command.header.in_pixels());
  if (out.act.bits() != act_bits(command.geometry)) out.act = base::Beats(act_bits(command.geometry));
  out.act.resize(pixels);
  out.operands.resize(pixels * as_size(command.geometry.rows));
  for (int group = 0; group < command.groups; ++group) {
    const op::Tensor& input = *inputs[as_size(command.group_input[as_size(group)])];
    GroupWriter(command, layer, input, group).write(out);
  }
}

accel::Stimulus stimulate(const accel::Command& command, const op::Layer& layer,
                          std::span<const op::Tensor* const> inputs) {
  accel::Stimulus out;
  stimulate(command, layer, inputs, out);
  return out;
}

void expect(const accel::Command& command, const op::Layer& layer, const op::Tensor& golden_output,
            std::vector<std::int32_t>& out) {
  check_tensor(layer, "golden output", golden_output, layer.out_h, layer.out_w, layer.out_c);
  out.resize(command.out_beats() * as_size(command.geometry.cols));
  std::int32_t* beat = out.data();
  for (int tile = 0; tile < command.header.oc_tiles; ++tile) {
    const int used = command.used_lanes(tile);
    for (int pixel = 0; pixel < command.header.out_pixels(); ++pixel) {
      const check::OutPlace first = command.place(tile, pixel, 0);
      const std::int32_t* values =
          &golden_output.data(Eigen::Index{first.oh} * golden_output.width + first.ow, first.oc);
      for (int col = 0; col < command.geometry.cols; ++col) *beat++ = values[col < used ? col : used - 1];
    }
  }
}

std::vector<std::int32_t> expect(const accel::Command& command, const op::Layer& layer,
                                 const op::Tensor& golden_output) {
  std::vector<std::int32_t> out;
  expect(command, layer, golden_output, out);
  return out;
}

}  // namespace systole::lower
