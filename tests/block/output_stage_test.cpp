// SPDX-License-Identifier: Apache-2.0
// rtl/output_stage.v with its output_lanes against docs/numerics.md, section 4: random layers of every output mode, the
// output stalled at random.
#include <Voutput_stage.h>
#include <Voutput_stage___024root.h>
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <deque>

#include "golden/fixed/round.h"
#include "tests/support/rtl_bench.h"

namespace systole::test {
namespace {

using Root = Voutput_stage___024root;
constexpr int kCols = Root::output_stage__DOT__Cols;
constexpr int kWidth = Root::output_stage__DOT__PsumWidth;
constexpr int kTiles = Root::output_stage__DOT__ParTiles;
static_assert(kCols == 4 && kTiles == 4);

enum class Mode { quantized, raw, add2 };

struct Scale {
  std::int32_t m0;
  int lshift, n;
};

Scale random_scale(Draws& draws) {
  return {draws.between(1 << 30, INT32_MAX), draws.between(0, 2), draws.between(0, 12)};
}

struct Layer {
  Mode mode;
  fixed::Rounding rule;
  bool multiply;
  int bits;
  std::int32_t zero_out, act_min, act_max;
  Scale a, b;
};

struct Channel {
  std::int32_t bias = 0;
  Scale scale{};
};

struct Value {
  std::int64_t out;
  bool overflow;
};

Value golden(const Layer& layer, const Channel& channel, std::int64_t acc, std::int64_t operand_b) {
  const auto psum = static_cast<std::int32_t>(acc);
  fixed::ClampedPsum biased{};
  if (layer.mode == Mode::add2) {
    const std::int64_t s_a = fixed::requantize(psum, layer.rule, true, layer.a.m0, layer.a.lshift, layer.a.n);
    const std::int64_t s_b = fixed::requantize(static_cast<std::int32_t>(operand_b), layer.rule, true, layer.b.m0,
                                               layer.b.lshift, layer.b.n);
    biased =
        fixed::clamp_psum(fixed::saturate(s_a + s_b, fixed::kInt32Min, fixed::kInt32Max) + channel.bias, kWidth - 1);
  } else {
    biased = fixed::clamp_psum(std::int64_t{psum} + channel.bias, layer.bits);
  }
  if (layer.mode == Mode::raw) return {biased.value, biased.overflow};
  const std::int64_t rounded = fixed::requantize(static_cast<std::int32_t>(biased.value), layer.rule, layer.multiply,
                                                 channel.scale.m0, channel.scale.lshift, channel.scale.n);
  return {fixed::saturate(rounded + layer.zero_out, layer.act_min, layer.act_max), biased.overflow};
}

struct Beat {
  std::array<std::int64_t, kCols> out{};
  bool last = false;
};

class StageRun {
 public:
  explicit StageRun(const char* test) : draws_(test) {}

  void layer(Mode mode, int tiles, int beats_per_tile) {
    configure(mode);
    releases_ = 0;
    for (int tile = 0; tile < tiles; ++tile) {
      write_channels(tile % kTiles);
      for (int i = 0; i < beats_per_tile; ++i) {
        send(tile % kTiles, i == beats_per_tile - 1, tile == tiles - 1 && i == beats_per_tile - 1);
      }
    }
    drain();
    CHECK(releases_ == tiles);
    CHECK(expected_.empty());
    CHECK(dut_->overflow_o == overflow_);
  }

  Tally tally;
  int overflowing_layers = 0;
  Draws& draws() { return draws_; }

 private:
  void configure(Mode mode) {
    const auto code = draws_.between(0, fixed::kRoundingCount - 1);
    layer_ = {.mode = mode,
              .rule = static_cast<fixed::Rounding>(code),
              .multiply = code == 3 || draws_.chance(180),
              .bits = draws_.between(14, kWidth - 1),
              .zero_out = draws_.between(-128, 127),
              .act_min = draws_.between(-300, 0),
              .act_max = draws_.between(0, 300),
              .a = random_scale(draws_),
              .b = random_scale(draws_)};
    dut_->add2_i = mode == Mode::add2 ? 1 : 0;
    dut_->raw_i = mode == Mode::raw ? 1 : 0;
    dut_->multiply_i = layer_.multiply ? 1 : 0;
    dut_->rule_i = static_cast<CData>(code);
    put(dut_->psum_max_i, fixed::psum_max(layer_.bits), kWidth);
    put(dut_->zero_out_i, layer_.zero_out, 16);
    put(dut_->act_min_i, layer_.act_min, 16);
    put(dut_->act_max_i, layer_.act_max, 16);
    put(dut_->m_a_i, layer_.a.m0, 32);
    dut_->lshift_a_i = static_cast<CData>(layer_.a.lshift);
    dut_->n_a_i = static_cast<CData>(layer_.a.n);
    put(dut_->m_b_i, layer_.b.m0, 32);
    dut_->lshift_b_i = static_cast<CData>(layer_.b.lshift);
    dut_->n_b_i = static_cast<CData>(layer_.b.n);
    overflow_ = 0;
    dut_->start_i = 1;
    cycle();
    dut_->start_i = 0;
    CHECK(dut_->overflow_o == 0);
  }

