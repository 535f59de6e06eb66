// SPDX-License-Identifier: Apache-2.0
#include "regress/freeze.h"

#include <system_error>

#include "base/input_error.h"
#include "base/sha256.h"
#include "sim/dut/source_file.h"

namespace systole::regress {
namespace {

namespace fs = std::filesystem;

void keep_file(const fs::path& from, const fs::path& to) {
  std::error_code code;
  fs::create_directories(to.parent_path(), code);
  if (!code) fs::copy_file(from, to, fs::copy_options::skip_existing, code);
  if (code) throw base::InputError(from.string(), "", "cannot be kept for the run: " + code.message());
}

}  // namespace

fs::path freeze(const Freezable& one, const fs::path& folder) {
  const fs::path sources = folder / dut::kFrozenSources;
  fs::create_directories(sources);  // also where there is none: it is what marks a frozen program
  for (const fs::path& source : one.sources) keep_file(source, sources / source.relative_path());
  const fs::path kept = folder / one.as;
  keep_file(one.program, kept);
  if (base::sha256_of_file(kept) == base::sha256_of_file(one.program)) return kept;
  throw base::InputError(one.program.string(), "",
                         "another program of that name is in the plan, or it changed meanwhile; give it another name");
}

}  // namespace systole::regress
