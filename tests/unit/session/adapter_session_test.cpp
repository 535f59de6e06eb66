// SPDX-License-Identifier: Apache-2.0
// Adapters that do less or more than they should, on a design of software.
#include "sim/session/adapter_session.h"

#include <doctest/doctest.h>

#include <functional>
#include <stdexcept>
#include <string>

#include "base/input_error.h"
#include "golden/fast/op.h"
#include "golden/format/network_file.h"
#include "sim/sequence/stream.h"
#include "sim/session/adapter.h"

namespace systole::session {
namespace {

/// A design without any logic: its adapter computes what `body` says.
class Software final : public dut::Dut, public WithAdapter, private Adapter {
 public:
  using Body = std::function<sequence::Task(sequence::Bench&, LayerRun&)>;
  using PartOf = std::function<std::optional<InPart>(const op::Layer&)>;
  using SameCycles = std::function<bool()>;
  Software(Body body, SameCycles same_cycles, PartOf part = {})
      : body_(std::move(body)), same_cycles_(std::move(same_cycles)), part_(std::move(part)) {}

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
  [[nodiscard]] std::optional<InPart> in_part(const op::Layer& layer) const override {
    return part_ ? part_(layer) : std::nullopt;
  }
  sequence::Task run(LayerRun& run) override { return body_(bench_, run); }
  [[nodiscard]] sequence::Bench& clock() override { return bench_; }

  [[nodiscard]] bool same_cycles() const override { return same_cycles_ ? same_cycles_() : true; }