  void write_channels(int slot) {
    dut_->par_slot_i = static_cast<CData>(slot);
    for (int c = 0; c < kCols; ++c) {
      Channel& channel = table_[static_cast<std::size_t>(slot)][static_cast<std::size_t>(c)];
      channel = {draws_.between(-20000, 20000), random_scale(draws_)};
      dut_->par_we_i = static_cast<CData>(1 << c);
      put(dut_->par_bias_i, channel.bias, 32);
      put(dut_->par_m0_i, channel.scale.m0, 32);
      dut_->par_lshift_i = static_cast<CData>(channel.scale.lshift);
      dut_->par_n_i = static_cast<CData>(channel.scale.n);
      cycle();
    }
    dut_->par_we_i = 0;
  }

  /// One beat: its tag in one step, its values in the next.
  void send(int slot, bool tile_last, bool layer_last) {
    while (draws_.chance(60)) cycle();
    std::array<std::int64_t, kCols> acc{};
    std::array<std::int64_t, kCols> operand_b{};
    Beat beat;
    beat.last = layer_last;
    for (std::size_t c = 0; c < kCols; ++c) {
      acc[c] = draws_.value(layer_.bits + 1) >> draws_.between(0, 16);
      operand_b[c] = draws_.value(16);
      const Value value = golden(layer_, table_[static_cast<std::size_t>(slot)][c], acc[c], operand_b[c]);
      beat.out[c] = value.out;
      overflow_ |= (value.overflow ? 1U : 0U) << c;
    }
    dut_->final_i = 1;
    dut_->slot_i = static_cast<CData>(slot);
    dut_->tile_last_i = tile_last ? 1 : 0;
    dut_->layer_last_i = layer_last ? 1 : 0;
    while (!cycle()) {
    }
    dut_->final_i = 0;
    expected_.push_back(beat);
    for (int c = 0; c < kCols; ++c) {
      put_field(dut_->acc_i, c * kWidth, kWidth, acc[static_cast<std::size_t>(c)]);
      put_field(dut_->operand_b_i, c * kWidth, kWidth, operand_b[static_cast<std::size_t>(c)]);
    }
  }

  /// One clock; the output is taken at random. True where it was a step.
  bool cycle() {
    dut_->out_ready_i = draws_.chance(150) ? 1 : 0;
    dut_.settle();
    const bool step = dut_->step_o != 0;
    releases_ += dut_->par_release_o;
    if (dut_->out_valid_o == 0) {
      for (int c = 0; c < kCols; ++c) tally.expect(out(c), 0, [] { return "output without valid"; });
    } else if (dut_->out_ready_i != 0) {
      take();
    }
    dut_.tick();
    return step;
  }

  void take() {
    REQUIRE(!expected_.empty());
    for (int c = 0; c < kCols; ++c) {
      tally.expect(out(c), expected_.front().out[static_cast<std::size_t>(c)], [&] {
        return fmt::format("column {} mode {} rule {}", c, static_cast<int>(layer_.mode),
                           static_cast<int>(layer_.rule));
      });
    }
    tally.expect(dut_->out_last_o, expected_.front().last ? 1 : 0, [] { return "out_last_o"; });
    expected_.pop_front();
  }

  [[nodiscard]] std::int64_t out(int c) { return sign_extend(field(dut_->out_data_o, c * kWidth, kWidth), kWidth); }

  void drain() {
    constexpr int kLongEnough = 200;
    for (int i = 0; i < kLongEnough; ++i) cycle();
    overflowing_layers += overflow_ != 0 ? 1 : 0;
  }

  RtlBench<Voutput_stage> dut_;
  Draws draws_;
  Layer layer_{};
  std::array<std::array<Channel, kCols>, kTiles> table_{};
  std::deque<Beat> expected_;
  std::uint32_t overflow_ = 0;
  int releases_ = 0;
};

void run_mode(const char* test, Mode mode) {
  StageRun run(test);
  for (int i = 0; i < 60; ++i) run.layer(mode, run.draws().between(1, 6), run.draws().between(8, 40));
  CHECK_MESSAGE(run.tally.wrong() == 0, run.tally.first());
  CHECK(run.tally.compared() > 10000);
  if (mode != Mode::add2) {
    CHECK(run.overflowing_layers > 5);
    CHECK(run.overflowing_layers < 60);
  }
}

TEST_CASE("block.output_stage.random.quantized.stall_out") {
  run_mode("block.output_stage.quantized", Mode::quantized);
}
TEST_CASE("block.output_stage.random.raw.stall_out") { run_mode("block.output_stage.raw", Mode::raw); }
TEST_CASE("block.output_stage.random.add2.stall_out") { run_mode("block.output_stage.add2", Mode::add2); }

TEST_CASE("block.output_stage.bank_overflow_is_sticky_until_start") {
  RtlBench<Voutput_stage> dut;
  dut->bank_overflow_i = 0b0100;
  dut.tick();
  dut->bank_overflow_i = 0b0001;
  dut.tick();
  dut->bank_overflow_i = 0;
  dut.tick();
  CHECK(dut->overflow_o == 0b0101);
  dut->start_i = 1;
  dut.tick();
  CHECK(dut->overflow_o == 0);
}

}  // namespace
}  // namespace systole::test
