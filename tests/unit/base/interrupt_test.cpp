// SPDX-License-Identifier: Apache-2.0
#include "base/interrupt.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>

namespace systole::base {
namespace {

/// How a child that does that ends, as waitpid() says.
int ending_of(const std::function<void()>& child) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    child();
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(pid, &status, 0) == pid);
  return status;
}

bool ended_by(int status, int signal) { return WIFSIGNALED(status) && WTERMSIG(status) == signal; }

TEST_CASE("base.interrupt.signal_of_before_ends_who_gives_its_place_away") {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    CHECK(ended_by(ending_of([signal] {
                     const InterruptGuard guard;
                     std::raise(signal);
                     let_signals_end_it();
                   }),
                   signal));
    CHECK(ended_by(ending_of([signal] {
                     const InterruptGuard guard;
                     { const InterruptGuard inner; }  // as a build on the way has
                     let_signals_end_it();
                     std::raise(signal);
                   }),
                   signal));
  }
}

TEST_CASE("base.interrupt.signal_that_is_ignored_stays_so") {
  CHECK(ending_of([] {
          std::signal(SIGHUP, SIG_IGN);
          const InterruptGuard guard;
          std::raise(SIGHUP);
          let_signals_end_it();
          std::raise(SIGHUP);
        }) == 0);
}

}  // namespace
}  // namespace systole::base
