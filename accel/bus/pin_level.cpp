// SPDX-License-Identifier: Apache-2.0
#include "accel/bus/pin_level.h"

#include <chrono>
#include <stdexcept>
#include <systemc>

#include "Vaccel_systemc.h"
#include "accel/lower/duration.h"
#include "accel/lower/encoding.h"
#include "sim/kernel/watchdog.h"
#include "sim/tlm/simulation.h"

namespace systole::bus {
namespace {

constexpr int kCfgBits = lower::kCfgBits, kWgtBits = 8 * 8 + lower::kAlignBits, kOutBits = 8 * 32;
constexpr int kResetCycles = 3;

/// One input stream: the beats in order and the place in them.
struct Stream {
  std::vector<const std::uint32_t*> beats;
  std::size_t next = 0;
  [[nodiscard]] bool any() const { return next < beats.size(); }
};

template <int kBits>
sc_dt::sc_bv<kBits> bits_of(const std::uint32_t* beat) {
  sc_dt::sc_bv<kBits> bits;
  for (int word = 0; word < (kBits + 31) / 32; ++word) bits.set_word(word, beat[word]);
  return bits;
}

/// Signals, the module, and one method that does the handshakes at every rising edge.
class PinBench : public sc_core::sc_module {
 public:
  PinBench(sc_core::sc_module_name name, std::span<const accel::Job> jobs);

  [[nodiscard]] PinLevelResult take() { return std::move(result_); }
  [[nodiscard]] bool done() const { return job_ == result_.outputs.size(); }

 private:
  template <class T>
  using Signal = sc_core::sc_signal<T>;

  SC_HAS_PROCESS(PinBench);
  void connect();
  void load(const accel::Job& job);
  void edge();
  void take_output();

  /// Verilator's SystemC modules take the thread's context, which may be one that a native model has taken with it.
  struct OwnContext {
    OwnContext() { Verilated::threadContextp(&context); }
    ~OwnContext() { Verilated::threadContextp(Verilated::defaultContextp()); }
    OwnContext(const OwnContext&) = delete;
    OwnContext& operator=(const OwnContext&) = delete;
    OwnContext(OwnContext&&) = delete;
    OwnContext& operator=(OwnContext&&) = delete;
    VerilatedContext context;
  };

  OwnContext context_;
  sc_core::sc_clock clock_{"clock", sc_core::sc_time(10, sc_core::SC_NS)};
  Vaccel_systemc accel_{"accel"};
  Signal<bool> rst_n_, cfg_valid_, cfg_ready_, wgt_valid_, wgt_ready_, act_valid_, act_ready_;
  Signal<bool> out_valid_, out_ready_, out_last_;
  Signal<sc_dt::sc_bv<kCfgBits>> cfg_data_;
  Signal<sc_dt::sc_bv<kWgtBits>> wgt_data_;
  Signal<std::uint64_t> act_data_;
  Signal<sc_dt::sc_bv<kOutBits>> out_data_;
  Signal<std::uint32_t> state_, overflow_, busy_, stall_in_, stall_out_, weight_load_, compute_, drain_;

