// SPDX-License-Identifier: Apache-2.0
#include "sim/kernel/watchdog.h"

#include <fmt/format.h>

namespace systole::kernel {
namespace {

std::string input_wait(const port::InStream& stream) {
  const bool valid = *stream.valid != 0, ready = *stream.ready != 0;
  if (valid && !ready) return fmt::format("{}: bench waits for {}", stream.name, stream.ready_pin);
  if (!valid && ready) return fmt::format("{}: design waits for {}", stream.name, stream.valid_pin);
  return fmt::format("{}: {}", stream.name, valid ? "moving" : "idle");
}

}  // namespace

std::string who_waits(const port::PinMap& map) {
  std::string text;
  for (const port::InStream& stream : map.inputs) text += input_wait(stream) + "; ";
  const bool valid = *map.output.valid != 0, ready = *map.output.ready != 0;
  const port::OutStream& out = map.output;
  if (!valid) return text + fmt::format("{}: bench waits for {}", out.name, out.valid_pin);
  return text + (ready ? out.name + ": moving" : fmt::format("{}: design waits for {}", out.name, out.ready_pin));
}

}  // namespace systole::kernel
