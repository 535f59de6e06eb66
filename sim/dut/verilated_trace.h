// SPDX-License-Identifier: Apache-2.0
#pragma once
// The three ways a Verilated class is built for waveforms: without, VCD, FST. One interface: open, dump, close.
#include <verilated_fst_c.h>
#include <verilated_vcd_c.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/input_error.h"
#include "sim/dut/dut.h"
#include "sim/dut/trace_file.h"

namespace systole::dut {

inline constexpr int kAllLevels = 99;  ///< hierarchy depth that Verilator's trace() takes as "everything"

inline void declare(VerilatedVcd& file, std::uint32_t code, const char* name, int bits) {
  if (bits == 1) return file.declBit(code, name, false, -1);
  file.declBus(code, name, false, -1, bits - 1, 0);
}
inline void declare(VerilatedFst& file, std::uint32_t code, const char* name, int bits) {
  if (bits == 1) return file.declBit(code, name, -1, FST_VD_IMPLICIT, FST_VT_VCD_WIRE, false, -1);
  file.declBus(code, name, -1, FST_VD_IMPLICIT, FST_VT_VCD_WIRE, false, -1, bits - 1, 0);
}

/// TraceSignals as one more model in the dump, through the callbacks that generated code uses. Must outlive the writer.
template <class File, class Buffer>
class ExtraSignals {
 public:
  void attach(File& file, std::span<const TraceSignal> signals) {
    signals_.assign(signals.begin(), signals.end());
    if (signals_.empty()) return;
    file.addInitCb(&ExtraSignals::declare_all, this);
    file.addFullCb(static_cast<typename File::dumpCb_t>(&ExtraSignals::dump_all), this);
    file.addChgCb(static_cast<typename File::dumpCb_t>(&ExtraSignals::dump_changed), this);
  }

 private:
  static void declare_all(void* self_pointer, File* file, std::uint32_t code) {
    auto& self = *static_cast<ExtraSignals*>(self_pointer);
    self.first_code_ = code;
    file->scopeEscape(' ');
    for (const TraceSignal& signal : self.signals_) {
      declare(*file, code++, (signal.scope + ' ' + signal.name).c_str(), signal.bits);
    }
    file->scopeEscape('.');
  }
  static void dump_all(void* self_pointer, Buffer* buffer) {
    auto& self = *static_cast<ExtraSignals*>(self_pointer);
    std::uint32_t code = self.first_code_;
    for (const TraceSignal& signal : self.signals_) {
      std::uint32_t* last = buffer->oldp(code++);
      if (signal.bits == 1) {
        buffer->fullBit(last, static_cast<CData>(*signal.value));
      } else {
        buffer->fullIData(last, *signal.value, signal.bits);
      }
    }
  }
  static void dump_changed(void* self_pointer, Buffer* buffer) {
    auto& self = *static_cast<ExtraSignals*>(self_pointer);
    std::uint32_t code = self.first_code_;
    for (const TraceSignal& signal : self.signals_) {
      std::uint32_t* last = buffer->oldp(code++);
      if (signal.bits == 1) {
        buffer->chgBit(last, static_cast<CData>(*signal.value));
      } else {
        buffer->chgIData(last, *signal.value, signal.bits);
      }
    }
  }

  std::vector<TraceSignal> signals_;
  std::uint32_t first_code_ = 0;
};

struct NoTrace {
  static constexpr TraceFormat kFormat = TraceFormat::none;
  template <class Model>
  void open(Model& /*model*/, const std::filesystem::path& file, std::span<const TraceSignal> /*extra*/) {
    throw base::InputError(file.string(), "", "this model is built without waveforms");
  }
  void dump(std::uint64_t /*time*/) {}
  void close() {}
};

class VcdTrace {
 public:
  static constexpr TraceFormat kFormat = TraceFormat::vcd;

  template <class Model>
  void open(Model& model, const std::filesystem::path& file, std::span<const TraceSignal> extra) {
    require_writable(file, true);
    path_ = file;
    writer_ = std::make_unique<Writer>();
    model.trace(&writer_->vcd, kAllLevels);
    extra_.attach(*writer_->vcd.spTrace(), extra);
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
  ExtraSignals<VerilatedVcd, VerilatedVcd::Buffer> extra_;
  std::unique_ptr<Writer> writer_;
};

class FstTrace {
 public:
  static constexpr TraceFormat kFormat = TraceFormat::fst;

  template <class Model>
  void open(Model& model, const std::filesystem::path& file, std::span<const TraceSignal> extra) {
    require_writable(file, false);
    path_ = file;
    writer_ = std::make_unique<VerilatedFstC>();
    model.trace(writer_.get(), kAllLevels);
    extra_.attach(*writer_->spTrace(), extra);
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
  ExtraSignals<VerilatedFst, VerilatedFst::Buffer> extra_;
  std::unique_ptr<VerilatedFstC> writer_;
};

}  // namespace systole::dut
