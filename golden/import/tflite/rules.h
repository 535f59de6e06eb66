// SPDX-License-Identifier: Apache-2.0
#pragma once
// The rule of each operator: what the operator at hand becomes in the network. Internal to this folder.
#include "golden/import/tflite/network_builder.h"

namespace systole::model::tflite::rule {

// rules_product.cpp: layers with weights
void conv(Builder& b);
void depthwise(Builder& b);
void fully_connected(Builder& b);

// rules_map.cpp: operators without weights
void add(Builder& b);
void average_pool(Builder& b);
void max_pool(Builder& b);
void pad(Builder& b);
void reshape(Builder& b);
void softmax(Builder& b);

}  // namespace systole::model::tflite::rule
