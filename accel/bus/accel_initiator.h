// SPDX-License-Identifier: Apache-2.0
#pragma once
// Plays commands of the accelerator through a TLM-2.0 socket: the vectors of `vectors/` as bursts.
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/tlm_quantumkeeper.h>

#include <array>
#include <exception>
#include <span>
#include <stdexcept>
#include <string>
#include <systemc>
#include <vector>

#include "accel/bus/address_map.h"
#include "accel/bus/traffic.h"
#include "accel/contract/command.h"

namespace systole::bus {

/// A transaction was not answered with TLM_OK_RESPONSE.
class TransactionError : public std::runtime_error {
 public:
  TransactionError(const std::string& text, ::tlm::tlm_response_status response)
      : std::runtime_error(text), response_(response) {}
  [[nodiscard]] ::tlm::tlm_response_status response() const { return response_; }

 private:
  ::tlm::tlm_response_status response_;
};

class AccelInitiator : public sc_core::sc_module {
 public:
  ::tlm_utils::simple_initiator_socket<AccelInitiator, 32> socket;

  /// Plays `jobs` (whose memory must live as long as the module) once, from the start of the simulation.
  AccelInitiator(sc_core::sc_module_name name, std::span<const accel::Job> jobs, const TrafficSettings& settings = {});

  /// Raw out beats of each job, in the order of the jobs.
  [[nodiscard]] const std::vector<base::Beats>& outputs() const { return outputs_; }
  /// Times the initiator gave control back to the kernel because its quantum was used up.
  [[nodiscard]] std::uint64_t syncs() const { return syncs_; }
  /// Rethrows what ended the playing early: a TransactionError, or what an observer of the design has thrown.
  void rethrow_failure() const;

 private:
  /// A stream's beats on their way: burst by burst.
  struct Sender {
    std::uint64_t base;
    std::size_t words, beats;
    std::size_t sent = 0;
    [[nodiscard]] std::size_t left() const { return beats - sent; }
  };
  SC_HAS_PROCESS(AccelInitiator);
  void play();
  void play_job(std::size_t number);
  static std::array<Sender, 3> senders(const accel::Job& job);
  void send_burst(const accel::Job& job, Sender& sender);
  /// Sends all input; reads into `out` what comes meanwhile, `read` counts its beats.
  void send_interleaved(const accel::Job& job, base::Beats& out, std::size_t& read);
  void read_out(base::Beats& out, std::size_t& read, std::size_t limit);
  void pass_time(std::size_t cycles);
  void sync_if_due();
  void transport(::tlm::tlm_command command, std::uint64_t address, unsigned char* bytes, std::size_t length);

  std::span<const accel::Job> jobs_;
  TrafficSettings settings_;
  std::vector<base::Beats> outputs_;
  std::vector<std::size_t> read_;  ///< out beats read of each job
  ::tlm_utils::tlm_quantumkeeper keeper_;
  std::vector<std::uint32_t> burst_;
  std::uint64_t syncs_ = 0;
  std::exception_ptr failure_;
};

}  // namespace systole::bus
