// SPDX-License-Identifier: Apache-2.0
#include "accel/bus/accel_initiator.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>

#include "accel/lower/encoding.h"

namespace systole::bus {
namespace {

constexpr std::size_t kMaxBurstBeats = 4096;
constexpr std::size_t kStackBytes = std::size_t{1} << 20;  // the Verilated model evaluates on this thread's stack
const sc_core::sc_time kCycle(10, sc_core::SC_NS);

std::size_t words(int bits) { return static_cast<std::size_t>((bits + 31) / 32); }

unsigned char* bytes_of(std::uint32_t* beats) { return reinterpret_cast<unsigned char*>(beats); }

}  // namespace

AccelInitiator::AccelInitiator(sc_core::sc_module_name name, std::span<const accel::Job> jobs,
                               const TrafficSettings& settings)
    : sc_module(name), socket("socket"), jobs_(jobs), settings_(settings), read_(jobs.size()) {
  if (settings.burst_beats < 1 || settings.burst_beats > kMaxBurstBeats || settings.quantum_cycles < 1) {
    throw std::invalid_argument(fmt::format("TrafficSettings: burst of {} beats, quantum of {} cycles",
                                            settings.burst_beats, settings.quantum_cycles));
  }
  for (const accel::Job& job : jobs) {
    outputs_.emplace_back(lower::out_bits(job.command->geometry)).resize(job.command->out_beats());
  }
  SC_THREAD(play);
  set_stack_size(kStackBytes);
}

void AccelInitiator::rethrow_failure() const {
  if (failure_) std::rethrow_exception(failure_);
}

// SystemC turns a foreign exception into a report without a type: it is kept here and thrown again outside.
void AccelInitiator::play() {
  try {
    ::tlm::tlm_global_quantum::instance().set(settings_.quantum_cycles * kCycle);
    keeper_.reset();
    for (std::size_t number = 0; number < jobs_.size(); ++number) play_job(number);
    keeper_.sync();
  } catch (const std::exception&) {
    failure_ = std::current_exception();
  }
}

void AccelInitiator::play_job(std::size_t number) {
  const accel::Job& job = jobs_[number];
  base::Beats& out = outputs_[number];
  std::size_t& read = read_[number];
  if (settings_.traffic == Traffic::write_then_read) {
    for (Sender& sender : senders(job)) {
      while (sender.left() != 0) send_burst(job, sender);
    }
  } else {
    send_interleaved(job, out, read);
  }
  while (read < out.size()) read_out(out, read, settings_.burst_beats);
}

std::array<AccelInitiator::Sender, 3> AccelInitiator::senders(const accel::Job& job) {
  const accel::Command& c = *job.command;
  return {{{kCfgBase, words(lower::kCfgBits), c.cfg.size()},
           {kWgtBase, words(lower::wgt_bits(c.geometry)), c.wgt.size()},
           {kActBase, words(lower::act_bits(c.geometry)), c.act_beats()}}};
}

void AccelInitiator::send_burst(const accel::Job& job, Sender& sender) {
  const std::size_t beats = std::min(sender.left(), settings_.burst_beats);
  burst_.resize(beats * sender.words);
  const auto source = [&](std::size_t i) {
    if (sender.base == kActBase) return accel::act_beat(*job.command, *job.stimulus, i);
    return sender.base == kCfgBase ? job.command->cfg[i] : job.command->wgt[i];
  };
  for (std::size_t i = 0; i < beats; ++i) {
    std::copy_n(source(sender.sent + i), sender.words, burst_.data() + i * sender.words);
  }
  transport(::tlm::TLM_WRITE_COMMAND, sender.base, bytes_of(burst_.data()), burst_.size() * 4);
  sender.sent += beats;
}

void AccelInitiator::read_out(base::Beats& out, std::size_t& read, std::size_t limit) {
  const std::size_t beats = std::min(out.size() - read, limit);
  if (beats == 0) return;
  transport(::tlm::TLM_READ_COMMAND, kOutBase, bytes_of(out[read]), beats * out.words_per_beat() * 4);
  read += beats;
}

// At most two bursts of a stream wait in the target, so a target whose queues hold three never blocks one stream for
// the sake of another.
void AccelInitiator::send_interleaved(const accel::Job& job, base::Beats& out, std::size_t& read) {
  const std::size_t window = 2 * settings_.burst_beats;
  std::array<Sender, 3> streams = senders(job);
  const auto unsent = [](const Sender& sender) { return sender.left() != 0; };
  while (std::any_of(streams.begin(), streams.end(), unsent)) {
    std::array<std::uint32_t, 4> levels{};
    transport(::tlm::TLM_READ_COMMAND, kRegisterBase + static_cast<std::uint32_t>(Register::cfg_level),
              bytes_of(levels.data()), sizeof levels);
    bool moved = levels[3] != 0;
    for (std::size_t i = 0; i < streams.size(); ++i) {
      if (!unsent(streams[i]) || levels[i] >= window) continue;
      send_burst(job, streams[i]);
      moved = true;
    }
    read_out(out, read, std::min<std::size_t>(levels[3], settings_.burst_beats));
    if (!moved) pass_time(settings_.burst_beats);
  }
}

void AccelInitiator::pass_time(std::size_t cycles) {
  keeper_.inc(static_cast<double>(cycles) * kCycle);
  sync_if_due();
}

void AccelInitiator::sync_if_due() {
  if (!keeper_.need_sync()) return;
  keeper_.sync();
  ++syncs_;
}

void AccelInitiator::transport(::tlm::tlm_command command, std::uint64_t address, unsigned char* bytes,
                               std::size_t length) {
  ::tlm::tlm_generic_payload payload;
  payload.set_command(command);
  payload.set_address(address);
  payload.set_data_ptr(bytes);
  payload.set_data_length(static_cast<unsigned>(length));
  payload.set_streaming_width(static_cast<unsigned>(length));
  payload.set_byte_enable_ptr(nullptr);
  payload.set_dmi_allowed(false);
  payload.set_response_status(::tlm::TLM_INCOMPLETE_RESPONSE);
  sc_core::sc_time delay = keeper_.get_local_time();
  socket->b_transport(payload, delay);
  keeper_.set(delay);
  if (payload.is_response_error()) {
    throw TransactionError(
        fmt::format("tlm: {} of {} bytes at 0x{:06x}: {}", command == ::tlm::TLM_READ_COMMAND ? "read" : "write",
                    length, address, payload.get_response_string()),
        payload.get_response_status());
  }
  sync_if_due();
}

}  // namespace systole::bus
