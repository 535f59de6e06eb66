// SPDX-License-Identifier: Apache-2.0
#include "base/interrupt.h"

#include <array>
#include <csignal>
#include <cstddef>

namespace systole::base {
namespace {

constexpr std::array kSignals{SIGINT, SIGTERM, SIGHUP};

volatile std::sig_atomic_t first_signal = 0;
// One guard at a time, set before the handler can run.
std::array<struct sigaction, kSignals.size()> previous_actions;

void on_signal(int signal) {
  if (first_signal == 0) first_signal = signal;
}

}  // namespace

InterruptGuard::InterruptGuard() {
  first_signal = 0;
  struct sigaction action = {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    sigaction(kSignals[i], &action, &previous_actions[i]);
    const bool ignored = kSignals[i] == SIGHUP && previous_actions[i].sa_handler == SIG_IGN;
    if (ignored) sigaction(kSignals[i], &previous_actions[i], nullptr);
  }
}

InterruptGuard::~InterruptGuard() {
  for (std::size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &previous_actions[i], nullptr);
}

bool interrupted() { return first_signal != 0; }

void let_signals_end_it() {
  for (const int signal : kSignals) {
    struct sigaction action = {};
    sigaction(signal, nullptr, &action);
    if (action.sa_handler == on_signal) std::signal(signal, SIG_DFL);
  }
  if (interrupted()) std::raise(first_signal);
}

int interrupt_exit_code() { return 128 + (first_signal == 0 ? SIGINT : first_signal); }

}  // namespace systole::base
