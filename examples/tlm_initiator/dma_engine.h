// SPDX-License-Identifier: Apache-2.0
#pragma once
// A DMA engine of a user's own: it copies words between memory and a bus, in bursts, on a thread
// and with a quantum of its own. It knows nothing of the designs.
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/tlm_quantumkeeper.h>

#include <algorithm>
#include <cstdint>
#include <systemc>
#include <utility>
#include <vector>

/// `count` words from `words` to the bus, or where `read` from the bus to `words`; the address
/// stays, as that of a stream does.
struct Transfer {
  bool read;
  std::uint64_t address;
  std::uint32_t* words;
  std::size_t count;
};

class DmaEngine : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<DmaEngine, 32> socket;

  /// Does `transfers` in order from the start of the simulation, at most `burst` words at once.
  DmaEngine(sc_core::sc_module_name name, std::vector<Transfer> transfers, std::size_t burst,
            const sc_core::sc_time& quantum)
      : sc_module(name),
        socket("socket"),
        transfers_(std::move(transfers)),
        burst_(burst),
        quantum_(quantum) {
    SC_THREAD(run);
    set_stack_size(1 << 20);  // a model evaluates on it
  }

  /// Whether all transfers were answered with OK, and what else the first one got.
  [[nodiscard]] bool done() const { return done_; }
  [[nodiscard]] tlm::tlm_response_status response() const { return response_; }
  [[nodiscard]] sc_core::sc_time time() const { return time_; }

 private:
  SC_HAS_PROCESS(DmaEngine);

  void run() {
    tlm::tlm_global_quantum::instance().set(quantum_);
    keeper_.reset();
    for (const Transfer& transfer : transfers_) {
      for (std::size_t at = 0; at < transfer.count; at += burst_) {
        if (!copy(transfer, at, std::min(burst_, transfer.count - at))) return;
      }
    }
    time_ = keeper_.get_current_time();
    keeper_.sync();
    done_ = true;
  }

  bool copy(const Transfer& transfer, std::size_t at, std::size_t count) {
    tlm::tlm_generic_payload payload;
    buffer_.resize(count);
    if (!transfer.read) std::copy_n(transfer.words + at, count, buffer_.data());
#ifdef DMA_BUG
    if (!transfer.read && count == burst_ && ++bursts_ == kBadBurst) buffer_[0] ^= 0x40;
#endif
    const auto bytes = static_cast<unsigned>(4 * count);
    payload.set_command(transfer.read ? tlm::TLM_READ_COMMAND : tlm::TLM_WRITE_COMMAND);
    payload.set_address(transfer.address);
    payload.set_data_ptr(reinterpret_cast<unsigned char*>(buffer_.data()));
    payload.set_data_length(bytes);
    payload.set_streaming_width(bytes);
    payload.set_byte_enable_ptr(nullptr);
    payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    sc_core::sc_time delay = keeper_.get_local_time();
    socket->b_transport(payload, delay);
    keeper_.set(delay);
    if (keeper_.need_sync()) keeper_.sync();
    response_ = payload.get_response_status();
    if (transfer.read) std::copy_n(buffer_.data(), count, transfer.words + at);
    return payload.is_response_ok();
  }

  std::vector<Transfer> transfers_;
  std::size_t burst_;
  sc_core::sc_time quantum_, time_;
  tlm_utils::tlm_quantumkeeper keeper_;
  std::vector<std::uint32_t> buffer_;
  tlm::tlm_response_status response_ = tlm::TLM_INCOMPLETE_RESPONSE;
  bool done_ = false;
  static constexpr int kBadBurst = 5;
  int bursts_ = 0;
};
