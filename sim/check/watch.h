// SPDX-License-Identifier: Apache-2.0
#pragma once
// A design followed in every cycle by a model of its own: the reference moves with each edge, and what the check level
// asks for is compared with it.
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/check/mismatch.h"
#include "sim/check/out_place.h"
#include "sim/check/pin_checker.h"
#include "sim/check/register_checker.h"

namespace systole::check {

/// What a design must show after each edge, from a model written apart from it. A concept and no base class, so that
/// the comparison makes no virtual call for it (WatchOf).
///
/// - kBytePins, kWordPins: of PinChecker; 0 and 0 where nothing is known of the pins
/// - reset(): the design was reset; nothing is under way
/// - tick(in): one edge, with the handshake inputs that it ended
/// - pins(): expected values of the watched pins and of the output's lanes; valid until the next tick
/// - registers(bank): expected values of a bank; of deep ones asked at CheckLevel::all only, of the others from
///   CheckLevel::pe on
/// - always(bank): where the one expected value of that bank stands in every cycle, so that registers() need not be
///   asked; null for a bank that is sometimes unknown, or stands at other places
/// - register_coordinate(bank, cell): what that register belongs to ("oc 3 oh 1 ow 0 ic 4 kh 0 kw 2"), or empty
/// - out_place(): element in lane 0 of the beat on the output stream, nothing where there is none
template <class R>
concept Reference = requires(R& model, const R& now, const port::Handshakes& in, std::size_t n) {
  PinChecker<R::kBytePins, R::kWordPins>{std::declval<const port::PinMap&>()};
  model.reset();
  model.tick(in);
  { now.pins() } -> std::same_as<ExpectedPins>;
  { now.registers(n) } -> std::same_as<ExpectedBank>;
  { now.always(n) } -> std::same_as<const std::int32_t*>;
  { now.register_coordinate(n, n) } -> std::same_as<std::string>;
  { now.out_place() } -> std::same_as<std::optional<OutPlace>>;
};

/// The comparison as the bench sees it: one virtual call a cycle, whatever the reference's type.
class Watch {
 public:
  Watch() = default;
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  Watch(Watch&&) = delete;
  Watch& operator=(Watch&&) = delete;
  virtual ~Watch() = default;

  virtual void reset() = 0;
  /// Edge number `cycle` has passed: moves the reference and compares. False where a value differs.
  virtual bool after_edge(std::uint64_t cycle, const port::Handshakes& in) = 0;
  /// What differs in that cycle, pins first, at most `limit` of each kind, with the registers' coordinates.
  [[nodiscard]] virtual std::vector<Mismatch> differences(std::uint64_t cycle, std::size_t limit) const = 0;
  /// Values compared so far: of Checker::pins or Checker::registers, none of the others; of both.
  [[nodiscard]] virtual std::uint64_t compared(Checker checker) const = 0;
  [[nodiscard]] std::uint64_t compared() const { return compared(Checker::pins) + compared(Checker::registers); }
  [[nodiscard]] virtual std::size_t values_per_cycle() const = 0;
  /// Values of cycles gone by that were not compared because the reference knew nothing of them.
  [[nodiscard]] virtual std::uint64_t unknown() const = 0;
  [[nodiscard]] virtual CheckLevel level() const = 0;
  /// A fault for Checker::pins or Checker::registers.
  virtual void plant(Checker checker, const PlantedFault& fault) = 0;

  // Expected values after the last edge, for dumps.
  [[nodiscard]] virtual ExpectedPins pins() const = 0;
  [[nodiscard]] virtual ExpectedBank registers(std::size_t bank) const = 0;
  [[nodiscard]] virtual std::optional<OutPlace> out_place() const = 0;
};

/// The comparison with a reference of type R.
template <Reference R>
class WatchOf final : public Watch {
 public:
  /// `map` is the design's; CheckLevel::pe compares registers too, CheckLevel::all the deep ones as well.
  WatchOf(const port::PinMap& map, CheckLevel level, std::unique_ptr<R> reference)
      : reference_(std::move(reference)), level_(level), banks_(map.registers.size()), pins_(map) {
    if (level < CheckLevel::pe) return;
    std::vector<const std::int32_t*> always;
    for (const port::RegisterBank& bank : map.registers) {
      const bool asked = level == CheckLevel::all || !bank.deep;
      always.push_back(asked ? reference_->always(always.size()) : nullptr);
    }
    registers_.emplace(map.registers, level == CheckLevel::all, always);
  }

  [[nodiscard]] R& reference() { return *reference_; }

  void reset() override { reference_->reset(); }
  bool after_edge(std::uint64_t cycle, const port::Handshakes& in) override {
    reference_->tick(in);
    bool equal = pins_.equal(cycle, reference_->pins());
    if (registers_) equal &= registers_->equal(cycle, [this](std::size_t i) { return reference_->registers(i); });
    return equal;
  }
  [[nodiscard]] std::vector<Mismatch> differences(std::uint64_t cycle, std::size_t limit) const override {
    std::vector<Mismatch> found = pins_.differences(cycle, reference_->pins(), limit);
    if (!registers_) return found;
    std::vector<ExpectedBank> expected;
    for (std::size_t i = 0; i < banks_; ++i) expected.push_back(reference_->registers(i));
    std::vector<Mismatch> more = registers_->differences(cycle, expected, limit);
    for (Mismatch& mismatch : more) {
      const RegisterPlace place = registers_->place(mismatch.index);
      mismatch.coordinate = reference_->register_coordinate(place.bank, place.cell);
    }
    std::move(more.begin(), more.end(), std::back_inserter(found));
    return found;
  }
  using Watch::compared;
  [[nodiscard]] std::uint64_t compared(Checker checker) const override {
    if (checker == Checker::pins) return pins_.compared();
    return checker == Checker::registers && registers_ ? registers_->compared() : 0;
  }
  [[nodiscard]] std::size_t values_per_cycle() const override {
    return pins_.values_per_cycle() + (registers_ ? registers_->values_per_cycle() : 0);
  }
  [[nodiscard]] std::uint64_t unknown() const override { return registers_ ? registers_->unknown() : 0; }
  [[nodiscard]] CheckLevel level() const override { return level_; }
  void plant(Checker checker, const PlantedFault& fault) override {
    if (checker == Checker::pins) pins_.plant(fault);
    if (checker == Checker::registers && registers_) registers_->plant(fault);
  }
  [[nodiscard]] ExpectedPins pins() const override { return reference_->pins(); }
  [[nodiscard]] ExpectedBank registers(std::size_t bank) const override { return reference_->registers(bank); }
  [[nodiscard]] std::optional<OutPlace> out_place() const override { return reference_->out_place(); }

 private:
  std::unique_ptr<R> reference_;
  CheckLevel level_;
  std::size_t banks_;
  PinChecker<R::kBytePins, R::kWordPins> pins_;
  std::optional<RegisterChecker> registers_;
};

}  // namespace systole::check
