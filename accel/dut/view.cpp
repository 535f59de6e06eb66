// SPDX-License-Identifier: Apache-2.0
#include "accel/dut/view.h"

#include <fmt/format.h>

#include <string>

#include "accel/contract/pins.h"
#include "accel/contract/registers.h"

namespace systole::accel {
namespace {

using trace::Color;
using trace::Radix;
using trace::ViewGroup;

std::string cell(int row, int col, std::string_view name) {
  return fmt::format("TOP.accel.{}.{}", cell_path(row, col), name);
}

ViewGroup control() {
  ViewGroup group{.name = "ctrl", .signals = {}};
  for (const char* name : {"step", "pass_start", "issue", "padding"}) {
    group.signals.push_back({fmt::format("TOP.accel.{}", name), 1, Radix::binary, Color::green, {}});
  }
  return group;
}

ViewGroup first_row(const Geometry& g) {
  ViewGroup group{.name = "array row 0, psum", .signals = {}};
  for (int col = 0; col < g.cols; ++col) {
    group.signals.push_back({cell(0, col, kRegisterNames[kPsum].variable), g.psum_width, Radix::signed_decimal,
                             Color::green, fmt::format("column {}", col)});
  }
  return group;
}

ViewGroup edges(const Geometry& g) {
  ViewGroup group{.name = "array edge", .closed = true, .signals = {}};
  for (int row = 0; row < g.rows; ++row) {
    group.signals.push_back({cell(row, 0, "act_i"), g.act_width + 1, Radix::signed_decimal, Color::blue,
                             fmt::format("act into row {}", row)});
  }
  for (int col = 0; col < g.cols; ++col) {
    group.signals.push_back({cell(0, col, "weight_i"), g.wgt_width + 1, Radix::signed_decimal, Color::violet,
                             fmt::format("weight into column {}", col)});
  }
  return group;
}

}  // namespace

trace::DesignView view_of(const Geometry& geometry) {
  return {.top = "accel",
          .state_pin = std::string(kOutPinNames[kState]),
          .state_names = {kStateNames.begin(), kStateNames.end()},
          .groups = {control(), first_row(geometry), edges(geometry)}};
}

}  // namespace systole::accel
