// SPDX-License-Identifier: Apache-2.0
#pragma once
// The adapter between a Verilated class and Dut, whatever the design. Included by generated adapter sources only.
#include <verilated.h>

#include <memory>
#include <optional>
#include <span>

#include "sim/dut/dut.h"
#include "sim/dut/random_start.h"
#include "sim/dut/trace_shell.h"
#include "sim/dut/verilated_state.h"
#include "sim/dut/verilated_trace.h"

namespace systole::dut {

/// `Model` is the Verilated class, `Trace` one of verilated_trace.h, `Shell` a TraceShell that has the
/// design's golden signals or NoShell. `Binding` knows the design:
///   static port::PinMap pins(Model&, VerilatedContext&)
///   static std::span<const Parameter> parameters()
template <class Model, class Binding, class Trace, class Shell = NoShell>
class VerilatedDut : public Dut {
 public:
  VerilatedDut() : context_(std::make_unique<VerilatedContext>()) {
    if constexpr (Trace::kFormat != TraceFormat::none) context_->traceEverOn(true);
    if (const std::optional<int> seed = RandomStart::current()) {
      context_->randReset(2);  // to random bits
      context_->randSeed(*seed);
    }
    model_ = std::make_unique<Model>(context_.get(), "TOP");
    pins_ = Binding::pins(*model_, *context_);
  }

  ~VerilatedDut() override {
    // Verilator's scopes leave the context that the thread used last, which may be another model's and gone.
    Verilated::threadContextp(context_.get());
    model_->final();
  }

  [[nodiscard]] std::span<const Parameter> parameters() const override { return Binding::parameters(); }
  [[nodiscard]] TraceFormat trace_format() const override { return Trace::kFormat; }
  [[nodiscard]] std::vector<PublicVariable> variables() const override { return public_variables(*context_); }
  void eval() override { model_->eval(); }
  void fill_unreset_state(std::uint64_t seed) override { state_.fill(*context_, seed); }
  using Dut::open_trace;
  void open_trace(const std::filesystem::path& file, std::span<const TraceSignal> extra) override {
    trace_.open(file, [&](auto& writer) { shell_.connect(*context_, *model_, writer, extra); });
  }
  using Dut::dump;
  void dump(std::uint64_t time, bool extra_changed) override {
    if (extra_changed) shell_.update();
    trace_.dump(time);
  }
  void close_trace() override { trace_.close(); }

 protected:
  [[nodiscard]] VerilatedContext& context() { return *context_; }
  [[nodiscard]] Model& model() { return *model_; }

 private:
  std::unique_ptr<VerilatedContext> context_;
  std::unique_ptr<Model> model_;
  StateFill state_;
  Shell shell_;
  Trace trace_;
};

/// Of a design of which nothing is known but what drives it.
struct NoBinding {
  template <class Model>
  static port::PinMap pins(Model& /*model*/, VerilatedContext& /*context*/) {
    return {};
  }
  static std::span<const Parameter> parameters() { return {}; }
};

}  // namespace systole::dut
