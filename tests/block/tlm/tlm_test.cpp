// SPDX-License-Identifier: Apache-2.0
// The accelerator behind its TLM-2.0 socket: results, checks in every cycle, answers to wrong transactions, time.
#include <doctest/doctest.h>
#include <tlm_utils/simple_initiator_socket.h>

#include <array>
#include <set>
#include <systemc>

#include "accel/bus/accel_target.h"
#include "accel/bus/pin_level.h"
#include "accel/bus/play.h"
#include "accel/bus/run.h"
#include "sim/dut/registry.h"
#include "sim/tlm/simulation.h"
#include "tests/support/tiled_layer.h"

namespace {

namespace dut = systole::dut;
namespace test = systole::test;
namespace kernel = systole::kernel;
namespace op = systole::op;
namespace cycle = systole::cycle;
namespace accel = systole::accel;
namespace base = systole::base;
namespace bus = systole::bus;
using test::TiledLayer;
using ::tlm::tlm_response_status;

constexpr std::string_view kConfiguration = "8x8";

std::unique_ptr<dut::Dut> fresh_dut() { return dut::make_dut(kConfiguration, dut::TraceFormat::none); }

TiledLayer tiled_conv(const op::Layer& layer, op::Tensor input) {
  return test::tile_image(layer, {std::move(input)}, accel::geometry_of(*fresh_dut()));
}

TiledLayer tiled_conv(std::string_view name, int in_size, int in_c, int out_c, int kernel) {
  const op::Layer layer = test::conv_layer(name, in_size, in_c, out_c, kernel);
  return tiled_conv(layer, test::random_input(layer));
}

const TiledLayer& small_conv() {
  static const TiledLayer tiled = tiled_conv("small", 6, 11, 10, 3);
  return tiled;
}

/// The output tensor that raw out beats mean.
op::Tensor assemble(const TiledLayer& tiled, const std::vector<base::Beats>& outputs) {
  std::vector<std::vector<std::int32_t>> lanes;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const accel::Geometry& g = tiled.commands.at(i).geometry;
    const auto cols = static_cast<std::size_t>(g.cols);
    std::vector<std::int32_t>& out = lanes.emplace_back(outputs[i].size() * cols);
    for (std::size_t beat = 0; beat < outputs[i].size(); ++beat) {
      systole::port::unpack_lanes(outputs[i][beat], g.cols, g.psum_width, out.data() + beat * cols);
    }
  }
  return tiled.assemble(lanes);
}

bus::RunResult run(const TiledLayer& tiled, const bus::RunSettings& settings) {
  const auto design = fresh_dut();
  const auto jobs = tiled.jobs();
  return bus::run(*design, jobs, settings);
}

void check_golden(const TiledLayer& tiled, const bus::RunSettings& settings) {
  const bus::RunResult result = run(tiled, settings);
  CHECK(result.outcome == kernel::Outcome::passed);
  CHECK(result.mismatches.empty());
  CHECK(assemble(tiled, result.outputs) == tiled.golden);
  // 13 scalar pins, 8 lanes and four registers of 64 cells in every cycle, and every out lane once more.
  std::uint64_t out_lanes = 0;
  for (const accel::Job& job : tiled.jobs()) out_lanes += job.command->out_beats() * 8;
  CHECK(result.compared == result.cycles * (13 + 8 + 4 * 64) + out_lanes);
}

/// Nothing but a socket: the tests call through it.
struct Master : sc_core::sc_module {
  ::tlm_utils::simple_initiator_socket<Master, 32> socket;
  explicit Master(sc_core::sc_module_name name) : sc_module(name), socket("socket") {}
};

/// One simulation with a bare initiator socket; transactions are made directly, at time 0.
class Bus {
 public:
  explicit Bus(const bus::TargetSettings& settings = {})
      : design_(fresh_dut()), master_("master"), target_("target", *design_, settings) {
    master_.socket.bind(target_.socket);
    // Elaboration is all that is wanted; SystemC would warn that nothing happened.
    sc_core::sc_report_handler::set_actions(sc_core::SC_ID_NO_SC_START_ACTIVITY_, sc_core::SC_DO_NOTHING);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }

