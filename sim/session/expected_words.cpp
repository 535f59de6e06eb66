// SPDX-License-Identifier: Apache-2.0
#include "sim/session/expected_words.h"

#include <algorithm>

#include "sim/kernel/trace_sink.h"

namespace systole::session {

using sequence::WordBits;
static_assert(std::tuple_size_v<WordBits> == trace::kWords);

namespace {

constexpr int kWordBits = 32 * static_cast<int>(trace::kWords);

void set_bits(WordBits& word, int at, int bits, std::uint32_t value) {
  for (int bit = 0; bit < bits; ++bit) {
    std::uint32_t& part = word.at(static_cast<std::size_t>((at + bit) / 32));
    const std::uint32_t mask = 1U << (at + bit) % 32;
    part = (value >> bit & 1U) != 0 ? part | mask : part & ~mask;
  }
}

}  // namespace

void ExpectedWords::follow(sequence::Bench& bench, LayerRun& run, const op::Tensor& golden) {
  log_.clear();
  for (Stream& stream : streams_) stream.words.clear();
  bench.log(&log_);
  run.on_output([this, &bench, &golden](const sequence::Field& field, int oc, int oh, int ow) {
    add(bench, field, {field.at, field.bits, oc, oh, ow, golden.at(oh, ow, oc)});
  });
}

void ExpectedWords::end(sequence::Bench& bench) {
  bench.log(nullptr);
  for (Stream& stream : streams_) {
    for (std::vector<Output>& outputs : stream.words) std::ranges::sort(outputs, {}, &Output::at);
  }
}

void ExpectedWords::add(const sequence::Bench& bench, const sequence::Field& field, const Output& output) {
  const std::optional<sequence::Origin> origin = log_.at(field.word);
  const sequence::Part* part = origin ? bench.part(origin->part) : nullptr;
  Stream* stream = part != nullptr && output.at + output.bits <= kWordBits ? stream_of(*part) : nullptr;
  if (stream == nullptr) return;
  if (stream->words.size() <= origin->number) stream->words.resize(origin->number + 1);
  std::vector<Output>& outputs = stream->words[origin->number];
  outputs.push_back(output);
  stream->view.values = std::max(stream->view.values, static_cast<int>(outputs.size()));
}

ExpectedWords::Stream* ExpectedWords::stream_of(const sequence::Part& part) {
  const auto found = std::ranges::find(streams_, part.number(), &Stream::part);
  if (found != streams_.end()) return &*found;
  if (streams_.size() == trace::kWordStreams) return nullptr;
  const std::optional<sequence::Shown> shown = part.shown();
  const int bits = shown ? shown->bits : 0;
  return &streams_.emplace_back(
      Stream{.part = part.number(), .view = {.name = part.name(), .bits = bits, .values = 0}, .words = {}});
}

void ExpectedWords::expect(const std::vector<Output>& outputs, trace::ExpectedWord& word) {
  const Output& first = outputs.front();
  word.expects = true;
  word.oc = first.oc;
  word.oh = first.oh;
  word.ow = first.ow;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const Output& output = outputs[i];
    set_bits(word.golden, output.at, output.bits, static_cast<std::uint32_t>(output.golden));
    if (i >= word.values.size()) continue;
    word.values[i] = {sequence::signed_bits(word.rtl, output.at, output.bits), output.golden};
  }
}

void ExpectedWords::update(const sequence::Bench& bench, std::uint64_t time, std::size_t layer) {
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    trace::ExpectedWord& word = shown_[i] = {};
    const Stream& stream = streams_[i];
    const sequence::Part* part = bench.part(stream.part);
    const std::optional<sequence::Shown> shown = part != nullptr ? part->shown() : std::nullopt;
    if (!shown) continue;
    word = {.valid = shown->valid, .number = shown->number, .rtl = shown->word, .golden = shown->word};
    if (shown->number < stream.words.size() && !stream.words[shown->number].empty())
      expect(stream.words[shown->number], word);
    if (word.differs() && !first_difference_) first_difference_ = time;
  }
  scope_.update(time / kernel::kTimePerCycle, layer, {shown_.data(), streams_.size()});
}

std::vector<trace::ViewGroup> ExpectedWords::groups() const {
  std::vector<trace::ViewGroup> groups;
  for (std::size_t i = 0; i < streams_.size(); ++i) groups.push_back(word_group(i, streams_[i].view));
  return groups;
}

}  // namespace systole::session
