// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/temporary_folder.h"

namespace systole::test {

using base::TemporaryFolder;

}  // namespace systole::test