  tlm_response_status transport(::tlm::tlm_command command, std::uint64_t address, std::size_t bytes) {
    data_.assign(std::max<std::size_t>(bytes, 1), 0);
    payload_.set_command(command);
    payload_.set_address(address);
    payload_.set_data_ptr(data_.data());
    payload_.set_data_length(static_cast<unsigned>(bytes));
    payload_.set_streaming_width(static_cast<unsigned>(bytes));
    return resend();
  }
  tlm_response_status resend() {
    payload_.set_response_status(::tlm::TLM_INCOMPLETE_RESPONSE);
    master_.socket->b_transport(payload_, delay_);
    return payload_.get_response_status();
  }
  tlm_response_status read(std::uint64_t address, std::size_t bytes) {
    return transport(::tlm::TLM_READ_COMMAND, address, bytes);
  }
  tlm_response_status write(std::uint64_t address, std::size_t bytes) {
    return transport(::tlm::TLM_WRITE_COMMAND, address, bytes);
  }
  tlm_response_status write_beats(std::uint64_t address, const base::Beats& beats) {
    const std::size_t bytes = beats.size() * beats.words_per_beat() * 4;
    payload_.set_command(::tlm::TLM_WRITE_COMMAND);
    payload_.set_address(address);
    data_.resize(bytes);
    std::memcpy(data_.data(), beats.data(), bytes);
    payload_.set_data_ptr(data_.data());
    payload_.set_data_length(static_cast<unsigned>(bytes));
    payload_.set_streaming_width(static_cast<unsigned>(bytes));
    return resend();
  }
  std::uint32_t reg(bus::Register which) {
    CHECK(read(bus::kRegisterBase + static_cast<std::uint32_t>(which), 4) == ::tlm::TLM_OK_RESPONSE);
    return word();
  }
  std::uint32_t debug_reg(bus::Register which) {
    data_.assign(4, 0);
    payload_.set_command(::tlm::TLM_READ_COMMAND);
    payload_.set_address(bus::kRegisterBase + static_cast<std::uint32_t>(which));
    payload_.set_data_ptr(data_.data());
    payload_.set_data_length(4);
    payload_.set_streaming_width(4);
    CHECK(master_.socket->transport_dbg(payload_) == 4);
    return word();
  }
  unsigned debug(::tlm::tlm_command command, std::uint64_t address, std::size_t bytes) {
    data_.assign(bytes, 0);
    payload_.set_command(command);
    payload_.set_address(address);
    payload_.set_data_ptr(data_.data());
    payload_.set_data_length(static_cast<unsigned>(bytes));
    payload_.set_streaming_width(static_cast<unsigned>(bytes));
    return master_.socket->transport_dbg(payload_);
  }

  [[nodiscard]] std::uint32_t word() const {
    std::uint32_t value = 0;
    std::memcpy(&value, data_.data(), 4);
    return value;
  }
  std::vector<unsigned char>& data() { return data_; }
  ::tlm::tlm_generic_payload& payload() { return payload_; }
  sc_core::sc_time& delay() { return delay_; }
  ::tlm_utils::simple_initiator_socket<Master, 32>& socket() { return master_.socket; }

 private:
  systole::tlm::Simulation simulation_;  // first in, last out: the modules belong to it
  std::unique_ptr<dut::Dut> design_;
  Master master_;
  bus::AccelTarget target_;
  ::tlm::tlm_generic_payload payload_;
  std::vector<unsigned char> data_;
  sc_core::sc_time delay_ = sc_core::SC_ZERO_TIME;
};

/// Counts to three, then waits for ever.
class Counter : public sc_core::sc_module {
 public:
  explicit Counter(sc_core::sc_module_name name) : sc_module(name) { SC_THREAD(count); }
  [[nodiscard]] int counted() const { return counted_; }

 private:
  SC_HAS_PROCESS(Counter);
  void count() {
    for (; counted_ < 3; ++counted_) wait(1, sc_core::SC_NS);
    wait(never_);
  }
  sc_core::sc_event never_;
  int counted_ = 0;
};

}  // namespace

TEST_CASE("block.tlm.simulation.threads_need_not_end") {
  for (int i = 0; i < 3; ++i) {
    const systole::tlm::Simulation simulation;
    Counter counter("counter");
    sc_core::sc_start();
    CHECK(counter.counted() == 3);
  }
}

TEST_CASE("block.tlm.equals_golden.write_then_read") {
  check_golden(small_conv(), {.traffic = {.traffic = bus::Traffic::write_then_read}});
}

