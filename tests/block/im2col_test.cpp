// SPDX-License-Identifier: Apache-2.0
// rtl/im2col.v against the nested loops it replaces: random geometries, random pauses.
#include <Vim2col.h>
#include <Vim2col___024root.h>
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/support/rtl_bench.h"

namespace systole::test {
namespace {

using Root = Vim2col___024root;
constexpr int kAddrWidth = Root::im2col__DOT__AddrWidth;
static_assert(kAddrWidth == 12 && Root::im2col__DOT__PixelWidth == 12);

struct Geometry {
  int in_h, in_w, out_h, out_w, kernel_h, kernel_w, stride_h, stride_w, dilation_h, dilation_w, pad_top, pad_left;
  int ic_tiles, oc_tiles;
};

class Walk {
 public:
  explicit Walk(const char* test) : draws_(test) {}

  void layer(const Geometry& g) {
    put_geometry(g);
    for (int oc = 0; oc < g.oc_tiles; ++oc) {
      for (int ic = 0; ic < g.ic_tiles; ++ic) {
        for (int kh = 0; kh < g.kernel_h; ++kh) {
          for (int kw = 0; kw < g.kernel_w; ++kw) pass(g, oc, ic, kh, kw);
        }
      }
    }
  }

  Tally tally;
  std::uint64_t beats = 0, padded = 0;
  Draws& draws() { return draws_; }

 private:
  void put_geometry(const Geometry& g) {
    const auto byte = [](int value) { return static_cast<CData>(value); };
    dut_->in_h_i = byte(g.in_h);
    dut_->in_w_i = byte(g.in_w);
    dut_->out_h_i = byte(g.out_h);
    dut_->out_w_i = byte(g.out_w);
    dut_->kernel_h_i = byte(g.kernel_h);
    dut_->kernel_w_i = byte(g.kernel_w);
    dut_->stride_h_i = byte(g.stride_h);
    dut_->stride_w_i = byte(g.stride_w);
    dut_->dilation_h_i = byte(g.dilation_h);
    dut_->dilation_w_i = byte(g.dilation_w);
    dut_->pad_top_i = byte(g.pad_top);
    dut_->pad_left_i = byte(g.pad_left);
    dut_->ic_tiles_i = static_cast<SData>(g.ic_tiles);
    dut_->oc_tiles_i = static_cast<SData>(g.oc_tiles);
  }

  void pass(const Geometry& g, int oc, int ic, int kh, int kw) {
    const bool last_tap = kh == g.kernel_h - 1 && kw == g.kernel_w - 1;
    const bool final = last_tap && ic == g.ic_tiles - 1;
    for (int oy = 0; oy < g.out_h; ++oy) {
      for (int ox = 0; ox < g.out_w; ++ox) {
        const int pixel = oy * g.out_w + ox;
        const bool last_beat = pixel == g.out_h * g.out_w - 1;
        const int iy = oy * g.stride_h + kh * g.dilation_h - g.pad_top;
        const int ix = ox * g.stride_w + kw * g.dilation_w - g.pad_left;
        const bool padding = iy < 0 || iy >= g.in_h || ix < 0 || ix >= g.in_w;
        const int flags = (ic == 0 && kh == 0 && kw == 0 ? 1 : 0) | (final ? 2 : 0) |
                          (final && oc == g.oc_tiles - 1 ? 4 : 0) | (last_beat ? 8 : 0) | (ic % 2 != 0 ? 16 : 0) |
                          (pixel != 0 ? 32 : 0);
        pause(pixel, last_beat && last_tap, padding, padding ? 0 : iy * g.in_w + ix, flags);
        padded += padding ? 1 : 0;
      }
    }
  }

  /// The outputs stand until issue_i, however long that takes; release_o comes with it.
  void pause(int pixel, bool releases, bool padding, int address, int flags) {
    bool issue = false;
    while (!issue) {
      issue = draws_.chance(170);
      dut_->issue_i = issue ? 1 : 0;
      dut_.settle();
      const auto at = [&](const char* name) { return [=, this] { return fmt::format("beat {} {}", beats, name); }; };
      const int rtl_flags = dut_->first_pass_o | dut_->final_pass_o << 1 | dut_->last_pass_o << 2 |
                            dut_->last_beat_o << 3 | dut_->second_ic_o << 4 | dut_->mid_o << 5;
      tally.expect(dut_->addr_o, address, at("addr_o"));
      tally.expect(dut_->padding_o, padding ? 1 : 0, at("padding_o"));
      tally.expect(dut_->pixel_o, pixel, at("pixel_o"));
      tally.expect(dut_->release_o, issue && releases ? 1 : 0, at("release_o"));
      tally.expect(rtl_flags, flags, at("first final last last_beat second_ic mid"));
      dut_.tick();
      ++cycles_;
    }
    ++beats;
  }

 public:
  [[nodiscard]] std::uint64_t cycles() const { return cycles_; }

 private:
  RtlBench<Vim2col> dut_;
  Draws draws_;
  std::uint64_t cycles_ = 0;
};

Geometry random_geometry(Draws& draws) {
  const auto draw = [&](int hi) { return draws.between(1, hi); };
  return {draw(20), draw(20), draw(9), draw(9),     draw(4),     draw(4), draw(4),
          draw(4),  draw(3),  draw(3), draw(5) - 1, draw(5) - 1, draw(3), draw(3)};
}

TEST_CASE("block.im2col.random") {
  Walk walk("block.im2col.random");
  for (int layer = 0; layer < 60; ++layer) walk.layer(random_geometry(walk.draws()));
  CHECK_TALLY(walk.tally, walk.cycles() * 5);
  CHECK(walk.beats > 10000);
  CHECK(walk.padded > 1000);
  CHECK(walk.padded < walk.beats);
}

// Where the widest coordinate and the most negative one come.
TEST_CASE("block.im2col.range_ends") {
  Walk walk("block.im2col.range_ends");
  walk.layer({255, 16, 255, 3, 1, 15, 15, 15, 1, 15, 0, 15, 1, 1});
  walk.layer({16, 255, 3, 255, 15, 1, 15, 15, 15, 1, 15, 0, 1, 1});
  walk.layer({1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1});
  walk.layer({1, 1, 2, 2, 3, 3, 2, 2, 15, 15, 15, 15, 2, 2});
  CHECK_TALLY(walk.tally, walk.cycles() * 5);
}

}  // namespace
}  // namespace systole::test
