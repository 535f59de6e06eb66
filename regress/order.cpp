// SPDX-License-Identifier: Apache-2.0
#include "regress/order.h"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <string>
#include <tuple>
#include <utility>

namespace systole::regress {
namespace {

struct Mean {
  double sum = 0;
  std::size_t count = 0;
  void add(double value) {
    sum += value;
    ++count;
  }
  [[nodiscard]] double value() const { return count == 0 ? 0 : sum / static_cast<double>(count); }
};

std::pair<std::string, std::string> likeness(const Job& job) { return {job.at[Axis::network] + job.at[Axis::vectors], job.at[Axis::design]}; }

constexpr int kFailed = 0, kChangedOrNew = 1, kPassedAsItIs = 2;

int rank_of(const Job& job, const Known& known) {
  const auto before = known.find(job.key);
  if (before == known.end()) return kChangedOrNew;
  if (is_wrong(before->second.verdict)) return kFailed;
  return before->second.id == job.id ? kPassedAsItIs : kChangedOrNew;
}

/// What a job runs, whatever its seed and images.
std::array<std::string, kAxes> combination_of(const Job& job) {
  Point at = job.at;
  at[Axis::seed].clear();
  at[Axis::images].clear();
  return at.values;
}

/// Of jobs in that order: how many of its combination and rank come before each. Those that passed as they are have
/// nothing new to say: all 0.
std::vector<std::size_t> rounds_of(std::span<const Job> jobs, std::span<const std::size_t> order,
                                   std::span<const int> rank) {
  std::map<std::pair<int, std::array<std::string, kAxes>>, std::size_t> before;
  std::vector<std::size_t> rounds(jobs.size());
  for (const std::size_t i : order) {
    if (rank[i] != kPassedAsItIs) rounds[i] = before[{rank[i], combination_of(jobs[i])}]++;
  }
  return rounds;
}

}  // namespace

std::vector<double> expected_seconds(std::span<const Job> jobs, const Known& known) {
  std::map<std::pair<std::string, std::string>, Mean> alike;
  Mean all;
  for (const Job& job : jobs) {
    const auto before = known.find(job.key);
    if (before == known.end()) continue;
    alike[likeness(job)].add(before->second.seconds);
    all.add(before->second.seconds);
  }
  std::vector<double> seconds;
  seconds.reserve(jobs.size());
  for (const Job& job : jobs) {
    const auto before = known.find(job.key);
    const auto like = alike.find(likeness(job));
    seconds.push_back(before != known.end() ? before->second.seconds
                      : like != alike.end() ? like->second.value()
                                            : all.value());
  }
  return seconds;
}

double expected_duration(std::span<const Job> jobs, const Known& known, int workers) {
  const std::vector<double> seconds = expected_seconds(jobs, known);
  const double sum = std::accumulate(seconds.begin(), seconds.end(), 0.0);
  return seconds.empty() ? 0 : std::max(sum / workers, *std::ranges::max_element(seconds));
}

std::vector<std::size_t> order_of(std::span<const Job> jobs, const Known& known) {
  const std::vector<double> seconds = expected_seconds(jobs, known);
  std::vector<std::size_t> order(jobs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::vector<int> rank(jobs.size());
  for (std::size_t i = 0; i < jobs.size(); ++i) rank[i] = rank_of(jobs[i], known);
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return std::tuple(rank[i], -seconds[i]); });
  const std::vector<std::size_t> round = rounds_of(jobs, order, rank);
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return std::tuple(rank[i], round[i]); });
  // The n-th job of a block has its turn at (n + 1/2) / weight.
  std::map<std::pair<int, std::size_t>, double> taken;
  std::vector<double> turn(jobs.size());
  for (const std::size_t i : order) turn[i] = (taken[{rank[i], jobs[i].block}]++ + 0.5) / jobs[i].weight;
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return std::tuple(rank[i], turn[i]); });
  return order;
}

}  // namespace systole::regress