  Stream cfg_, wgt_, act_;
  PinLevelResult result_;
  std::size_t job_ = 0, beat_ = 0;
  std::uint64_t edges_ = 0, limit_ = 0;
};

PinBench::PinBench(sc_core::sc_module_name name, std::span<const accel::Job> jobs) : sc_module(name) {
  connect();
  for (const accel::Job& job : jobs) load(job);
  SC_METHOD(edge);
  sensitive << clock_.posedge_event();
  dont_initialize();
}

void PinBench::connect() {
  accel_.clk_i(clock_);
  accel_.rst_ni(rst_n_);
  accel_.cfg_valid_i(cfg_valid_);
  accel_.cfg_ready_o(cfg_ready_);
  accel_.cfg_data_i(cfg_data_);
  accel_.wgt_valid_i(wgt_valid_);
  accel_.wgt_ready_o(wgt_ready_);
  accel_.wgt_data_i(wgt_data_);
  accel_.act_valid_i(act_valid_);
  accel_.act_ready_o(act_ready_);
  accel_.act_data_i(act_data_);
  accel_.out_valid_o(out_valid_);
  accel_.out_ready_i(out_ready_);
  accel_.out_data_o(out_data_);
  accel_.out_last_o(out_last_);
  accel_.state_o(state_);
  accel_.overflow_o(overflow_);
  accel_.cnt_busy_o(busy_);
  accel_.cnt_stall_in_o(stall_in_);
  accel_.cnt_stall_out_o(stall_out_);
  accel_.cnt_weight_load_o(weight_load_);
  accel_.cnt_compute_o(compute_);
  accel_.cnt_drain_o(drain_);
}

void PinBench::load(const accel::Job& job) {
  const accel::Command& command = *job.command;
  if (command.geometry != accel::Geometry{}) {
    throw std::invalid_argument("run_pin_level: only the 8x8 array with 8-bit elements is built as a SystemC module");
  }
  for (std::size_t i = 0; i < command.cfg.size(); ++i) cfg_.beats.push_back(command.cfg[i]);
  for (std::size_t i = 0; i < command.wgt.size(); ++i) wgt_.beats.push_back(command.wgt[i]);
  for (std::size_t i = 0; i < command.act_beats(); ++i)
    act_.beats.push_back(accel::act_beat(command, *job.stimulus, i));
  result_.outputs.emplace_back(kOutBits).resize(command.out_beats());
  limit_ += kernel::Watchdog::kMargin * lower::cycle_bound(command.header, command.geometry);
}

void PinBench::take_output() {
  const sc_dt::sc_bv<kOutBits>& data = out_data_.read();
  std::uint32_t* beat = result_.outputs[job_][beat_];
  for (int word = 0; word < kOutBits / 32; ++word) beat[word] = static_cast<std::uint32_t>(data.get_word(word));
  if (++beat_ < result_.outputs[job_].size()) return;
  beat_ = 0;
  ++job_;
}

// Signals still hold what stood before the edge: a beat is taken where valid and ready were both 1.
void PinBench::edge() {
  if (++edges_ <= kResetCycles) {
    rst_n_.write(edges_ == kResetCycles);
    return;
  }
  ++result_.cycles;
  if (cfg_valid_.read() && cfg_ready_.read()) ++cfg_.next;
  if (wgt_valid_.read() && wgt_ready_.read()) ++wgt_.next;
  if (act_valid_.read() && act_ready_.read()) ++act_.next;
  if (out_valid_.read() && out_ready_.read()) take_output();
  if (done() || result_.cycles > limit_) return sc_core::sc_pause();  // ends sc_start() without a message
  cfg_valid_.write(cfg_.any());
  wgt_valid_.write(wgt_.any());
  act_valid_.write(act_.any());
  out_ready_.write(true);
  if (cfg_.any()) cfg_data_.write(bits_of<kCfgBits>(cfg_.beats[cfg_.next]));
  if (wgt_.any()) wgt_data_.write(bits_of<kWgtBits>(wgt_.beats[wgt_.next]));
  if (act_.any()) {
    const std::uint32_t* beat = act_.beats[act_.next];
    act_data_.write(std::uint64_t{beat[1]} << 32 | beat[0]);
  }
}

}  // namespace

PinLevelResult run_pin_level(std::span<const accel::Job> jobs) {
  const tlm::Simulation simulation;
  PinBench bench("bench", jobs);
  const auto start = std::chrono::steady_clock::now();
  sc_core::sc_start();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (!bench.done()) throw std::runtime_error("run_pin_level: the design hangs");
  PinLevelResult result = bench.take();
  result.seconds = seconds;
  return result;
}

}  // namespace systole::bus
