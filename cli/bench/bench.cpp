// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/bench.h"

#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <nlohmann/json.hpp>
#include <optional>

#include "accel/bus/pin_level.h"
#include "accel/bus/run.h"
#include "accel/bus/session_bus.h"
#include "accel/dut/geometry.h"
#include "accel/lower/layer_commands.h"
#include "base/interrupt.h"
#include "base/interrupted.h"
#include "base/table.h"
#include "base/temporary_folder.h"
#include "cli/bench/icarus.h"
#include "cli/bench/own_dut.h"
#include "golden/fast/median.h"
#include "golden/fast/throughput.h"
#include "golden/model/one_layer.h"
#include "sim/dut/registry.h"
#include "sim/kernel/code_pages.h"
#include "sim/kernel/run_loop.h"
#include "sim/session/monitor.h"
#include "sim/session/report.h"

namespace systole::bench {
namespace {

constexpr std::uint64_t kSeed = 1;
constexpr const char* kConfiguration = "8x8";
constexpr std::int64_t kResnet8Images = 3;

op::Matrix random_values(Eigen::Index rows, Eigen::Index cols, std::string_view stream) {
  return random_bytes(rows, cols, {kSeed, "bench", stream});
}

/// Convolution 3x3, 64 to 16 channels, 16x16 map: 144 passes of 256 beats, about 37,000 cycles with every part of the
/// array at work.
model::Network bench_network() {
  op::Layer layer;
  layer.name = "conv";
  layer.in_h = layer.in_w = layer.out_h = layer.out_w = 16;
  layer.in_c = 64;
  layer.out_c = 16;
  layer.window = {.kernel_h = 3, .kernel_w = 3, .pad_top = 1, .pad_left = 1};
  layer.weights = random_values(layer.out_c, Eigen::Index{9} * layer.in_c, "weights");
  layer.bias = op::Vector::Zero(layer.out_c);
  layer.out.n = {12};
  return model::one_layer_network(std::move(layer));
}

/// Fully connected, 120 to 84 values, as LeNet's fc2: 165 passes of one beat, about 1,350 cycles.
model::Network small_network() {
  op::Layer layer;
  layer.name = "fc";
  layer.kind = op::Kind::fully_connected;
  layer.in_c = 120;
  layer.out_c = 84;
  layer.weights = random_values(layer.out_c, layer.in_c, "small weights");
  layer.out.n = {12};
  return model::one_layer_network(std::move(layer));
}

struct DumpAll {
  dut::Dut* dut;
  static constexpr bool active(std::uint64_t /*cycle*/) { return true; }
  void dump(std::uint64_t time) { dut->dump(time); }
};

struct Variant {
  std::string name;
  dut::TraceFormat build;
  check::CheckLevel check;
  bool dump;
  int images;            ///< of one round; dumping ones take fewer
  std::uint64_t cycles;  ///< at most, of one image
};

/// One row of the table: a way of running the same commands.
class Runner {
 public:
  Runner() = default;
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;
  Runner(Runner&&) = delete;
  Runner& operator=(Runner&&) = delete;
  virtual ~Runner() = default;
  [[nodiscard]] virtual std::string name() const = 0;
  /// Cycles per second of one round, set-up left out.
  virtual double run() = 0;
  /// Cycles per second of the bare model on the same commands, given that of the common ones in this round.
  virtual double bare(double common) { return common; }
};

/// A measurement that did not end as it must.
[[noreturn]] void refuse_mismatch() {
  if (base::interrupted()) throw base::Interrupted();
  throw std::runtime_error("bench: the RTL differs from the golden; run the suite first");
}

class VariantRunner final : public Runner {
 public:
  VariantRunner(const Variant& variant, const session::Plan& plan, const session::ImageWork& work)
      : variant_(variant),
        plan_(plan),
        work_(work),
        dut_(dut::make_dut(kConfiguration, variant.build)),
        loop_(*dut_),
        monitor_(*dut_, plan, variant.check, loop_.watchdog()),
        driver_(dut_->pins().inputs.size()) {}

