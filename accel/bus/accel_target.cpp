// SPDX-License-Identifier: Apache-2.0
#include "accel/bus/accel_target.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "sim/check/pin_checker.h"

namespace systole::bus {

static_assert(std::endian::native == std::endian::little, "beats cross the bus as little-endian words");

AccelTarget::AccelTarget(sc_core::sc_module_name name, dut::Dut& design, const TargetSettings& settings)
    : sc_module(name),
      socket("socket"),
      period_(settings.clock_period),
      clocked_(design, settings.depths, settings.seed),
      windows_{{{kCfgBase, Direction::write, &clocked_.cfg},
                {kWgtBase, Direction::write, &clocked_.wgt},
                {kActBase, Direction::write, &clocked_.act},
                {kOutBase, Direction::read, &clocked_.out}}} {
  socket.register_b_transport(this, &AccelTarget::b_transport);
  socket.register_transport_dbg(this, &AccelTarget::transport_dbg);
}

const AccelTarget::Window* AccelTarget::window(std::uint64_t address) const {
  const auto holds = [address](const Window& w) { return address >= w.base && address - w.base < kWindowBytes; };
  const auto found = std::find_if(windows_.begin(), windows_.end(), holds);
  return found == windows_.end() ? nullptr : &*found;
}

::tlm::tlm_response_status AccelTarget::check(const ::tlm::tlm_generic_payload& payload) const {
  const std::uint64_t address = payload.get_address(), length = payload.get_data_length();
  const Window* stream = window(address);
  if ((stream == nullptr && address >= kRegisterBase + kRegisterBytes) || address % 4 != 0) {
    return ::tlm::TLM_ADDRESS_ERROR_RESPONSE;
  }
  const std::uint64_t end = stream != nullptr ? stream->base + kWindowBytes : kRegisterBase + kRegisterBytes;
  const std::uint64_t unit = stream != nullptr ? stream->queue->words_per_beat() * 4 : 4;
  const bool wraps =
      payload.get_streaming_width() < length;  // a wrapped FIFO burst would mean the same; nobody needs it
  if (length == 0 || length % unit != 0 || length > end - address || wraps || payload.get_data_ptr() == nullptr) {
    return ::tlm::TLM_BURST_ERROR_RESPONSE;
  }
  if (payload.get_byte_enable_ptr() != nullptr) return ::tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
  const bool writable = stream != nullptr && stream->direction == Direction::write;
  if (payload.is_write() != writable) return ::tlm::TLM_COMMAND_ERROR_RESPONSE;
  return ::tlm::TLM_OK_RESPONSE;
}

void AccelTarget::b_transport(::tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  payload.set_dmi_allowed(false);  // a FIFO is no memory
  if (payload.get_command() == ::tlm::TLM_IGNORE_COMMAND) {
    payload.set_response_status(::tlm::TLM_OK_RESPONSE);
    return;
  }
  ::tlm::tlm_response_status response = check(payload);
  if (response == ::tlm::TLM_OK_RESPONSE) {
    catch_up(sc_core::sc_time_stamp() + delay);
    response = execute(payload);
    delay = model_time() - sc_core::sc_time_stamp();
  }
  payload.set_response_status(response);
}

::tlm::tlm_response_status AccelTarget::execute(::tlm::tlm_generic_payload& payload) {
  const std::span<unsigned char> bytes(payload.get_data_ptr(), payload.get_data_length());
  const Window* stream = window(payload.get_address());
  if (stream == nullptr) {
    clocked_.cycle();
    read_registers(payload.get_address(), bytes);
    return running() ? ::tlm::TLM_OK_RESPONSE : ::tlm::TLM_GENERIC_ERROR_RESPONSE;
  }
  return stream->direction == Direction::write ? write_beats(*stream->queue, bytes) : read_beats(bytes);
}

template <class Ready>
bool AccelTarget::run_until(Ready ready) {
  for (std::uint64_t still = 0; !ready();) {
    const ClockedDut::Step step = clocked_.cycle();
    if (step == ClockedDut::Step::moved) still = 0;
    if (step == ClockedDut::Step::still) ++still;  // a cycle held back proves nothing either way
    if (still > clocked_.settling_cycles()) return false;
  }
  return true;
}

::tlm::tlm_response_status AccelTarget::write_beats(tlm::BeatFifo& queue, std::span<const unsigned char> bytes) {
  const std::size_t beat = queue.words_per_beat() * 4;
  for (; !bytes.empty(); bytes = bytes.subspan(beat)) {
    if (!run_until([&] { return !queue.full(); })) return ::tlm::TLM_GENERIC_ERROR_RESPONSE;
    std::memcpy(queue.push(), bytes.data(), beat);
    clocked_.cycle();
  }
  return running() ? ::tlm::TLM_OK_RESPONSE : ::tlm::TLM_GENERIC_ERROR_RESPONSE;
}

::tlm::tlm_response_status AccelTarget::read_beats(std::span<unsigned char> bytes) {
  tlm::BeatFifo& queue = clocked_.out;
  const std::size_t beat = queue.words_per_beat() * 4;
  for (; !bytes.empty(); bytes = bytes.subspan(beat)) {
    if (!run_until([&] { return !queue.empty(); })) return ::tlm::TLM_GENERIC_ERROR_RESPONSE;
    std::memcpy(bytes.data(), queue.front(), beat);
    queue.pop();
    clocked_.cycle();
  }
  return running() ? ::tlm::TLM_OK_RESPONSE : ::tlm::TLM_GENERIC_ERROR_RESPONSE;
}

void AccelTarget::read_registers(std::uint64_t address, std::span<unsigned char> bytes) const {
  for (std::size_t i = 0; i < bytes.size(); i += 4) {
    const std::uint32_t value = register_value(static_cast<Register>(address - kRegisterBase + i));
    std::memcpy(bytes.data() + i, &value, 4);
  }
}

std::uint32_t AccelTarget::register_value(Register which) const {
  const port::PinMap& pins = clocked_.design().pins();
  const accel::Geometry g = accel::geometry_of(clocked_.design());
  const std::uint64_t cycles = clocked_.cycles() + skipped_;
  switch (which) {
    case Register::id:
      return kId;
    case Register::geometry:
      return static_cast<std::uint32_t>(g.rows | g.cols << 8 | g.act_width << 16 | g.wgt_width << 20) |
             static_cast<std::uint32_t>(g.psum_width) << 24;
    case Register::status:
      return accel::state_of(pins) | (clocked_.at_rest() ? 0U : 1U << 4);
    case Register::overflow:
      return check::PinValues::value(pins.watched[accel::kOverflow]);
    case Register::cycles_low:
      return static_cast<std::uint32_t>(cycles);
    case Register::cycles_high:
      return static_cast<std::uint32_t>(cycles >> 32);
    case Register::cfg_level:
      return static_cast<std::uint32_t>(clocked_.cfg.size());
    case Register::wgt_level:
      return static_cast<std::uint32_t>(clocked_.wgt.size());
    case Register::act_level:
      return static_cast<std::uint32_t>(clocked_.act.size());
    case Register::out_level:
      return static_cast<std::uint32_t>(clocked_.out.size());
    case Register::busy:
    case Register::stall_in:
    case Register::stall_out:
    case Register::weight_load:
    case Register::compute:
    case Register::drain:
      break;
  }
  const auto first = static_cast<std::uint32_t>(Register::busy);
  return *pins.counters.at((static_cast<std::uint32_t>(which) - first) / 4).value;
}

unsigned AccelTarget::transport_dbg(::tlm::tlm_generic_payload& payload) {
  if (!payload.is_read() || check(payload) != ::tlm::TLM_OK_RESPONSE) return 0;
  const std::span<unsigned char> bytes(payload.get_data_ptr(), payload.get_data_length());
  const Window* stream = window(payload.get_address());
  if (stream == nullptr) {
    read_registers(payload.get_address(), bytes);
    return payload.get_data_length();
  }
  const std::size_t beat = stream->queue->words_per_beat() * 4;
  const std::size_t beats = std::min(bytes.size() / beat, stream->queue->size());
  for (std::size_t i = 0; i < beats; ++i) std::memcpy(bytes.data() + i * beat, stream->queue->at(i), beat);
  return static_cast<unsigned>(beats * beat);
}

sc_core::sc_time AccelTarget::model_time() const {
  return sc_core::sc_time::from_value((clocked_.cycles() + skipped_) * period_.value());
}

void AccelTarget::catch_up(const sc_core::sc_time& now) {
  const std::uint64_t due = now.value() / period_.value();
  while (clocked_.cycles() + skipped_ < due) {
    if (clocked_.at_rest() || !running()) {
      skipped_ = due - clocked_.cycles();
    } else {
      clocked_.cycle();
    }
  }
}

}  // namespace systole::bus
