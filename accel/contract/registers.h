// SPDX-License-Identifier: Apache-2.0
#pragma once
// The watched registers of the accelerator, from the streams to the output FIFO, and the wires between its modules;
// docs/timing.md, section 10, says what each holds in which cycle. Everything that names one takes it from here.
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "accel/contract/command.h"

namespace systole::accel {

/// In the order of the data path: of several that are wrong in one cycle the first is the nearest to the cause.
enum Register : std::uint8_t {
  // ctrl and cfg_loader
  kStep,       ///< wire
  kPassStart,  ///< wire
  kIssue,      ///< wire
  kMore,
  kHdr,
  kHeader,
  kParLeft,
  kParUsed,
  kParAvail,
  kParCol,
  kParSlot,
  kBias,        ///< memory
  kMultiplier,  ///< memory
  kShift,       ///< memory
  // the way of the weights
  kWgtCount,
  kWgtTail,
  kWgtHead,
  kLevel,
  kWeightPop,       ///< wire
  kWeightOperands,  ///< wire
  kWgtRow,
  kWgtFull,
  kWgtAlign,
  // the way of the activations
  kActLeft,
  kFillCount,
  kFillBank,
  kActFull,
  kReadBank,
  kActWord,  ///< memory
  kMid,
  kOy,
  kOx,
  kKh,
  kKw,
  kIc,
  kOc,
  kPixel,
  kFirstPass,  ///< wire
  kFinalPass,  ///< wire
  kLastPass,   ///< wire
  kPadding,    ///< wire
  kAddress,    ///< wire
  kActRead,
  kBeat,
  kZero,
  kOperands,       ///< wire
  kActSkewed,      ///< wire
  kEnableSkewed,   ///< wire
  kControlSkewed,  ///< wire
  // the cells
  kWeight,
  kShadow,
  kAct,
  kPsum,
  kEnable,        ///< wire
  kCellOverflow,  ///< wire
  // the tag of a beat, beside the array
  kTileSlot,
  kAlign,
  kTagValid,
  kTag,
  // psum bank
  kBankRead,
  kStraight,  ///< wire
  kColumn,    ///< wire
  kAligned,   ///< wire
  kBase,      ///< wire
  kSum,       ///< wire
  kBest,      ///< wire
  kAccWire,   ///< wire
  kBankWord,  ///< memory
  kAcc,
  kOperandB,
  // output stage
  kStageValid,
  kStageTag1,
  kStageTag2,
  kStageTag3,
  kStageTag4,
  kOutPsum,
  kShiftedA,  ///< wire
  kShiftedB,  ///< wire
  kProductA,
  kProductB,
  kResidual,    ///< wire
  kUnbiased,    ///< wire
  kBiasWire,    ///< wire
  kBiasedWire,  ///< wire
  kBiased,
  kM0,           ///< wire
  kLeftShift,    ///< wire
  kShifted,      ///< wire
  kProductWire,  ///< wire
  kProduct,
  kRightShift,  ///< wire
  kDoubled,     ///< wire
  kRounded,     ///< wire
  kValue,       ///< wire
  kOutCount,
  kOutTail,
  kRegisters
};

/// How many of a register there are.
enum class Lanes : std::uint8_t { one, level, column, cell };

/// Registers are those of every model; wires stand in models with a trace only.
enum class Kind : std::uint8_t { reg, memory, wire };

/// `variable` of the instance at `path` below the top module; "{}" stands for the number of the level or column. An
/// empty path is the top module's own, that of a cell is cell_path().
struct RegisterName {
  std::string_view holds, path, variable;
  Lanes lanes = Lanes::one;
  bool is_signed = false;
  Kind kind = Kind::reg;
};

inline constexpr std::array<RegisterName, kRegisters> kRegisterNames{
    {{"step", "", "step", Lanes::one, false, Kind::wire},
     {"start of a pass", "", "pass_start", Lanes::one, false, Kind::wire},
     {"issue", "", "issue", Lanes::one, false, Kind::wire},
     {"more", "u_ctrl", "more_q"},
     {"header beats", "u_cfg_loader", "hdr_q"},
     {"header", "u_cfg_loader", "header_q"},
     {"oc tiles left", "u_cfg_loader", "par_left_q"},
     {"channel slots used", "u_cfg_loader", "par_used_q"},
     {"channel slots ready", "u_cfg_loader", "par_avail_q"},
     {"channel column", "u_cfg_loader", "col_q"},
     {"channel slot", "u_cfg_loader", "slot_q"},
     {"bias", "u_output_stage.g_lane[{}].u_lane.u_channel_table", "bias", Lanes::column, true, Kind::memory},
     {"multiplier", "u_output_stage.g_lane[{}].u_lane.u_channel_table", "multiplier", Lanes::column, false,
      Kind::memory},
     {"shift", "u_output_stage.g_lane[{}].u_lane.u_channel_table", "n", Lanes::column, false, Kind::memory},
     {"weight FIFO count", "u_weight_loader.u_fifo", "count_q"},
     {"weight FIFO tail", "u_weight_loader.u_fifo", "tail_q"},
     {"weight FIFO head", "u_weight_loader.u_fifo", "head_q"},
     {"codebook level", "u_codebook", "level{}_q", Lanes::level},
     {"weight pop", "", "wgt_pop", Lanes::one, false, Kind::wire},
     {"weight operands", "", "w_row", Lanes::one, false, Kind::wire},
     {"weight row", "u_weight_loader", "wrow_q"},
     {"weight tile full", "u_weight_loader", "w_full_q"},
     {"weight tile align", "u_weight_loader", "align_q"},
     {"activations left", "u_act_buffer", "act_left_q"},
     {"fill count", "u_act_buffer", "fill_cnt_q"},
     {"fill bank", "u_act_buffer", "fill_bank_q"},
     {"banks full", "u_act_buffer", "act_full_q"},
     {"read bank", "u_act_buffer", "rd_bank_q"},
     {"activation word", "u_act_buffer", "mem", Lanes::one, false, Kind::memory},
     {"mid pass", "u_im2col", "mid_q"},
     {"oy", "u_im2col", "oy_q"},
     {"ox", "u_im2col", "ox_q"},
     {"kh", "u_im2col", "kh_q"},
     {"kw", "u_im2col", "kw_q"},
     {"ic tile", "u_im2col", "ic_q"},
     {"oc tile", "u_im2col", "oc_q"},
     {"pixel", "u_im2col", "pixel_q"},
     {"first pass", "", "first_pass", Lanes::one, false, Kind::wire},
     {"final pass", "", "final_pass", Lanes::one, false, Kind::wire},
     {"last pass", "", "last_pass", Lanes::one, false, Kind::wire},
     {"padding", "", "padding", Lanes::one, false, Kind::wire},
     {"activation address", "", "act_addr", Lanes::one, false, Kind::wire},
     {"activation word read", "u_act_buffer", "word_q"},
     {"beat", "", "beat_q"},
     {"zero point", "", "zero_q", Lanes::one, true},
     {"activation operands", "", "a_row", Lanes::one, false, Kind::wire},
     {"activations, skewed", "", "a_skewed", Lanes::one, false, Kind::wire},
     {"enables, skewed", "", "en_skewed", Lanes::one, false, Kind::wire},
     {"row controls, skewed", "", "row_ctrl_skewed", Lanes::one, false, Kind::wire},
     {"weight", "", "weight_q", Lanes::cell, true},
     {"shadow", "", "shadow_q", Lanes::cell, true},
     {"act", "", "act_q", Lanes::cell, true},
     {"psum", "", "psum_q", Lanes::cell, true},
     {"enable", "", "en_q", Lanes::cell, false, Kind::wire},
     {"overflow", "", "overflow_q", Lanes::cell, false, Kind::wire},
     {"tile slot", "", "tile_slot_q"},
     {"align", "", "align_q"},
     {"tag valid", "", "tag_valid_q"},
     {"tag", "", "tag_q"},
     {"psum word read", "u_psum_bank.g_lane[{}].u_lane", "bank_q", Lanes::column, true},
     {"psums, straight", "u_psum_bank", "col", Lanes::one, false, Kind::wire},
     {"psum of the column", "u_psum_bank.g_lane[{}].u_lane", "col_i", Lanes::column, true, Kind::wire},
     {"aligned psum", "u_psum_bank.g_lane[{}].u_lane", "shifted", Lanes::column, true, Kind::wire},
     {"base", "u_psum_bank.g_lane[{}].u_lane", "base", Lanes::column, true, Kind::wire},
     {"sum", "u_psum_bank.g_lane[{}].u_lane", "sum", Lanes::column, true, Kind::wire},
     {"best", "u_psum_bank.g_lane[{}].u_lane", "best", Lanes::column, true, Kind::wire},
     {"accumulation", "u_psum_bank.g_lane[{}].u_lane", "acc", Lanes::column, true, Kind::wire},
     {"psum word", "u_psum_bank.g_lane[{}].u_lane", "bank", Lanes::column, true, Kind::memory},
     {"accumulated", "u_psum_bank.g_lane[{}].u_lane", "acc_q", Lanes::column, true},
     {"operand b", "u_psum_bank.g_lane[{}].u_lane", "operand_b_q", Lanes::column, true},
     {"output stage valid", "u_output_stage", "valid_q"},
     {"output stage tag 1", "u_output_stage", "tag1_q"},
     {"output stage tag 2", "u_output_stage", "tag2_q"},
     {"output stage tag 3", "u_output_stage", "tag3_q"},
     {"output stage tag 4", "u_output_stage", "tag4_q"},
     {"psum handed on", "u_output_stage.g_lane[{}].u_lane", "psum_q", Lanes::column, true},
     {"shifted a", "u_output_stage.g_lane[{}].u_lane.u_residual_add.u_mul_a", "x1", Lanes::column, true, Kind::wire},
     {"shifted b", "u_output_stage.g_lane[{}].u_lane.u_residual_add.u_mul_b", "x1", Lanes::column, true, Kind::wire},
     {"product a", "u_output_stage.g_lane[{}].u_lane.u_residual_add", "product_a_q", Lanes::column, true},
     {"product b", "u_output_stage.g_lane[{}].u_lane.u_residual_add", "product_b_q", Lanes::column, true},
     {"residual sum", "u_output_stage.g_lane[{}].u_lane", "residual", Lanes::column, true, Kind::wire},
     {"without bias", "u_output_stage.g_lane[{}].u_lane", "base", Lanes::column, true, Kind::wire},
     {"bias of the channel", "u_output_stage.g_lane[{}].u_lane", "bias", Lanes::column, true, Kind::wire},
     {"sum with bias", "u_output_stage.g_lane[{}].u_lane", "biased", Lanes::column, true, Kind::wire},
     {"biased", "u_output_stage.g_lane[{}].u_lane", "biased_q", Lanes::column, true},
     {"multiplier of the channel", "u_output_stage.g_lane[{}].u_lane", "m0", Lanes::column, true, Kind::wire},
     {"left shift of the channel", "u_output_stage.g_lane[{}].u_lane", "lshift", Lanes::column, false, Kind::wire},
     {"shifted", "u_output_stage.g_lane[{}].u_lane.u_mul", "x1", Lanes::column, true, Kind::wire},
     {"multiplied", "u_output_stage.g_lane[{}].u_lane", "product", Lanes::column, true, Kind::wire},
     {"product", "u_output_stage.g_lane[{}].u_lane", "product_q", Lanes::column, true},
     {"right shift of the channel", "u_output_stage.g_lane[{}].u_lane", "n", Lanes::column, false, Kind::wire},
     {"rounded once", "u_output_stage.g_lane[{}].u_lane.u_round", "x", Lanes::column, true, Kind::wire},
     {"rounded", "u_output_stage.g_lane[{}].u_lane", "rounded", Lanes::column, true, Kind::wire},
     {"clamped", "u_output_stage.g_lane[{}].u_lane", "value_o", Lanes::column, true, Kind::wire},
     {"output FIFO count", "u_output_stage.u_fifo", "count_q"},
     {"output FIFO tail", "u_output_stage.u_fifo", "tail_q"}}};

/// The instance of c_unit at (row, col), below the top module.
inline std::string cell_path(int row, int col) {
  return "u_array.g_row[" + std::to_string(row) + "].g_col[" + std::to_string(col) + "].u_c";
}

constexpr int log2_of(int power) { return static_cast<int>(std::bit_width(static_cast<unsigned>(power))) - 1; }

inline constexpr int kCfgDataBits = 128, kAlignBits = 5, kShiftBits = 5;

/// Bits of an index below `count`, as $clog2 counts them.
constexpr int index_bits(int count) { return static_cast<int>(std::bit_width(static_cast<unsigned>(count - 1))); }

/// Width of a register or wire, or of a word of a memory.
inline int bits_of(Register which, const Geometry& g) {
  const int slot_bits = log2_of(g.par_tiles), pixel_bits = log2_of(g.psum_depth);
  switch (which) {
    case kMore:
    case kWgtFull:
    case kActLeft:
    case kFillBank:
    case kReadBank:
    case kMid:
    case kBeat:
    case kTagValid:
    case kStep:
    case kPassStart:
    case kIssue:
    case kWeightPop:
    case kFirstPass:
    case kFinalPass:
    case kLastPass:
    case kPadding:
    case kEnable:
    case kCellOverflow:
      return 1;
    case kHdr:
    case kActFull:
    case kWgtCount:
    case kOutCount:
      return 2;
    case kHeader:
      return 3 * kCfgDataBits;
    case kParLeft:
    case kIc:
    case kOc:
      return 16;
    case kParUsed:
    case kParAvail:
      return slot_bits + 1;
    case kParCol:
      return index_bits(g.cols);
    case kParSlot:
    case kTileSlot:
      return slot_bits;
    case kMultiplier:
      return 32 + kShiftBits;
    case kShift:
    case kLeftShift:
    case kRightShift:
      return kShiftBits;
    case kWeightOperands:
      return g.cols * (g.wgt_width + 1);
    case kEnableSkewed:
      return g.cols;
    case kControlSkewed:
      return 2 * g.rows;
    case kOperands:
    case kActSkewed:
      return g.rows * (g.act_width + 1);
    case kStraight:
      return g.cols * g.psum_width;
    case kRounded:
      return 34;
    case kWgtAlign:
    case kAlign:
      return kAlignBits;
    case kWgtHead:
    case kWgtTail:
      return g.cols * g.wgt_width + kAlignBits;
    case kLevel:
      return g.wgt_width;
    case kWgtRow:
      return index_bits(g.rows);
    case kFillCount:
    case kAddress:
      return log2_of(g.act_depth);
    case kActWord:
    case kActRead:
      return g.rows * g.act_width;
    case kOy:
    case kOx:
      return 8;
    case kKh:
    case kKw:
      return 4;
    case kPixel:
      return pixel_bits;
    case kAct:
    case kZero:
      return g.act_width + 1;  // less a zero point
    case kWeight:
    case kShadow:
      return g.wgt_width + 1;
    case kTag:
      return kAlignBits + slot_bits + 4 + pixel_bits;
    case kPsum:
    case kBankRead:
    case kBankWord:
    case kAcc:
    case kOperandB:
    case kOutPsum:
    case kColumn:
    case kAligned:
    case kBase:
    case kSum:
    case kBest:
    case kAccWire:
    case kValue:
      return g.psum_width;
    case kStageValid:
      return 4;
    case kStageTag1:
    case kStageTag2:
    case kStageTag3:
    case kStageTag4:
      return slot_bits + 2;
    case kBias:
    case kBiased:
    case kResidual:
    case kUnbiased:
    case kBiasWire:
    case kBiasedWire:
    case kM0:
    case kShiftedA:
    case kShiftedB:
    case kShifted:
      return 32;
    case kProductA:
    case kProductB:
    case kProduct:
    case kProductWire:
    case kDoubled:
      return 64;
    case kOutTail:
      return g.cols * g.psum_width + 1;
    case kRegisters:
      break;
  }
  throw std::logic_error("bits_of: no register");
}

/// Of the numbers that a register or wire holds side by side; 0 where it holds one, or other things.
inline int lane_bits_of(Register which, const Geometry& g) {
  switch (which) {
    case kWeightOperands:
      return g.wgt_width + 1;
    case kOperands:
    case kActSkewed:
      return g.act_width + 1;
    case kStraight:
      return g.psum_width;
    default:
      return 0;
  }
}

}  // namespace systole::accel
