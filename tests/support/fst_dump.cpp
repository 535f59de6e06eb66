// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fst_dump.h"

#include <gtkwave/fstapi.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>

namespace systole::test {
namespace {

using Reader = std::unique_ptr<void, void (*)(void*)>;

Reader open(const std::filesystem::path& file) {
  Reader reader(fstReaderOpen(file.c_str()), fstReaderClose);
  if (!reader) throw std::runtime_error(file.string() + ": no FST dump");
  return reader;
}

std::map<std::string, fstHandle> handles_of(void* reader) {
  std::map<std::string, fstHandle> handles;
  std::vector<std::string> scopes;
  while (const fstHier* item = fstReaderIterateHier(reader)) {
    if (item->htyp == FST_HT_SCOPE) scopes.emplace_back(item->u.scope.name);
    if (item->htyp == FST_HT_UPSCOPE) scopes.pop_back();
    if (item->htyp != FST_HT_VAR) continue;
    std::string name;
    for (const std::string& scope : scopes) name += scope + '.';
    const std::string own = item->u.var.name;
    handles.emplace(name + own.substr(0, own.find(' ')), item->u.var.handle);
  }
  return handles;
}

struct Walk {
  std::map<fstHandle, std::size_t> places;
  std::vector<std::uint64_t> values;
  std::optional<std::uint64_t> now;
  const std::function<void(std::uint64_t, const std::vector<std::uint64_t>&)>& at_time;

  void flush() {
    if (now) at_time(*now, values);
  }
};

void change(void* data, std::uint64_t time, fstHandle handle, const unsigned char* bits) {
  Walk& walk = *static_cast<Walk*>(data);
  if (walk.now != time) walk.flush();
  walk.now = time;
  std::uint64_t& value = walk.values[walk.places.at(handle)];
  value = 0;
  for (const unsigned char* bit = bits; *bit != 0; ++bit) value = value << 1 | static_cast<std::uint64_t>(*bit == '1');
}

}  // namespace

void read_fst(const std::filesystem::path& file, const std::vector<std::string>& signals,
              const std::function<void(std::uint64_t, const std::vector<std::uint64_t>&)>& at_time) {
  const Reader reader = open(file);
  const std::map<std::string, fstHandle> handles = handles_of(reader.get());
  Walk walk{.places = {}, .values = std::vector<std::uint64_t>(signals.size()), .now = {}, .at_time = at_time};
  fstReaderClrFacProcessMaskAll(reader.get());
  for (std::size_t i = 0; i < signals.size(); ++i) {
    const auto found = handles.find(signals[i]);
    if (found == handles.end()) throw std::runtime_error(file.string() + ": has no signal " + signals[i]);
    walk.places[found->second] = i;
    fstReaderSetFacProcessMask(reader.get(), found->second);
  }
  fstReaderIterBlocks(reader.get(), change, &walk, nullptr);
  walk.flush();
}

std::vector<std::string> signals_of_fst(const std::filesystem::path& file) {
  std::vector<std::string> names;
  for (const auto& [name, handle] : handles_of(open(file).get())) names.push_back(name);
  return names;
}

}  // namespace systole::test
