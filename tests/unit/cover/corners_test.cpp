// SPDX-License-Identifier: Apache-2.0
// The golden alone meets every arithmetic item with one image of models/corners.
#include "models/train/corners.h"

#include <doctest/doctest.h>

#include <string>

#include "golden/format/pixels.h"
#include "golden/model/execute.h"
#include "models/dataset/dataset.h"
#include "sim/cover/arithmetic.h"

namespace systole::cover {
namespace {

TEST_CASE("cover.corners.every_arithmetic_item") {
  const model::Network network = train::corners_network();
  std::vector<fast::RunStats> stats(network.nodes.size());
  for (fast::RunStats& one : stats) one.count_output = true;
  model::Executor(network).run(model::to_input(network.input, dataset::open_dataset("glyphs")->at(0).pixels), &stats);
  Cover cover;
  for (std::size_t i = 0; i < stats.size(); ++i) add_arithmetic(cover, network.nodes[i].layer, stats[i]);
  for (const Item item : cover.missed()) {
    CAPTURE(std::string(text(item).name));
    CHECK((text(item).group == "tiling" || text(item).group == "stalls"));
  }
  // None of them by a single value: a network that happens to meet a corner once may lose it to another seed.
  for (const Item item :
       {Item::half_up_not_half_away, Item::half_away_not_half_up, Item::double_not_single, Item::clipq_not_trunc,
        Item::trunc_not_clipq, Item::tie, Item::act_min, Item::act_max, Item::left_shift_saturates}) {
    CAPTURE(std::string(text(item).name));
    CHECK(cover.count(item) > 3);
  }
}

}  // namespace
}  // namespace systole::cover