  Body body_;
  SameCycles same_cycles_;
  PartOf part_;
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

RunReport run(const Software::Body& body, const Software::Body& other = {},
              const Software::SameCycles& same_cycles = {}, const Software::PartOf& part = {}) {
  static const model::Network network = model::load_network("models/lenet");
  Software design(body, same_cycles, part), from_random_bits(other ? other : body, same_cycles, part);
  const RunOptions options{.layer = "fc3", .check = check::CheckLevel::outputs, .max_cycles = 1000};
  const auto image = [](std::int64_t i) {
    return InputImage{.index = i,
                      .input = op::Tensor(network.input.height, network.input.width, network.input.channels)};
  };
  return run_with_adapter(design, from_random_bits, network, options, image, 1, {});
}

std::string refusal(const Software::Body& body, const Software::PartOf& part = {}) {
  try {
    run(body, {}, {}, part);
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

TEST_CASE("session.adapter_session.throws") {
  CHECK(refusal([](auto& bench, auto&) -> sequence::Task {
          co_await bench.cycle();
          throw std::out_of_range("row 7");
        }) == "adapter: fc3: it throws: row 7");
  CHECK(refusal([](auto& bench, auto&) -> sequence::Task {
          co_await bench.cycle();
          throw 42;
        }) == "adapter: fc3: it throws what is no std::exception");
  const auto right = [](auto& bench, auto& run) { return output(bench, run, 10); };
  CHECK_THROWS_WITH_AS(run(right, {}, []() -> bool { throw 42; }), "adapter: fc3: it throws what is no std::exception",
                       base::InputError);
}

TEST_CASE("session.adapter_session.a_part_is_of_the_layers_shape_and_valid") {
  const auto right = [](auto& bench, auto& run) { return output(bench, run, 10); };
  CHECK(refusal(right, [](const op::Layer& layer) {
          InPart part{.layer = layer, .without = "its last channels"};
          part.layer.out_c = 8;
          return part;
        }) == "adapter: fc3: in_part gives 1x1x84 -> 1x1x8, expected the shape of the layer, 1x1x84 -> 1x1x10");
  const std::string invalid = refusal(right, [](const op::Layer& layer) {
    InPart part{.layer = layer, .without = "weights"};
    part.layer.weights.resize(0, 0);
    return part;
  });
  CHECK(invalid.starts_with("adapter: fc3: in_part gives no valid layer: "));
  const auto without_bias = [](const op::Layer& layer) {
    InPart part{.layer = layer, .without = "bias"};
    part.layer.bias.setZero();
    return part;
  };
  const RunReport report = run(right, {}, {}, without_bias);
  CHECK(report.outcome == kernel::Outcome::passed);
  CHECK(report.in_part == std::vector<std::string>{"fc3: without bias"});
}

TEST_CASE("session.adapter_session.a_part_has_a_name") {
  const auto right = [](auto& bench, auto& run) { return output(bench, run, 10); };
  const auto part_of = [&](const char* without, const char* rule, bool own) {
    return refusal(right, [&](const op::Layer& layer) {
      InPart part{.layer = layer, .without = without};
      part.own.name = rule;
      if (own) part.own.apply = [](std::int32_t sum, int) { return sum; };
      return part;
    });
  };
  CHECK(part_of("", "", false).find("does not say what the design leaves out") != std::string::npos);
  CHECK(part_of(" ", "", false).find("does not say what the design leaves out") != std::string::npos);
  CHECK(part_of("bias", "half even", false) ==
        "adapter: fc3: in_part gives the name of a rule, 'half even', and no function");
  CHECK(part_of("", " ", true) == "adapter: fc3: in_part gives a rule without a name");
  CHECK(part_of("", "half even", true).empty());
}

TEST_CASE("session.adapter_session.sums_of_a_part_that_do_not_fit") {
  const std::string text = refusal([](auto& bench, auto& run) { return output(bench, run, 10); },
                                   [](const op::Layer& layer) {
                                     InPart part{.layer = layer, .without = "requantization"};
                                     part.layer.bias.setConstant(127);
                                     part.layer.psum_width = 8;
                                     part.layer.saturate = false;
                                     part.layer.weights.setConstant(1);
                                     part.layer.zero_in = 127;
                                     return part;
                                   });
  CAPTURE(text);
  CHECK(text.starts_with("adapter: fc3: of what in_part gives, layer 'fc3', output channel 0: a partial sum leaves "));
}

/// Sends what nobody takes.
sequence::Task send_beside(sequence::Bench& bench) {
  std::uint8_t valid = 0, data = 0;
  const std::uint8_t ready = 0;
  sequence::Source<std::uint8_t> in{bench, "in", valid, ready, data};
  const std::vector<std::uint8_t> beats(3);
  co_await in.send(beats);
}

TEST_CASE("session.adapter_session.more_sent_than_taken") {
  const auto body = [](auto& bench, auto& run, int right) -> sequence::Task {
    bench.fork(send_beside(bench), "the sender");
    co_await output(bench, run, right);
    for (int oc = right; oc < 10; ++oc) run.output(oc, 0, 0, 1000);
  };
  CHECK(refusal([&](auto& bench, auto& run) { return body(bench, run, 10); }) ==
        "adapter: fc3: ended in cycle 10 before the design had taken all that is sent to it: in: 3 of 3 beats; "
        "send less, or join what is forked");
  CHECK(refusal([](auto& bench, auto& run) -> sequence::Task {
          bench.fork(send_beside(bench), "the sender");
          co_await output(bench, run, 8);
        }).starts_with("adapter: fc3: ended before 2 of 10 outputs had come, first oc 8 oh 0 ow 0; ended in cycle 8 "));
  // Outputs that differ say more.
  CHECK(run([&](auto& bench, auto& run) { return body(bench, run, 9); }).outcome == kernel::Outcome::mismatch);
}

/// Outputs words of a sink, or values of its own; those of channels 7 and 4 are wrong.
sequence::Task output_words(sequence::Bench& bench, LayerRun& run, bool of_sink) {
  const op::Tensor golden = fast::run_layer(run.layer(), std::vector<const op::Tensor*>{&run.input()});
  const std::uint8_t valid = 1;
  std::uint32_t data = 0;
  sequence::Sink<std::uint32_t> out{bench, "out", valid, data};
  for (const int oc : {0, 1, 2, 3, 7, 5, 6, 4, 8, 9}) {
    data = static_cast<std::uint32_t>(golden.at(0, 0, oc)) + (oc == 7 || oc == 4 ? 1 : 0);
    const std::uint32_t& word = co_await out.receive();
    if (of_sink) run.output(oc, 0, 0, sequence::signed_field(word, 32, 0));
    if (!of_sink) run.output(oc, 0, 0, static_cast<std::int32_t>(word));
  }
}

TEST_CASE("session.adapter_session.a_mismatch_is_of_the_cycle_of_its_word") {
  const auto origin = [](bool of_sink, bool same_cycles) {
    const RunReport report = run([of_sink](auto& bench, auto& run) { return output_words(bench, run, of_sink); }, {},
                                 [same_cycles] { return same_cycles; });
    CHECK(report.outcome == kernel::Outcome::mismatch);
    CHECK(report.mismatches == 2);
    REQUIRE(report.failure.has_value());
    REQUIRE(report.failure->origin.has_value());
    return *report.failure->origin;
  };
  CHECK(origin(true, true).cycle == 4);
  CHECK(origin(true, true).coordinate == "oc 7 oh 0 ow 0");
  // Where no word is known: the end.
  CHECK(origin(false, true).cycle == 10);
  CHECK(origin(false, true).coordinate == "oc 4 oh 0 ow 0");
  CHECK(origin(true, false).cycle == 10);
}

TEST_CASE("session.adapter_session.never_ends") {
  const RunReport report = run([](auto& bench, auto& run) -> sequence::Task {
    co_await output(bench, run, 10);
    co_await bench.until([] { return false; }, "until done is 1");
  });
  CHECK(report.outcome == kernel::Outcome::timeout);
  CHECK(report.detail == "fc3 of image 0: 1000 cycles, and the sequence waits until done is 1");
}

TEST_CASE("session.adapter_session.depends_on_what_reset_does_not_set") {
  const auto right = [](auto& bench, auto& run) { return output(bench, run, 10); };
  const auto late = [](auto& bench, auto& run) -> sequence::Task {
    co_await bench.cycles(3);
    co_await output(bench, run, 10);
  };
  const auto wrong = [](auto& bench, auto& run) -> sequence::Task {
    co_await output(bench, run, 9);
    co_await bench.cycle();
    run.output(9, 0, 0, 1000);
  };
  const auto few = [](auto& bench, auto& run) -> sequence::Task {
    co_await output(bench, run, 7);
    co_await bench.cycles(3);
  };
  const auto hangs = [](auto& bench, auto& run) -> sequence::Task {
    co_await output(bench, run, 10);
    co_await bench.until([] { return false; }, "until done is 1");
  };
  const std::string start = "fc3 of image 0: from random bits, not 0, in what reset does not set: ";
  const auto detail = [&](const Software::Body& other) {
    const RunReport report = run(right, other);
    CHECK(report.outcome == kernel::Outcome::mismatch);
    CHECK(report.detail.starts_with(start));
    return report.detail.substr(start.size());
  };
  CHECK(detail(late) == "it takes 13 cycles, not 10");
  CHECK(detail(wrong).starts_with("oc 9 oh 0 ow 0 is 1000, not "));
  CHECK(detail(few) == "3 outputs did not come");
  CHECK(detail(hangs) == "timeout, 1000 cycles, and the sequence waits until done is 1");
  const auto differ = [] { return false; };
  CHECK(run(right, late, differ).outcome == kernel::Outcome::passed);
  CHECK(run(right, wrong, differ).outcome == kernel::Outcome::mismatch);
}

}  // namespace
}  // namespace systole::session
