// SPDX-License-Identifier: Apache-2.0
#pragma once
// A waveform file that tells when it cannot be written. Verilator's own VCD writer aborts the process on a full disk;
// the FST writer says nothing at all.
#include <verilated_vcd_c.h>

#include <filesystem>

namespace systole::dut {

/// File behind VerilatedVcdC: keeps the first error instead of failing.
class VcdFile final : public VerilatedVcdFile {
 public:
  bool open(const std::string& name) override;
  void close() override;
  ssize_t write(const char* data, ssize_t bytes) override;
  /// errno of the first write that failed, or 0.
  [[nodiscard]] int error() const { return error_; }

 private:
  int descriptor_ = -1;
  int error_ = 0;
};

/// Throws base::InputError unless `file` can be created or overwritten. A device is taken for VCD only: the FST writer
/// unlinks the name before it opens it and seeks in what it writes.
void require_writable(const std::filesystem::path& file, bool device_allowed);

/// Throws base::InputError unless `file` is a chain of whole FST blocks (one byte type, eight bytes big-endian length)
/// that holds a header and a hierarchy: what a full disk leaves behind is not.
void require_complete_fst(const std::filesystem::path& file);

/// base::InputError for an errno met while writing `file`.
[[noreturn]] void throw_write_error(const std::filesystem::path& file, int error);

}  // namespace systole::dut
