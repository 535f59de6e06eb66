// vectors/array_files, word_file, array_set: a folder of text files. The input holds them one after another with a zero
// byte between; a file's first line is its name.
#include <string>

#include "tests/fuzz/harness.h"
#include "vectors/array_set.h"

namespace {

using systole::fuzz::Bytes;

/// A name that stays in its folder.
std::string name_of(std::string_view line) {
  std::string name(line.substr(0, 64));
  for (char& c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
    if (!plain) c = 'x';
  }
  return name.find_first_not_of('.') == std::string::npos ? "x" + name : name;
}

std::filesystem::path write_set(Bytes bytes) {
  std::filesystem::path set = systole::fuzz::folder() / "set";
  std::filesystem::remove_all(set);
  std::filesystem::create_directories(set);
  while (!bytes.empty()) {
    const systole::fuzz::TwoParts parts = systole::fuzz::split_at_zero(bytes);
    const std::string_view text = systole::fuzz::text_of(parts.text);
    const std::size_t end = std::min(text.find('\n'), text.size());
    systole::fuzz::write_file("set/" + name_of(text.substr(0, end)),
                              parts.text.subspan(std::min(text.size(), end + 1)));
    bytes = parts.rest;
  }
  return set;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace systole;
  const std::filesystem::path set = write_set({data, size});
  fuzz::accepted([&] {
    const vectors::ArrayFiles files = vectors::read_array_files(set);
    const std::vector<vectors::ArrayLayout> layouts = vectors::array_layouts(files);
    if (layouts.empty()) fuzz::fail("a set without a layout is refused");
    static_cast<void>(vectors::decode(files, layouts.front()));
    static_cast<void>(vectors::decode(files, layouts.back()));
  });
  return 0;
}
