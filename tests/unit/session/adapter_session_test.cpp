// SPDX-License-Identifier: Apache-2.0
// Adapters that do less or more than they should, on a design of software.
#include "sim/session/adapter_session.h"

#include <doctest/doctest.h>

#include <functional>
#include <string>

#include "base/input_error.h"
#include "golden/fast/op.h"
#include "golden/format/network_file.h"
#include "sim/session/adapter.h"

namespace systole::session {
namespace {

/// A design without any logic: its adapter computes what `body` says.
class Software final : public dut::Dut, public WithAdapter, private Adapter {
 public:
  using Body = std::function<sequence::Task(sequence::Bench&, LayerRun&)>;
  explicit Software(Body body) : body_(std::move(body)) {}

  [[nodiscard]] std::span<const dut::Parameter> parameters() const override { return {}; }
  [[nodiscard]] dut::TraceFormat trace_format() const override { return dut::TraceFormat::none; }
  void eval() override {}
  void fill_unreset_state(std::uint64_t /*seed*/) override {}
  void open_trace(const std::filesystem::path& /*file*/, std::span<const dut::TraceSignal> /*extra*/) override {}
  void dump(std::uint64_t /*time*/, bool /*extra_changed*/) override {}
  void close_trace() override {}
  [[nodiscard]] Adapter& adapter() override { return *this; }

 private:
  [[nodiscard]] std::string cannot_run(const op::Layer& /*layer*/) const override { return {}; }
  sequence::Task run(LayerRun& run) override { return body_(bench_, run); }
  [[nodiscard]] sequence::Bench& clock() override { return bench_; }

  Body body_;
  std::uint8_t clock_ = 0;
  sequence::Bench bench_{*this, {.clock = &clock_}};
};

/// Outputs `count` elements of the right values, in order, and more of the last one beyond.
sequence::Task output(sequence::Bench& bench, LayerRun& run, int count) {
  const op::Tensor golden = fast::run_layer(run.layer(), std::vector<const op::Tensor*>{&run.input()});
  for (int oc = 0; oc < count; ++oc) {
    co_await bench.cycle();
    run.output(oc, 0, 0, oc < 10 ? golden.at(0, 0, oc) : 0);
  }
}

RunReport run(const Software::Body& body, std::uint64_t most = 1000) {
  static const model::Network network = model::load_network("models/lenet");
  Software design(body);
  const RunOptions options{.layer = "fc3", .check = check::CheckLevel::outputs, .max_cycles = most};
  const auto image = [](std::int64_t i) {
    return InputImage{.index = i,
                      .input = op::Tensor(network.input.height, network.input.width, network.input.channels)};
  };
  return run_with_adapter(design, network, options, image, 1, {});
}

std::string refusal(const Software::Body& body) {
  try {
    run(body);
  } catch (const base::InputError& error) {
    return error.what();
  }
  return {};
}

TEST_CASE("session.adapter_session.all_outputs") {
  const RunReport report = run([](auto& bench, auto& run) { return output(bench, run, 10); });
  CHECK(report.outcome == kernel::Outcome::passed);
  CHECK(report.compared == 10);
}

TEST_CASE("session.adapter_session.too_few_or_too_many_outputs") {
  CHECK(refusal([](auto& bench, auto& run) { return output(bench, run, 8); }) ==
        "adapter: fc3: ended before 2 of 10 outputs had come, first oc 8 oh 0 ow 0");
  CHECK(refusal([](auto& bench, auto& run) { return output(bench, run, 11); }) ==
        "adapter: fc3: output oc 10 oh 0 ow 0: the layer has 10 channels of 1 x 1");
  CHECK(refusal([](auto& bench, auto& run) -> sequence::Task {
          co_await output(bench, run, 10);
          run.output(3, 0, 0, 0);
        }) == "adapter: fc3: output oc 3 oh 0 ow 0 came twice");
}

TEST_CASE("session.adapter_session.never_ends") {
  const RunReport report = run([](auto& bench, auto& run) -> sequence::Task {
    co_await output(bench, run, 10);
    co_await bench.until([] { return false; }, "until done is 1");
  });
  CHECK(report.outcome == kernel::Outcome::timeout);
  CHECK(report.detail == "fc3 of image 0: 1000 cycles, and the sequence waits until done is 1");
}

}  // namespace
}  // namespace systole::session