TEST_CASE("block.tlm.equals_golden.interleaved") {
  for (const std::size_t burst : {1U, 7U, 64U}) {
    CAPTURE(burst);
    check_golden(small_conv(), {.traffic = {.traffic = bus::Traffic::interleaved, .burst_beats = burst}});
  }
}

TEST_CASE("block.tlm.equals_golden.bounded_queues") {
  // Three bursts of each input fit; the output queue is shorter than the layer, so the design waits for its reader.
  check_golden(small_conv(),
               {.traffic = {.traffic = bus::Traffic::interleaved, .burst_beats = 4}, .depths = {.in = 12, .out = 3}});
}

TEST_CASE("block.tlm.equals_golden.lenet_shapes") {
  check_golden(tiled_conv("lenet.conv1", 28, 1, 6, 5), {});
  check_golden(tiled_conv("lenet.conv2", 12, 6, 16, 5), {});
}

TEST_CASE("block.tlm.pin_level.equals_golden") {
  const auto jobs = small_conv().jobs();
  const bus::PinLevelResult result = bus::run_pin_level(jobs);
  CHECK(assemble(small_conv(), result.outputs) == small_conv().golden);
  CHECK(result.cycles > 0);
}

TEST_CASE("block.tlm.monitor.planted_pin_fault") {
  // The expected state_o (index 5) of cycle 100 is flipped: exactly that value is reported.
  const auto result = run(small_conv(), {.fault = {.at = 100, .index = 5, .bit = 1}});
  CHECK(result.outcome == kernel::Outcome::mismatch);
  REQUIRE(result.mismatches.size() == 1);
  CHECK(result.mismatches[0].signal == "state_o");
  CHECK(result.mismatches[0].cycle == 100);
  CHECK((result.mismatches[0].rtl ^ result.mismatches[0].golden) == 2);
}

TEST_CASE("block.tlm.monitor.wrong_data_on_the_bus") {
  // The golden of another image: some output must differ.
  const op::Layer layer = test::conv_layer("small", 6, 11, 10, 3);
  op::Tensor other = test::random_input(layer);
  other.at(2, 2, 3) ^= 64;
  TiledLayer tiled = tiled_conv(layer, other);
  tiled.stimuli[0].act = small_conv().stimuli[0].act;
  const auto jobs = tiled.jobs();
  const auto design = fresh_dut();
  CHECK(bus::run(*design, jobs, {}).outcome == kernel::Outcome::mismatch);
}

TEST_CASE("block.tlm.observer.ends_the_run") {
  struct EndAt50 : bus::CycleObserver {
    kernel::Outcome after_edge(std::uint64_t cycle, const systole::port::Handshakes& /*in*/) override {
      return cycle == 50 ? kernel::Outcome::interrupted : kernel::Outcome::passed;
    }
  };
  struct EndAtOutput : bus::CycleObserver {
    std::uint64_t at = 0;
    kernel::Outcome output_taken(std::uint64_t cycle) override {
      at = cycle;
      return kernel::Outcome::unexpected_output;
    }
    kernel::Outcome after_edge(std::uint64_t /*cycle*/, const systole::port::Handshakes& /*in*/) override {
      return kernel::Outcome::passed;
    }
  };
  const auto jobs = small_conv().jobs();
  EndAt50 end_at_50;
  EndAtOutput end_at_output;
  const auto ended = bus::play(*fresh_dut(), jobs, {.observer = &end_at_50});
  CHECK(ended.outcome == kernel::Outcome::interrupted);
  CHECK(ended.cycles == 50);
  CHECK(ended.detail.empty());
  const auto refused = bus::play(*fresh_dut(), jobs, {.observer = &end_at_output});
  CHECK(refused.outcome == kernel::Outcome::unexpected_output);
  CHECK(refused.cycles == end_at_output.at);
  CHECK(end_at_output.at > 50);
}

TEST_CASE("block.tlm.play.stall_both") {
  const auto jobs = small_conv().jobs();
  kernel::StallPattern stalls(kernel::Stall::both, 3, "block.tlm", kernel::stream_names(fresh_dut()->pins()));
  const auto free = bus::play(*fresh_dut(), jobs, {}), stalled = bus::play(*fresh_dut(), jobs, {.stalls = &stalls});
  CHECK(free.outcome == kernel::Outcome::passed);
  CHECK(stalled.outcome == kernel::Outcome::passed);
  CHECK(stalled.cycles > free.cycles);
  CHECK(assemble(small_conv(), stalled.outputs) == small_conv().golden);
  CHECK(bus::play(*fresh_dut(), jobs, {.silent_cycles = 64}).cycles == free.cycles + 64);
}

