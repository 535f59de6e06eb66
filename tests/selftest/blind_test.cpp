// SPDX-License-Identifier: Apache-2.0
// A checker that sees nothing: each is made blind in turn, on a design without a fault, and the run must not pass. A
// blind one counts its values as before, so that only the canaries can give it away. The linker puts the functions
// below in front of the checkers' own (--wrap, CMakeLists.txt).
#include <doctest/doctest.h>

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "golden/format/network_file.h"
#include "golden/format/pixels.h"
#include "models/dataset/dataset.h"
#include "sim/check/output_checker.h"
#include "sim/check/pin_checker.h"
#include "sim/check/register_checker.h"
#include "sim/session/session.h"

using systole::check::Checker;
using systole::check::ExpectedBank;
using systole::check::ExpectedPins;
using systole::check::Mismatch;
using systole::check::OutputChecker;
using systole::check::PinValues;
using systole::check::PlantedFault;
using systole::check::RegisterChecker;
using systole::check::TensorChecker;
using systole::op::Tensor;
using Values = std::span<const std::int32_t>;
using Found = std::vector<Mismatch>;

namespace {
std::optional<Checker> blind;
}

bool real_outputs(OutputChecker* self, std::uint64_t beat, Values rtl, Values golden)  //
    asm("__real__ZN7systole5check13OutputChecker5equalEmSt4spanIKiLm18446744073709551615EES4_");
bool wrap_outputs(OutputChecker* self, std::uint64_t beat, Values rtl, Values golden)  //
    asm("__wrap__ZN7systole5check13OutputChecker5equalEmSt4spanIKiLm18446744073709551615EES4_");
bool wrap_outputs(OutputChecker* self, std::uint64_t beat, Values rtl, Values golden) {
  return real_outputs(self, beat, rtl, golden) || blind == Checker::outputs;
}

Found real_tensor(TensorChecker* self, std::uint64_t number, std::uint64_t cycle, const Tensor& rtl,
                  const Tensor& golden, std::size_t limit)  //
    asm("__real__ZN7systole5check13TensorChecker7compareEmmRKNS_2op6TensorES5_m");
Found wrap_tensor(TensorChecker* self, std::uint64_t number, std::uint64_t cycle, const Tensor& rtl,
                  const Tensor& golden, std::size_t limit)  //
    asm("__wrap__ZN7systole5check13TensorChecker7compareEmmRKNS_2op6TensorES5_m");
Found wrap_tensor(TensorChecker* self, std::uint64_t number, std::uint64_t cycle, const Tensor& rtl,
                  const Tensor& golden, std::size_t limit) {
  Found found = real_tensor(self, number, cycle, rtl, golden, limit);
  return blind == Checker::tensor ? Found{} : found;
}

Found real_pins(const PinValues* self, std::uint64_t cycle, const ExpectedPins& expected, std::size_t limit,
                const PlantedFault& fault)  //
    asm("__real__ZNK7systole5check9PinValues11differencesEmRKNS0_12ExpectedPinsEmRKNS0_12PlantedFaultE");
Found wrap_pins(const PinValues* self, std::uint64_t cycle, const ExpectedPins& expected, std::size_t limit,
                const PlantedFault& fault)  //
    asm("__wrap__ZNK7systole5check9PinValues11differencesEmRKNS0_12ExpectedPinsEmRKNS0_12PlantedFaultE");
Found wrap_pins(const PinValues* self, std::uint64_t cycle, const ExpectedPins& expected, std::size_t limit,
                const PlantedFault& fault) {
  return blind == Checker::pins ? Found{} : real_pins(self, cycle, expected, limit, fault);
}

Found real_registers(const RegisterChecker* self, std::uint64_t cycle, const std::vector<ExpectedBank>& expected,
                     std::size_t limit)  //
    asm("__real__ZNK7systole5check15RegisterChecker11differencesEmRKSt6vectorINS0_12ExpectedBankESaIS3_EEm");
Found wrap_registers(const RegisterChecker* self, std::uint64_t cycle, const std::vector<ExpectedBank>& expected,
                     std::size_t limit)  //
    asm("__wrap__ZNK7systole5check15RegisterChecker11differencesEmRKSt6vectorINS0_12ExpectedBankESaIS3_EEm");
Found wrap_registers(const RegisterChecker* self, std::uint64_t cycle, const std::vector<ExpectedBank>& expected,
                     std::size_t limit) {
  return blind == Checker::registers ? Found{} : real_registers(self, cycle, expected, limit);
}

namespace systole {
namespace {

session::RunReport run(std::optional<Checker> without, check::CheckLevel level) {
  const model::Network network = model::load_network("models/lenet");
  const auto images = dataset::open_dataset("glyphs");
  const session::ImageSource source = [&](std::int64_t i) {
    return session::InputImage{
        .index = i, .label = images->at(i).label, .input = model::to_input(network.input, images->at(i).pixels)};
  };
  session::RunOptions options;
  options.layer = "fc3";
  options.check = level;
  blind = without;
  session::RunReport report = session::run_network(network, options, source, 1);
  blind.reset();
  return report;
}

void check_unproven(Checker checker, check::CheckLevel level) {
  CHECK(run({}, level).outcome == kernel::Outcome::passed);
  const session::RunReport report = run(checker, level);
  CHECK(report.outcome == kernel::Outcome::unproven);
  CHECK(kernel::exit_code(report.outcome) == 1);
  const std::string name(to_string(checker));
  CHECK_MESSAGE(report.detail.find("planted in " + name) != std::string::npos, report.detail);
}

TEST_CASE("selftest.blind.outputs") { check_unproven(Checker::outputs, check::CheckLevel::outputs); }
TEST_CASE("selftest.blind.tensor") { check_unproven(Checker::tensor, check::CheckLevel::outputs); }
TEST_CASE("selftest.blind.pins") { check_unproven(Checker::pins, check::CheckLevel::pins); }
TEST_CASE("selftest.blind.registers") { check_unproven(Checker::registers, check::CheckLevel::pe); }
TEST_CASE("selftest.blind.registers_at_all") { check_unproven(Checker::registers, check::CheckLevel::all); }

}  // namespace
}  // namespace systole
