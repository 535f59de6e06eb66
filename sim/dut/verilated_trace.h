// SPDX-License-Identifier: Apache-2.0
#pragma once
// The three ways a Verilated class is built for waveforms: without, VCD, FST. One interface: open
// (`connect` hands the models to the writer), dump, close.
#include <verilated_fst_c.h>
#include <verilated_vcd_c.h>

#include <cstdint>
#include <filesystem>
#include <memory>

#include "base/input_error.h"
#include "sim/dut/dut.h"
#include "sim/dut/trace_file.h"

namespace systole::dut {

struct NoTrace {
  static constexpr TraceFormat kFormat = TraceFormat::none;
  template <class Connect>
  void open(const std::filesystem::path& file, const Connect& /*connect*/) {
    throw base::InputError(file.string(), "", "this model is built without waveforms");
  }
  void dump(std::uint64_t /*time*/) {}
  void close() {}
};

class VcdTrace {
 public:
  static constexpr TraceFormat kFormat = TraceFormat::vcd;

  template <class Connect>
  void open(const std::filesystem::path& file, const Connect& connect) {
    require_writable(file, true);
    path_ = file;
    writer_ = std::make_unique<Writer>();
    connect(writer_->vcd);
    writer_->vcd.open(file.c_str());
    check();
  }
  void dump(std::uint64_t time) {
    writer_->vcd.dump(time);
    check();
  }
  void close() {
    if (!writer_) return;
    writer_->vcd.close();
    check();
    writer_.reset();
  }

 private:
  struct Writer {
    VcdFile file;
    VerilatedVcdC vcd{&file};
  };
  void check() const {
    if (writer_->file.error() != 0) throw_write_error(path_, writer_->file.error());
  }
  std::filesystem::path path_;
  std::unique_ptr<Writer> writer_;
};

class FstTrace {
 public:
  static constexpr TraceFormat kFormat = TraceFormat::fst;

  template <class Connect>
  void open(const std::filesystem::path& file, const Connect& connect) {
    require_writable(file, false);
    path_ = file;
    writer_ = std::make_unique<VerilatedFstC>();
    connect(*writer_);
    writer_->open(file.c_str());
    if (!writer_->isOpen()) throw base::InputError(file.string(), "", "cannot write");
  }
  void dump(std::uint64_t time) { writer_->dump(time); }
  void close() {
    if (!writer_) return;
    writer_->close();
    writer_.reset();
    require_complete_fst(path_);
  }

 private:
  std::filesystem::path path_;
  std::unique_ptr<VerilatedFstC> writer_;
};

}  // namespace systole::dut