  [[nodiscard]] std::string name() const override { return variant_.name; }
  double run() override {
    double seconds = 0;
    std::uint64_t cycles = 0;
    if (variant_.dump) dut_->open_trace(scratch_ / "dump");
    for (int i = 0; i < variant_.images; ++i) {
      driver_.load(plan_, work_);
      loop_.reset(kSeed);
      monitor_.begin(work_);
      const auto start = std::chrono::steady_clock::now();
      run_image();
      seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      cycles += loop_.cycle();
    }
    dut_->close_trace();
    if (monitor_.findings().count() != 0) refuse_mismatch();
    return static_cast<double>(cycles) / seconds;
  }

 private:
  void run_image() {
    kernel::StallPattern stalls(kernel::Stall::none, kSeed, "bench", kernel::stream_names(dut_->pins()));
    if (variant_.dump) {
      DumpAll dump{dut_.get()};
      loop_.run(driver_, monitor_, dump, stalls, variant_.cycles);
    } else {
      kernel::NoTraceSink none;
      loop_.run(driver_, monitor_, none, stalls, variant_.cycles);
    }
  }

  Variant variant_;
  const session::Plan& plan_;
  const session::ImageWork& work_;
  std::unique_ptr<dut::Dut> dut_;
  kernel::RunLoop loop_;
  session::Monitor monitor_;
  session::StreamDriver driver_;
  base::TemporaryFolder scratch_;
};

/// Through coroutines and ready-made streams, outputs compared: to be compared with `bare`.
class OwnDutRunner final : public Runner {
 public:
  OwnDutRunner(const session::Plan& plan, const session::ImageWork& work)
      : dut_(dut::make_dut(kConfiguration, dut::TraceFormat::none)), own_(*dut_, plan, work) {}
  [[nodiscard]] std::string name() const override { return "own_dut"; }
  double run() override {
    std::uint64_t cycles = 0;
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < kImages; ++i) cycles += own_.run();
    return static_cast<double>(cycles) /
           std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }

 private:
  static constexpr int kImages = 4;
  std::unique_ptr<dut::Dut> dut_;
  OwnDut own_;
};

/// Through TLM-2.0 sockets, without checks: to be compared with `bare`.
class TlmRunner final : public Runner {
 public:
  TlmRunner(const session::Plan& plan, const session::ImageWork& work)
      : dut_(dut::make_dut(kConfiguration, dut::TraceFormat::none)), jobs_(bus::jobs_of(plan, work)) {}
  [[nodiscard]] std::string name() const override { return "tlm"; }
  double run() override {
    double seconds = 0;
    std::uint64_t cycles = 0;
    for (int i = 0; i < kImages; ++i) {
      const bus::RunResult result =
          bus::run(*dut_, jobs_, {.traffic = {}, .check = check::CheckLevel::none, .seed = kSeed});
      if (result.outcome != kernel::Outcome::passed) refuse_mismatch();
      seconds += result.seconds;
      cycles += result.cycles;
    }
    return static_cast<double>(cycles) / seconds;
  }

 private:
  static constexpr int kImages = 4;
  std::unique_ptr<dut::Dut> dut_;
  std::vector<accel::Job> jobs_;
};

/// A SystemC module driven pin by pin, without checks.
class PinLevelRunner final : public Runner {
 public:
  PinLevelRunner(const session::Plan& plan, const session::ImageWork& work) : jobs_(bus::jobs_of(plan, work)) {}
  [[nodiscard]] std::string name() const override { return "systemc_pins"; }
  double run() override {
    const bus::PinLevelResult result = bus::run_pin_level(jobs_);
    for (std::size_t i = 0; i < jobs_.size(); ++i) {
      if (!matches(result.outputs[i], jobs_[i].expected)) refuse_mismatch();
    }
    return static_cast<double>(result.cycles) / result.seconds;
  }

