// SPDX-License-Identifier: Apache-2.0
#pragma once
// How many images a network names rightly.
#include <cstdint>

#include "golden/model/float_execute.h"
#include "golden/model/float_network.h"
#include "golden/model/network.h"
#include "models/dataset/dataset.h"

namespace systole::dataset {

/// Fraction of the images first .. first + count - 1 whose largest logit (the first of equals) is at their label.
/// Throws std::invalid_argument where count < 1 or an image does not fit the network, std::out_of_range beyond the data
/// set.
double accuracy(const model::Network& network, const Dataset& dataset, std::int64_t first, std::int64_t count);
double accuracy(const model::FloatNetwork& network, const Dataset& dataset, std::int64_t first, std::int64_t count,
                const model::BeforeRelu& before_relu = {});

}  // namespace systole::dataset
