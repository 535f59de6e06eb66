#pragma once
// The size of the built accelerator, under the name the tiler and its users know it by.
#include "golden/cycle/program.h"

namespace systole::vectors {

using Geometry = cycle::Geometry;

}  // namespace systole::vectors
