// SPDX-License-Identifier: Apache-2.0
#include "base/file_lock.h"

#include <doctest/doctest.h>

#include <fstream>

#include "base/input_error.h"
#include "tests/support/temporary_folder.h"

namespace {

using namespace systole;

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

TEST_CASE("base.file_lock.devices_are_shared") {
  const base::FileLock first("/dev/null");
  CHECK_NOTHROW(base::FileLock{"/dev/null"});
}

}  // namespace