TEST_CASE("block.tlm.quantum.respected") {
  const auto small = run(small_conv(), {.traffic = {.burst_beats = 8, .quantum_cycles = 50}});
  const auto large = run(small_conv(), {.traffic = {.burst_beats = 8, .quantum_cycles = 1e6}});
  CHECK(large.syncs == 0);
  // No transaction here lasts longer than a quantum plus what it waits for, so most quanta end in a sync.
  CHECK(small.syncs >= small.cycles / 50 / 4);
  CHECK(small.syncs <= small.cycles / 50 + 1);
  CHECK(small.outcome == kernel::Outcome::passed);
  CHECK(small.cycles == large.cycles);  // one initiator: decoupling changes nothing for the design
}

TEST_CASE("block.tlm.time.cycles_times_period") {
  const auto result = run(small_conv(), {});
  CHECK(result.simulated_ns == doctest::Approx(static_cast<double>(result.cycles) * 10).epsilon(1e-3));
}

TEST_CASE("block.tlm.response.address") {
  Bus dev;
  CHECK(dev.read(bus::kRegisterBytes, 4) == ::tlm::TLM_ADDRESS_ERROR_RESPONSE);  // behind the registers
  CHECK(dev.read(bus::kMapBytes, 32) == ::tlm::TLM_ADDRESS_ERROR_RESPONSE);
  CHECK(dev.write(bus::kCfgBase + 2, 16) == ::tlm::TLM_ADDRESS_ERROR_RESPONSE);  // not a word
  CHECK(dev.write(bus::kCfgBase + 4, 16) == ::tlm::TLM_OK_RESPONSE);
  CHECK(dev.delay() == sc_core::sc_time(10, sc_core::SC_NS));  // refused transactions took no time
}

TEST_CASE("block.tlm.response.burst") {
  Bus dev;
  CHECK(dev.write(bus::kCfgBase, 12) == ::tlm::TLM_BURST_ERROR_RESPONSE);  // cfg beats have 16 bytes
  CHECK(dev.write(bus::kWgtBase, 16) == ::tlm::TLM_BURST_ERROR_RESPONSE);  // wgt beats have 12
  CHECK(dev.write(bus::kActBase, 12) == ::tlm::TLM_BURST_ERROR_RESPONSE);  // act beats have 8
  CHECK(dev.write(bus::kActBase, 0) == ::tlm::TLM_BURST_ERROR_RESPONSE);
  CHECK(dev.read(bus::kOutBase, 16) == ::tlm::TLM_BURST_ERROR_RESPONSE);                           // out beats have 32
  CHECK(dev.write(bus::kActBase + bus::kWindowBytes - 8, 16) == ::tlm::TLM_BURST_ERROR_RESPONSE);  // leaves the window
  CHECK(dev.read(bus::kRegisterBytes - 4, 8) == ::tlm::TLM_BURST_ERROR_RESPONSE);
  CHECK(dev.write(bus::kActBase, 16) == ::tlm::TLM_OK_RESPONSE);
  dev.payload().set_streaming_width(8);
  CHECK(dev.resend() == ::tlm::TLM_BURST_ERROR_RESPONSE);
}

TEST_CASE("block.tlm.response.command") {
  Bus dev;
  CHECK(dev.read(bus::kCfgBase, 16) == ::tlm::TLM_COMMAND_ERROR_RESPONSE);
  CHECK(dev.write(bus::kOutBase, 32) == ::tlm::TLM_COMMAND_ERROR_RESPONSE);
  CHECK(dev.write(bus::kRegisterBase, 4) == ::tlm::TLM_COMMAND_ERROR_RESPONSE);
  CHECK(dev.transport(::tlm::TLM_IGNORE_COMMAND, 0, 4) == ::tlm::TLM_OK_RESPONSE);
}

