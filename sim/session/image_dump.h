// SPDX-License-Identifier: Apache-2.0
#pragma once
// The dump of a run's first image.
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <system_error>
#include <utility>

#include "base/file_lock.h"
#include "sim/check/watch.h"
#include "sim/dut/dut.h"
#include "sim/kernel/trace_sink.h"
#include "sim/session/trace_window.h"
#include "sim/trace/golden_scope.h"

namespace systole::session {

/// Dumps the window of the first image.
class ImageDump final : public kernel::TraceSink {
 public:
  /// `watch`: what the dump shows of the golden, or null. `layer` gives the planned layer under way.
  ImageDump(dut::Dut& dut, const check::Watch* watch, std::function<std::size_t()> layer, TraceWindow window)
      : dut_(dut), layer_(std::move(layer)), window_(std::move(window)) {
    if (watch == nullptr) return;
    golden_.emplace(*watch, dut);
    extra_ = {golden_->signals(), [this](std::uint64_t time) {
                const std::uint64_t cycle = time / kernel::kTimePerCycle;
                // What the golden expects does not change at the falling edge.
                if (time != kernel::time_of_rising_edge(cycle)) return false;
                golden_->update(cycle, layer_());
                return true;
              }};
  }
  /// What a dump shows besides the design's signals.
  struct Extra {
    std::span<const dut::TraceSignal> signals;
    std::function<bool(std::uint64_t)> update;  ///< before the dump at that time; whether a value may be another one
  };
  ImageDump(dut::Dut& dut, Extra extra, std::function<std::size_t()> layer, TraceWindow window)
      : dut_(dut), layer_(std::move(layer)), window_(std::move(window)), extra_(std::move(extra)) {}
  /// A dump that was not closed is half a dump: it goes.
  ~ImageDump() override {
    std::error_code ignored;
    if (!file_.empty() && std::filesystem::is_regular_file(file_, ignored)) std::filesystem::remove(file_, ignored);
  }
  ImageDump(const ImageDump&) = delete;
  ImageDump& operator=(const ImageDump&) = delete;
  ImageDump(ImageDump&&) = delete;
  ImageDump& operator=(ImageDump&&) = delete;

  void open(const std::filesystem::path& file) {
    lock_.emplace(file);  // throws where another run writes it
    if (::access(file.c_str(), F_OK) != 0 || ::access(file.c_str(), W_OK) == 0) file_ = file;
    dut_.open_trace(file, extra_.signals);
    lock_.emplace(file);  // the FST writer made a file of its own under that name
    on_ = true;
  }
  void close() {
    dut_.close_trace();
    lock_.reset();
    file_.clear();
  }
  void enable(bool on) { on_ = on; }
  bool active(std::uint64_t cycle) override {
    return on_ && window_.contains(cycle) && (!window_.layer || *window_.layer == layer_());
  }
  void dump(std::uint64_t time) override {
    if (!first_) first_ = time;
    dut_.dump(time, extra_.update && extra_.update(time));
  }
  [[nodiscard]] bool empty() const { return !first_; }
  /// Time of the first sample, 0 where there is none.
  [[nodiscard]] std::uint64_t first() const { return first_.value_or(0); }

 private:
  dut::Dut& dut_;
  std::function<std::size_t()> layer_;
  TraceWindow window_;
  std::optional<trace::GoldenScope> golden_;  ///< where there is a reference
  Extra extra_;
  bool on_ = false;
  std::optional<std::uint64_t> first_;
  std::filesystem::path file_;  ///< while open, and ours to write
  std::optional<base::FileLock> lock_;
};

}  // namespace systole::session
