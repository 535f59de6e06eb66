// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "cli/commands.h"

namespace systole::cli {

/// `systole vectors NETWORK --layer L --format F -o DIR`: a layer's vectors for other benches (docs/vectors.md).
Command add_vectors_command(CLI::App& program);

}  // namespace systole::cli
