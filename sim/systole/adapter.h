// SPDX-License-Identifier: Apache-2.0
#pragma once
// What an adapter is written with: AdapterOf gives it the Verilated class, SYSTOLE_ADAPTER makes it the program's
// design.
//
//   class Npu final : public systole::AdapterOf<Vnpu_top> {
//    public:
//     explicit Npu(Site site) : AdapterOf(site, {.clock = &site.top.clk, .reset = &site.top.rst_n}) {}
//     ...
//   };
//   SYSTOLE_ADAPTER(Npu)
#include <memory>
#include <span>
#include <string>
#include <type_traits>

#include "sim/dut/registry.h"
#include "sim/dut/verilated_dut.h"
#ifdef SYSTOLE_WORD_SHELL  // in a program whose model has dumps (systole_add_dut)
#include "Vsystole_word_shell.h"
#include "sim/dut/trace_shell.h"
#endif
#include "sim/sequence/axi_lite.h"
#include "sim/sequence/axi_memory.h"
#include "sim/sequence/bench.h"
#include "sim/sequence/memory.h"
#include "sim/sequence/stream.h"
#include "sim/session/adapter.h"

namespace systole {

using op::Layer;
using op::Tensor;
using sequence::AxiLiteMaster;
using sequence::AxiMemory;
using sequence::Bench;
using sequence::Lanes;
using sequence::packed;
using sequence::Pins;
using sequence::ReadPort;
using sequence::signed_field;
using sequence::Sink;
using sequence::Source;
using sequence::Task;
using sequence::Words;
using sequence::WritePort;
using session::at_most;
using session::collect;
using session::has_kernel;
using session::has_plain_sums;
using session::InPart;
using session::is_conv2d;
using session::is_dense;
using session::is_product;
using session::is_shifted;
using session::is_signed;
using session::is_symmetric;
using session::LayerRun;
using session::of_channel;
using session::of_channels;
using session::Tile;
using session::unmet;
using session::with_rule;

/// An adapter of the Verilated class `Model`.
template <class Model>
class AdapterOf : public session::Adapter {
 public:
  using Verilated = Model;
  /// A model and its Dut.
  struct Site {
    Model& top;
    dut::Dut& dut;
  };

  AdapterOf(Site site, const sequence::ClockReset& pins) : top(site.top), bench(site.dut, pins) {}
  [[nodiscard]] sequence::Bench& clock() final { return bench; }

 protected:
  Model& top;
  Bench bench;
};

namespace dut {

#ifdef SYSTOLE_WORD_SHELL
using WordShell = TraceShell<Vsystole_word_shell>;
#else
using WordShell = NoShell;
#endif

template <class Own, class Trace>
class AdapterDut final : public VerilatedDut<typename Own::Verilated, NoBinding, Trace, WordShell>,
                         public session::WithAdapter {
 public:
  AdapterDut() try : adapter_(typename Own::Site{this->model(), *this}) {
#ifdef SYSTOLE_MUTANTS  // a model that holds mutants (systole_add_variants)
    using Number = std::remove_reference_t<decltype(this->model().mutsel)>;
    this->model().mutsel = static_cast<Number>(awake_mutant());
#endif
  } catch (...) {
    session::rethrow_of_adapter("constructor");
  }
  [[nodiscard]] session::Adapter& adapter() override { return adapter_; }

 private:
  Own adapter_;
};

}  // namespace dut
}  // namespace systole

/// `Own` is the design of this program (systole_add_dut in CMake, which gives the model's name and its trace).
// NOLINTNEXTLINE(cppcoreguidelines-macro-usage): a name that CMake chooses
#define SYSTOLE_ADAPTER(Own)                                                       \
  std::unique_ptr<systole::dut::Dut> systole::dut::SYSTOLE_MAKE_MODEL() {          \
    return std::make_unique<systole::dut::AdapterDut<Own, SYSTOLE_TRACE_CLASS>>(); \
  }
namespace systole::dut {
std::unique_ptr<Dut> SYSTOLE_MAKE_MODEL();
}