 private:
  /// Lanes of 32 bits are the words of a beat.
  static bool matches(const base::Beats& outputs, const std::int32_t* expected) {
    const std::uint32_t* end = outputs.data() + outputs.size() * outputs.words_per_beat();
    return std::equal(outputs.data(), end, expected,
                      [](std::uint32_t rtl, std::int32_t golden) { return golden == static_cast<std::int32_t>(rtl); });
  }
  std::vector<accel::Job> jobs_;
};

constexpr std::uint64_t kAllCycles = ~std::uint64_t{0};
const Variant kBare{"bare", dut::TraceFormat::none, check::CheckLevel::none, false, 4, kAllCycles};

/// A network on the built size with one random image.
struct Workload {
  explicit Workload(model::Network described)
      : network(std::move(described)),
        geometry(accel::geometry_of(*dut::make_dut(kConfiguration, dut::TraceFormat::none))),
        plan(session::make_plan(network, lower::Tiler(geometry))),
        input(network.input.height, network.input.width, network.input.channels) {
    input.data = random_values(input.pixels(), input.channels(), "input");
    session::ImageMaker(plan).make(input, work);
  }
  Workload(const Workload&) = delete;  // the plan points into the network
  Workload& operator=(const Workload&) = delete;
  Workload(Workload&&) = delete;
  Workload& operator=(Workload&&) = delete;
  ~Workload() = default;

  model::Network network;
  accel::Geometry geometry;
  session::Plan plan;
  op::Tensor input;
  session::ImageWork work;
};

/// Icarus on the memory images of a small layer, and the bare model on the same beats.
class IcarusRunner final : public Runner {
 public:
  IcarusRunner() : load_(small_network()), bare_(kBare, load_.plan, load_.work) {}
  [[nodiscard]] std::string name() const override { return "icarus"; }
  double run() override {
    if (!icarus_) compile();
    return icarus_->run();
  }
  double bare(double /*common*/) override { return bare_.run(); }

 private:
  void compile() {
    const op::Tensor* inputs[] = {&load_.input};
    icarus_.emplace(
        vectors::make_memory_set(load_.network.nodes[0].layer, load_.geometry, inputs, load_.work.outputs[0]));
  }

  Workload load_;
  VariantRunner bare_;
  std::optional<IcarusTimer> icarus_;
};

std::vector<Variant> variants() {
  constexpr std::uint64_t kDumped = 4000;
  using dut::TraceFormat;
  return {kBare,
          {"edit", TraceFormat::fst, check::CheckLevel::none, false, 4, kAllCycles},
          // `systole run` takes the model without trace where no trace is asked for.
          {"pins", TraceFormat::none, check::CheckLevel::pins, false, 4, kAllCycles},
          {"pe", TraceFormat::none, check::CheckLevel::pe, false, 4, kAllCycles},
          {"all", TraceFormat::none, check::CheckLevel::all, false, 4, kAllCycles},
          {"vcd", TraceFormat::vcd, check::CheckLevel::none, true, 1, kDumped},
          {"fst", TraceFormat::fst, check::CheckLevel::none, true, 1, kDumped}};
}

/// The rows of one round, made on other pages than those of the round before: pages of the code and, in new models, of
/// the data decide how fast a model runs (docs/performance.md).
std::vector<std::unique_ptr<Runner>> make_runners(const Workload& load) {
  kernel::move_code_pages();
  ::mallopt(M_MMAP_THRESHOLD, 64 << 10);  // a model comes from the system each time, not from a free list
  std::vector<std::unique_ptr<Runner>> runners;
  for (const Variant& variant : variants()) {
    runners.push_back(std::make_unique<VariantRunner>(variant, load.plan, load.work));
  }
  runners.push_back(std::make_unique<OwnDutRunner>(load.plan, load.work));
  runners.push_back(std::make_unique<TlmRunner>(load.plan, load.work));
  runners.push_back(std::make_unique<PinLevelRunner>(load.plan, load.work));
  // What is measured keeps its large blocks: glibc's own upper bounds.
  ::mallopt(M_MMAP_THRESHOLD, 32 << 20);
  ::mallopt(M_TRIM_THRESHOLD, 64 << 20);
  return runners;
}

/// A signal ends a model's run, and reaches the programs that a row started: what fails then is no fault.
double rate_of(Runner& runner) {
  try {
    const double rate = runner.run();
    if (!base::interrupted()) return rate;
  } catch (const std::exception&) {
    if (!base::interrupted()) throw;
  }
  throw base::Interrupted();
}

/// Rates of one row, a round after the other.
struct Samples {
  std::string name;
  std::vector<double> rates, ratios;
};

}  // namespace

