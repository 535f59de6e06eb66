// SPDX-License-Identifier: Apache-2.0
#pragma once
// StateDut over a Verilated class that was made with every variable public. Included by generated sources only.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "signoff/gates/state_dut.h"
#include "sim/dut/verilated_state.h"

namespace systole::signoff {

/// `Base` is a VerilatedDut; this is the StateDut that does as it does.
template <class Base>
class StateModel : public StateDut {
 public:
  StateModel() : variables_(dut::every_variable(model_.context())), count_(variables_.size()) { pins_ = model_.pins(); }

  [[nodiscard]] std::size_t state_count() const override { return variables_.size(); }
  [[nodiscard]] std::string state_name(std::size_t i) const override { return variables_[i].name; }
  void randomise(std::size_t count) override { count_ = count; }

  [[nodiscard]] std::span<const dut::Parameter> parameters() const override { return model_.parameters(); }
  [[nodiscard]] dut::TraceFormat trace_format() const override { return model_.trace_format(); }
  void eval() override { model_.eval(); }
  void fill_unreset_state(std::uint64_t seed) override {
    for (std::size_t i = 0; i < variables_.size(); ++i) variables_[i].fill(i < count_ ? seed : dut::kZeros);
  }
  using dut::Dut::open_trace;
  void open_trace(const std::filesystem::path& file, std::span<const dut::TraceSignal> extra) override {
    model_.open_trace(file, extra);
  }
  using dut::Dut::dump;
  void dump(std::uint64_t time, bool extra_changed) override { model_.dump(time, extra_changed); }
  void close_trace() override { model_.close_trace(); }

 private:
  struct Model : Base {
    using Base::context;
  };
  Model model_;
  std::vector<dut::Variable> variables_;
  std::size_t count_;
};

}  // namespace systole::signoff
