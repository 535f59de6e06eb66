// SPDX-License-Identifier: Apache-2.0
// What a sequence waits for lives in its frame, and frames are kept: a longer run allocates no more than a short one.
#include <doctest/doctest.h>

#include <cstdlib>
#include <new>
#include <vector>

#include "tests/block/sequence/partner.h"

namespace {
std::uint64_t allocations = 0;
}

// Not inlined: GCC would take malloc and free for a mismatched pair.
[[gnu::noinline]] void* operator new(std::size_t bytes) {
  ++allocations;
  if (void* memory = std::malloc(bytes)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t /*bytes*/) noexcept { std::free(memory); }

namespace systole::test {
namespace {

Task access(Partner& partner, CData address) {
  co_await partner.registers.write(address, 17);
  CHECK(co_await partner.registers.read(address) == 17);
}

/// All that a sequence can wait for, `times` times.
Task everything(Partner& partner, int times, std::vector<CData>& beats) {
  for (int i = 0; i < times; ++i) {
    co_await partner.in.send(beats[0]);
    (void)co_await partner.out.receive();
    co_await access(partner, static_cast<CData>(4 * (i & 15)));
    co_await partner.bench.cycle();
    co_await partner.bench.until([&] { return partner.bench.now() % 3 == 0; });
  }
}

std::uint64_t allocated(int times) {
  Partner partner(2);
  partner.bench.choose(kernel::Stall::both, 1, "allocation_test");
  std::vector<CData> beats(4, 5);
  partner.run(everything(partner, 3, beats));  // frames are made
  const std::uint64_t before = allocations;
  CHECK(partner.run(everything(partner, times, beats), 1000000).outcome == kernel::Outcome::passed);
  return allocations - before;
}

TEST_CASE("block.sequence.allocation.none_per_cycle") {
  (void)allocated(10);  // what is kept from then on
  const std::uint64_t few = allocated(10);
  CHECK(few > 0);  // the counter counts: a run makes a process, and its streams the patterns of their stalls
  CHECK(allocated(2000) == few);
}

}  // namespace
}  // namespace systole::test
