// SPDX-License-Identifier: Apache-2.0
#include "base/file_lock.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "base/input_error.h"
#include "tests/support/temporary_folder.h"

namespace {

using namespace systole;
using namespace std::chrono_literals;

TEST_CASE("base.file_lock.one_at_a_time") {
  const test::TemporaryFolder folder;
  const auto file = folder / "dump";
  std::ofstream(file) << "x";
  {
    const base::FileLock first(file);
    CHECK_THROWS_AS(base::FileLock{file}, base::InputError);
    const base::FileLock other(folder / "missing");
  }
  CHECK_NOTHROW(base::FileLock{file});
}

std::string refusal_of(const std::function<void()>& what) {
  try {
    what();
  } catch (const base::LockHeld& held) {
    return held.what();
  } catch (const base::InputError& error) {
    return error.what();
  }
  return {};
}

TEST_CASE("base.file_lock.wait_with_a_limit_names_the_holder") {
  const test::TemporaryFolder folder;
  const std::string file = folder / "lock", holder = fmt::format("process {} (", ::getpid());
  std::string waited_for;
  const auto tell = [&waited_for](const std::string& who) { waited_for = who; };
  const base::FileLock first(file, tell);
  const std::string said = refusal_of([&] { const base::FileLock second(file, tell, 2200ms); });
  CHECK(said.starts_with(file + ": " + holder));
  CHECK(said.ends_with(") has held it for more than 2.2 s; wait for its end, or end it"));
  CHECK(waited_for.starts_with(holder));
  CHECK(refusal_of([&] { const base::FileLock third(file); }).find("another run is writing it, " + holder) !=
        std::string::npos);
}

TEST_CASE("base.file_lock.wait_ends_with_the_holder") {
  const test::TemporaryFolder folder;
  auto first = std::make_unique<base::FileLock>(folder / "lock", [](const std::string&) {});
  std::atomic<bool> released = false;
  std::thread releases([&] {
    std::this_thread::sleep_for(300ms);
    released = true;
    first.reset();
  });
  CHECK_NOTHROW(base::FileLock(
      folder / "lock", [](const std::string&) {}, 60s));
  CHECK(released);
  releases.join();
}

TEST_CASE("base.file_lock.devices_are_shared") {
  const base::FileLock first("/dev/null");
  CHECK_NOTHROW(base::FileLock{"/dev/null"});
}

}  // namespace