BenchResult run_bench(int rounds, const BenchProgress& progress) {
  const Workload load(bench_network());
  BenchResult result;
  result.icarus_absence = icarus_absence();
  std::unique_ptr<Runner> icarus;
  if (result.icarus_absence.empty()) icarus = std::make_unique<IcarusRunner>();
  std::vector<std::unique_ptr<Runner>> runners = make_runners(load);
  std::vector<Samples> rows(runners.size() + (icarus ? 1 : 0));
  const std::uint64_t total = rows.size() * static_cast<std::uint64_t>(rounds) + 2;  // and the golden's, and ResNet-8
  std::uint64_t measured = 0;
  if (progress) progress(0, total);
  for (int round = 0; round < rounds; ++round) {
    if (round > 0) runners = make_runners(load);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      Runner& runner = i < runners.size() ? *runners[i] : *icarus;
      rows[i].name = runner.name();
      rows[i].rates.push_back(rate_of(runner));
      rows[i].ratios.push_back(rows[i].rates.back() / runner.bare(rows[0].rates.back()));
      if (progress) progress(++measured, total);
    }
  }
  for (const Samples& row : rows) result.rows.push_back({row.name, fast::median(row.rates), fast::median(row.ratios)});
  const fast::Throughput golden = fast::measure_throughput(rounds);
  result.golden_macs_per_second = golden.golden_macs_per_second();
  result.float_macs_per_second = golden.float_macs_per_second();
  result.lenet_images_per_second = golden.lenet_images_per_second;
  if (progress) progress(++measured, total);
  result.resnet8 = measure_resnet8(kResnet8Images, kSeed);
  return result;
}

base::Table bench_table(const BenchResult& result) {
  base::Table table{"bench", {"variant", "M cycles/s", "of bare"}};
  for (const BenchRow& row : result.rows) table.rows.push_back({row.name, row.cycles_per_second / 1e6, row.ratio});
  return table;
}

std::string bench_text(const BenchResult& result) {
  std::string text = terminal_table(bench_table(result), 4);
  if (!result.icarus_absence.empty()) text += fmt::format("icarus        not measured: {}\n", result.icarus_absence);
  text += fmt::format(
      "golden: {:.2f} GMAC/s on VGG16's convolutions, {:.2f} of Eigen's float product ({:.2f} GMAC/s); LeNet {:.0f} "
      "images/s\n",
      result.golden_macs_per_second / 1e9, result.golden_macs_per_second / result.float_macs_per_second,
      result.float_macs_per_second / 1e9, result.lenet_images_per_second);
  text += fmt::format("end to end: {:.2f} images/s of ResNet-8 on the checked RTL ({} cycles an image)\n",
                      result.resnet8.images_per_second, result.resnet8.cycles_per_image);
  return text;
}

std::string bench_json(const BenchResult& result) {
  nlohmann::ordered_json ratios, rates;
  for (const BenchRow& row : result.rows) {
    rates[row.name] = row.cycles_per_second;
    if (row.name != "bare") ratios[row.name] = row.ratio;
  }
  if (!result.icarus_absence.empty()) ratios["icarus"] = nullptr;
  const nlohmann::ordered_json json{{"version", 1},
                                    {"tools", nlohmann::ordered_json::parse(session::tools_json())},
                                    {"rtl_sha256", std::string(dut::rtl_hash())},
                                    {"ratios", ratios},
                                    {"cycles_per_second", rates},
                                    {"golden",
                                     {{"macs_per_second", result.golden_macs_per_second},
                                      {"eigen_float_macs_per_second", result.float_macs_per_second},
                                      {"ratio", result.golden_macs_per_second / result.float_macs_per_second},
                                      {"lenet_images_per_second", result.lenet_images_per_second}}},
                                    {"resnet8",
                                     {{"images_per_second", result.resnet8.images_per_second},
                                      {"cycles_per_image", result.resnet8.cycles_per_image}}}};
  return json.dump(2) + "\n";
}

}  // namespace systole::bench
