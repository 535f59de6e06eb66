// SPDX-License-Identifier: Apache-2.0
#include "sim/session/canary.h"

#include <fmt/format.h>

#include "base/interrupted.h"
#include "golden/fixed/counter_random.h"
#include "golden/op/random_fill.h"
#include "sim/kernel/run_loop.h"

namespace systole::session {
namespace {

struct Canary {
  std::string name;
  check::Checker checker;
  check::PlantedFault fault;
  bool read_from_bus = false;  ///< planted in Monitor::outputs_read
};

/// The canary network on the design: played once clean, then once for each canary.
class Cage {
 public:
  Cage(dut::Dut& dut, check::CheckLevel level, std::uint64_t seed, Via via)
      : dut_(dut),
        level_(level),
        seed_(seed),
        via_(via),
        network_(design().canary_network(dut, seed)),
        plan_(make_plan(network_, *design().lowering(dut))),
        loop_(dut) {
    const model::Input& shape = network_.input;
    input_ = op::Tensor(shape.height, shape.width, shape.channels);
    const std::int32_t high = (1 << (shape.bits - 1)) - 1;
    op::random_fill(input_.data, {seed, "canary", "input"}, -high - 1, high);
    ImageMaker(plan_).make(input_, work_);
  }

  [[nodiscard]] FailingCanary layer() const { return {network_, input_}; }

  [[nodiscard]] std::vector<Canary> canaries() const;
  /// Why the clean replay proves nothing, or empty.
  [[nodiscard]] std::string clean_fault();
  /// Why the canary was not seen as it must be, or empty.
  [[nodiscard]] std::string show(const Canary& canary);

 private:
  kernel::Outcome play(Monitor& monitor);
  kernel::Outcome play_natively(Monitor& monitor);

  dut::Dut& dut_;
  check::CheckLevel level_;
  std::uint64_t seed_;
  Via via_;
  model::Network network_;
  op::Tensor input_;
  Plan plan_;
  ImageWork work_;
  kernel::RunLoop loop_;
};

std::vector<Canary> Cage::canaries() const {
  const port::PinMap& pins = dut_.pins();
  const fixed::CounterRandom random(seed_, "canary", "place");
  const op::Layer& layer = network_.nodes.back().layer;
  const auto beats = static_cast<std::uint32_t>(plan_.layers.back().lowered->commands().back().out_beats);
  const auto lanes = static_cast<std::uint32_t>(pins.output.lanes);
  const auto elements = static_cast<std::uint32_t>(layer.out_h * layer.out_w * layer.out_c);
  const auto watched = static_cast<std::uint32_t>(pins.watched.size());
  std::vector<Canary> list;
  if (level_ == check::CheckLevel::outputs) {
    list.push_back({"outputs", check::Checker::outputs, {random.below(2, beats), random.below(3, lanes), 1}});
  }
  if (level_ >= check::CheckLevel::pins) {
    list.push_back({"pins", check::Checker::pins, {20 + random.below(0, 20), random.below(1, watched + lanes), 0}});
  }
  std::uint32_t first = 0;
  for (std::uint32_t i = 0; i < pins.registers.size(); ++i) {
    if (pins.registers[i].at.empty()) continue;
    if (level_ < (pins.registers[i].deep ? check::CheckLevel::all : check::CheckLevel::pe)) continue;
    const auto cells = static_cast<std::uint32_t>(pins.registers[i].at.size());
    const std::uint32_t index = first;
    first += cells;
    if (pins.registers[i].optional) continue;  // wires of stages that the canary layer may not use
    // A memory is looked at when it is written, which may be early and once.
    const std::uint64_t from = pins.registers[i].depth != 0 ? 1 : 20 + random.below(5 + i, 20);
    list.push_back({"registers " + pins.registers[i].name,
                    check::Checker::registers,
                    {from, index + random.below(8 + i, cells), 0}});
  }
  list.push_back({"tensor", check::Checker::tensor, {0, random.below(4, elements), 2}});
  if (via_ == Via::tlm) {
    list.push_back(
        {"outputs read", check::Checker::outputs, {random.below(14, beats), random.below(15, lanes), 1}, true});
  }
  return list;
}

kernel::Outcome Cage::play_natively(Monitor& monitor) {
  StreamDriver driver(dut_.pins().inputs.size());
  driver.load(plan_, work_);
  kernel::NoTraceSink trace;
  kernel::StallPattern stalls(kernel::Stall::none, seed_, "canary", kernel::stream_names(dut_.pins()));
  loop_.reset(seed_);
  return loop_.run(driver, monitor, trace, stalls);
}

kernel::Outcome Cage::play(Monitor& monitor) {
  monitor.keep_going(kToTheEnd);
  monitor.begin(work_);
  const TransportSettings settings{.seed = seed_, .on_progress = {}};
  const kernel::Outcome outcome =
      via_ == Via::native ? play_natively(monitor)
                          : bus_transport()->run(dut_, plan_, work_, monitor, loop_.watchdog(), settings).outcome;
  if (outcome == kernel::Outcome::interrupted) throw base::Interrupted();
  return outcome;
}

std::string Cage::clean_fault() {
  Monitor monitor(dut_, plan_, level_, loop_.watchdog());
  const kernel::Outcome outcome = play(monitor);
  if (monitor.findings().any()) return "differs unplanted, first at " + monitor.findings().origin()->signal;
  if (outcome != kernel::Outcome::passed) return fmt::format("ends as {}", to_string(outcome));
  return {};
}

std::string Cage::show(const Canary& canary) {
  Monitor monitor(dut_, plan_, level_, loop_.watchdog());
  if (canary.read_from_bus) {
    monitor.plant_read(canary.fault);
  } else {
    monitor.plant(canary.checker, canary.fault);
  }
  play(monitor);
  const Findings& findings = monitor.findings();
  const auto& kept = findings.kept();
  if (findings.count() == 1 && kept[0].checker == canary.checker && kept[0].index == canary.fault.index) return {};
  return fmt::format("one bit planted in {} {} was reported {} times, first by {}", canary.name, canary.fault.index,
                     findings.count(), kept.empty() ? "nobody" : to_string(kept[0].checker));
}

}  // namespace

Canaries run_canaries(dut::Dut& dut, check::CheckLevel level, std::uint64_t seed, Via via) {
  Canaries result;
  if (level == check::CheckLevel::none) return result;
  Cage cage(dut, level, seed, via);
  if (const std::string fault = cage.clean_fault(); !fault.empty()) {
    result.missing = "the canary layer " + fault;
    return result;
  }
  for (const Canary& canary : cage.canaries()) {
    if (const std::string fault = cage.show(canary); fault.empty()) {
      result.shown.push_back(canary.name);
    } else if (result.missing.empty()) {
      result.missing = fault;
    }
  }
  return result;
}

std::optional<FailingCanary> failing_canary(dut::Dut& dut, check::CheckLevel level, std::uint64_t seed, Via via) {
  if (level == check::CheckLevel::none) return std::nullopt;
  Cage cage(dut, level, seed, via);
  if (cage.clean_fault().empty()) return std::nullopt;
  return cage.layer();
}

}  // namespace systole::session
