// SPDX-License-Identifier: Apache-2.0
#include "sim/dut/source_file.h"

namespace systole::dut {
namespace {

namespace fs = std::filesystem;

/// Empty where this program is not frozen.
fs::path find_frozen_sources() {
  const fs::path own = fs::read_symlink("/proc/self/exe").parent_path();
  for (const fs::path& folder : {own, own.parent_path()}) {
    if (fs::is_directory(folder / kFrozenSources)) return folder / kFrozenSources;
  }
  return {};
}

const fs::path& frozen_sources() {
  static const fs::path folder = find_frozen_sources();
  return folder;
}

}  // namespace

bool is_frozen() { return !frozen_sources().empty(); }

fs::path source_file(const fs::path& source) {
  if (!is_frozen()) return source;
  fs::path copy = frozen_sources() / source.relative_path();
  return fs::exists(copy) ? copy : source;
}

fs::path original_source(const fs::path& file) {
  if (!is_frozen()) return file;
  const fs::path below = fs::absolute(file).lexically_normal().lexically_relative(frozen_sources());
  return below.empty() || *below.begin() == ".." ? file : "/" / below;
}

}  // namespace systole::dut
