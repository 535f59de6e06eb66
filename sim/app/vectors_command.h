#pragma once
#include "sim/app/commands.h"

namespace systole::app {

/// `systole vectors NETWORK --layer L --format F -o DIR`: a layer's vectors for other benches (docs/vectors.md).
Command add_vectors_command(CLI::App& program);

}  // namespace systole::app
