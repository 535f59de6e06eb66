// SPDX-License-Identifier: Apache-2.0
#include "regress/ledger.h"

#include <doctest/doctest.h>

namespace systole::regress {
namespace {

TEST_CASE("regress.ledger.closes_where_every_job_is_counted_once") {
  Ledger ledger(5);
  for (const Verdict verdict : {Verdict::passed, Verdict::failed, Verdict::lost, Verdict::skipped, Verdict::cancelled})
    ledger.add(verdict);
  CHECK(ledger.text() == "planned 5 = 1 passed + 1 failed + 1 lost + 1 skipped + 1 cancelled");
  CHECK(ledger.ended() == 3);
  CHECK(ledger.objection(3).empty());
}

TEST_CASE("regress.ledger.what_is_missing_or_twice_is_named") {
  Ledger ledger(2);
  ledger.add(Verdict::passed);
  CHECK(ledger.objection(1) == "1 of 2 jobs are counted");
  ledger.add(Verdict::passed);
  CHECK(ledger.objection(1) == "1 results are kept of 2 jobs that ended");
  CHECK(ledger.objection(2).empty());
  ledger.add(Verdict::failed);
  CHECK(ledger.objection(3) == "3 of 2 jobs are counted");
}

}  // namespace
}  // namespace systole::regress
