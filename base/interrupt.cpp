// SPDX-License-Identifier: Apache-2.0
#include "base/interrupt.h"

#include <csignal>

namespace systole::base {
namespace {

volatile std::sig_atomic_t interrupt_flag = 0;
struct sigaction previous_action;  // NOLINT: one guard at a time, set before the handler can run

void on_interrupt(int /*signal*/) { interrupt_flag = 1; }

}  // namespace

InterruptGuard::InterruptGuard() {
  interrupt_flag = 0;
  struct sigaction action = {};
  action.sa_handler = on_interrupt;
  sigemptyset(&action.sa_mask);
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
  sigaction(SIGINT, &action, &previous_action);
}

InterruptGuard::~InterruptGuard() { sigaction(SIGINT, &previous_action, nullptr); }

bool interrupted() { return interrupt_flag != 0; }

}  // namespace systole::base