TEST_CASE("block.tlm.response.byte_enable") {
  Bus dev;
  std::array<unsigned char, 4> enables{0xFF, 0xFF, 0, 0};
  CHECK(dev.read(bus::kRegisterBase, 4) == ::tlm::TLM_OK_RESPONSE);
  dev.payload().set_byte_enable_ptr(enables.data());
  dev.payload().set_byte_enable_length(4);
  CHECK(dev.resend() == ::tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
}

TEST_CASE("block.tlm.response.no_output_to_read") {
  Bus dev;
  CHECK(dev.read(bus::kOutBase, 32) == ::tlm::TLM_GENERIC_ERROR_RESPONSE);
  CHECK(dev.reg(bus::Register::cycles_low) < 64);  // it gave up as soon as nothing could move
}

TEST_CASE("block.tlm.response.queue_full") {
  Bus dev({.depths = {.in = 4, .out = 0}});
  CHECK(dev.write(bus::kActBase, std::size_t{4} * 8) == ::tlm::TLM_OK_RESPONSE);
  CHECK(dev.write(bus::kActBase, 8) == ::tlm::TLM_GENERIC_ERROR_RESPONSE);  // no layer has begun, nothing is taken
  CHECK(dev.reg(bus::Register::act_level) == 4);
}

TEST_CASE("block.tlm.dmi.refused") {
  Bus dev;
  ::tlm::tlm_dmi dmi;
  CHECK(dev.read(bus::kRegisterBase, 4) == ::tlm::TLM_OK_RESPONSE);
  CHECK_FALSE(dev.payload().is_dmi_allowed());
  CHECK_FALSE(dev.socket()->get_direct_mem_ptr(dev.payload(), dmi));
}

TEST_CASE("block.tlm.registers.geometry_and_counters") {
  Bus dev;
  CHECK(dev.reg(bus::Register::id) == bus::kId);
  CHECK(dev.reg(bus::Register::geometry) == (8U | 8U << 8 | 8U << 16 | 8U << 20 | 32U << 24));
  CHECK(dev.reg(bus::Register::status) == 0);
  const accel::Job job = small_conv().jobs()[0];
  CHECK(dev.write_beats(bus::kCfgBase, job.command->cfg) == ::tlm::TLM_OK_RESPONSE);
  CHECK((dev.reg(bus::Register::status) & 1U << 4) != 0);
  CHECK(dev.write_beats(bus::kWgtBase, job.command->wgt) == ::tlm::TLM_OK_RESPONSE);
  const std::uint32_t waiting = dev.debug_reg(bus::Register::wgt_level);
  CHECK(waiting > 0);
  CHECK(dev.debug_reg(bus::Register::wgt_level) == waiting);
  const std::uint32_t cycles = dev.debug_reg(bus::Register::cycles_low);
  CHECK(dev.debug_reg(bus::Register::cycles_low) == cycles);  // debug accesses take no time
  CHECK(dev.reg(bus::Register::cycles_low) == cycles + 1);
  CHECK(dev.reg(bus::Register::compute) == 0);
}

TEST_CASE("block.tlm.debug.peeks_at_output") {
  Bus dev;
  const accel::Job job = small_conv().jobs()[0];
  CHECK(dev.write_beats(bus::kCfgBase, job.command->cfg) == ::tlm::TLM_OK_RESPONSE);
  CHECK(dev.write_beats(bus::kWgtBase, job.command->wgt) == ::tlm::TLM_OK_RESPONSE);
  for (std::size_t i = 0; i < job.command->act_beats(); ++i) {
    base::Beats one(64);
    one.resize(1);
    std::memcpy(one[0], accel::act_beat(*job.command, *job.stimulus, i), 8);
    REQUIRE(dev.write_beats(bus::kActBase, one) == ::tlm::TLM_OK_RESPONSE);
  }
  // Time passes for the design while the initiator does something else.
  dev.delay() += sc_core::sc_time(100, sc_core::SC_US);
  CHECK(dev.reg(bus::Register::out_level) == job.command->out_beats());
  CHECK(dev.reg(bus::Register::status) == 0);
  CHECK(dev.debug(::tlm::TLM_READ_COMMAND, bus::kOutBase, 64) == 64);
  const std::vector<unsigned char> peeked = dev.data();
  CHECK(dev.debug(::tlm::TLM_READ_COMMAND, bus::kOutBase, 32 * (job.command->out_beats() + 1)) ==
        32 * job.command->out_beats());
  CHECK(dev.debug(::tlm::TLM_WRITE_COMMAND, bus::kCfgBase, 16) == 0);
  CHECK(dev.read(bus::kOutBase, 64) == ::tlm::TLM_OK_RESPONSE);
  CHECK(dev.data() == peeked);
  CHECK(dev.reg(bus::Register::out_level) == job.command->out_beats() - 2);
}
