// SPDX-License-Identifier: Apache-2.0
#include "vectors/array/array_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <system_error>
#include <utility>

#include "base/input_error.h"
#include "vectors/array/array_format.h"

namespace systole::vectors {
namespace {

namespace fs = std::filesystem;

enum class Role { activation, weight, psum, output };
constexpr std::array<std::string_view, 4> kRoleNames{"activation", "weight", "psum", "output"};
constexpr int kMaxIndex = 99'999;
constexpr std::int64_t kMaxPlaces = std::int64_t{1} << 24;  // of (ic tile, oc tile, kij)

struct Place {
  Role role = Role::activation;
  int ic_tile = 0, oc_tile = 0;
  int kij = -1;  ///< -1: not named
};

/// Longer words first, so that none hides behind its own beginning.
constexpr std::array<std::pair<std::string_view, Role>, 14> kRoleWords{{{"activations", Role::activation},
                                                                        {"activation", Role::activation},
                                                                        {"weights", Role::weight},
                                                                        {"outputs", Role::output},
                                                                        {"inputs", Role::activation},
                                                                        {"output", Role::output},
                                                                        {"weight", Role::weight},
                                                                        {"input", Role::activation},
                                                                        {"psums", Role::psum},
                                                                        {"psum", Role::psum},
                                                                        {"act", Role::activation},
                                                                        {"wgt", Role::weight},
                                                                        {"out", Role::output},
                                                                        {"in", Role::activation}}};

/// Cuts `prefix` off the front of `text`.
bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

std::optional<int> take_number(std::string_view& text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end == text.data() || value < 0 || value > kMaxIndex) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

/// The number that `[_][name]digits` at the front of `text` sets; null where it is none.
int* take_index(std::string_view& text, Place& place) {
  take(text, "_");
  const bool per_tap = place.role == Role::weight || place.role == Role::psum;
  int& tile = place.role == Role::output ? place.oc_tile : place.ic_tile;
  if (take(text, "itile") || take(text, "ictile")) return &place.ic_tile;
  if (take(text, "otile") || take(text, "octile")) return &place.oc_tile;
  if (take(text, "tile")) return &tile;
  if (take(text, "kij") || take(text, "k")) return per_tap ? &place.kij : nullptr;
  return per_tap ? &place.kij : &tile;
}

std::optional<Place> parse_name(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  std::string_view rest = lower;
  if (!rest.ends_with(".txt")) return std::nullopt;
  rest.remove_suffix(4);
  const auto* role = std::find_if(kRoleWords.begin(), kRoleWords.end(),
                                  [&rest](const auto& entry) { return rest.starts_with(entry.first); });
  if (role == kRoleWords.end()) return std::nullopt;
  rest.remove_prefix(role->first.size());
  Place place{.role = role->second};
  while (!rest.empty()) {
    if (take(rest, "_bin") || (place.role == Role::output && take(rest, "_relu"))) continue;
    int* index = take_index(rest, place);
    const std::optional<int> number = take_number(rest);
    if (index == nullptr || !number) return std::nullopt;
    *index = *number;
  }
  return place;
}

std::string own_name(const Place& p) {
  switch (p.role) {
    case Role::activation:
      return activation_file(p.ic_tile);
    case Role::weight:
      return weight_file(p.ic_tile, p.oc_tile, p.kij);
    case Role::psum:
      return psum_file(p.ic_tile, p.oc_tile, p.kij);
    case Role::output:
      return output_file(p.oc_tile);
  }
  return {};
}

/// Whether a map of so many pixels leaves so many outputs under a square kernel.
bool has_map(long pixels, long kernel, long outputs) {
  for (long height = kernel; height <= pixels / kernel; ++height) {
    if (pixels % height == 0 && (height - kernel + 1) * (pixels / height - kernel + 1) == outputs) return true;
  }
  return false;
}

struct Found {
  Place place;
  fs::path path;
  std::shared_ptr<const WordFile> file;
};

/// Collects a folder into ArrayFiles, step by step.
class Reader {
 public:
  Reader(const fs::path& folder, int taps) : taps_(taps) { files_.folder = folder; }

  ArrayFiles read(const ReadProgress& progress) {
    list();
    load(progress);
    require_alike();
    find_sizes();
    place_activations();
    place_per_tap(Role::weight, files_.weight);
    place_per_tap(Role::psum, files_.psum);
    place_outputs();
    require_complete();
    return std::move(files_);
  }

 private:
  [[noreturn]] static void fail(const fs::path& file, std::string_view problem) {
    throw base::InputError(file.string(), "", problem);
  }

  void list() {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(files_.folder, error)) {
      const std::string name = entry.path().filename().string();
      const std::optional<Place> kind = entry.is_directory() ? parse_name(name + ".txt") : std::nullopt;
      if (!kind) {
        list_file(entry.path(), name);
        continue;
      }
      std::error_code inner;
      for (const auto& file : fs::directory_iterator(entry.path(), inner)) {
        list_file(file.path(), name + "/" + file.path().filename().string(), kind->role);
      }
      if (inner) fail(entry.path(), fmt::format("cannot be read: {}", inner.message()));
    }
    if (error) fail(files_.folder, fmt::format("cannot be read: {}", error.message()));
    if (found_.empty())
      fail(files_.folder, "expected files of an array set, found none; npy and readmemh sets need their manifest.json");
    std::sort(files_.unread.begin(), files_.unread.end());
    std::sort(found_.begin(), found_.end(), [](const Found& a, const Found& b) {
      const auto key = [](const Found& f) {
        return std::tuple(f.place.role, f.place.ic_tile, f.place.oc_tile, f.place.kij, f.path);
      };
      return key(a) < key(b);
    });
  }

  /// `role`: of the folder that the file is in, where it is named as one.
  void list_file(const fs::path& path, const std::string& name, std::optional<Role> role = std::nullopt) {
    const std::optional<Place> place = parse_name(path.filename().string());
    if (!place || (role && place->role != *role)) {
      files_.unread.push_back(name);
      return;
    }
    found_.push_back({.place = *place, .path = path, .file = nullptr});
    std::error_code ignored;
    const std::uintmax_t size = fs::file_size(path, ignored);
    bytes_ += ignored ? 0 : size;
    if (found_.size() > kMaxSetFiles || bytes_ > kMaxSetBytes) {
      fail(files_.folder, fmt::format("expected at most {} files of {} bytes together", kMaxSetFiles, kMaxSetBytes));
    }
  }

  void load(const ReadProgress& progress) {
    for (std::size_t i = 0; i < found_.size(); ++i) {
      auto file = std::make_shared<const WordFile>(found_[i].path);
      (file->has_header() ? files_.headers : files_.no_headers) = true;
      files_.blank_lines = files_.blank_lines || file->has_blank_lines();
      files_.crlf = files_.crlf || file->has_crlf();
      found_[i].file = std::move(file);
      if (progress) progress(i + 1, found_.size());
    }
    files_.files = static_cast<int>(found_.size());
  }

  /// One file for all kij.
  static bool is_whole(const Place& place) {
    return place.kij < 0 && (place.role == Role::weight || place.role == Role::psum);
  }

  /// Files of one kind have the width and the number of words that most of them have; those for all kij are a kind.
  void require_alike() {
    for (const Role role : {Role::activation, Role::weight, Role::psum, Role::output}) {
      for (const bool whole : {false, true}) require_alike(role, whole);
    }
  }

  void require_alike(Role role, bool whole) {
    using Extent = std::pair<std::size_t, std::size_t>;
    std::map<Extent, int> counts;
    const auto extent = [](const Found& f) { return Extent{f.file->size(), f.file->width()}; };
    const auto of_kind = [&](const Found& f) { return f.place.role == role && is_whole(f.place) == whole; };
    for (const Found& f : found_) {
      if (of_kind(f)) ++counts[extent(f)];
    }
    if (counts.empty()) return;
    const Extent usual = std::max_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) {
                           return a.second < b.second;
                         })->first;
    for (const Found& f : found_) {
      if (!of_kind(f) || extent(f) == usual) continue;
      fail(f.path, fmt::format("line {}: {} words of {} characters end here, other {} files have {} of {}",
                               f.file->line(f.file->size() - 1), f.file->size(), f.file->width(),
                               kRoleNames[static_cast<std::size_t>(role)], usual.first, usual.second));
    }
  }

  [[nodiscard]] const Found* first_of(Role role) const {
    const auto at = std::find_if(found_.begin(), found_.end(), [role](const Found& f) { return f.place.role == role; });
    return at == found_.end() ? nullptr : &*at;
  }

  /// Names of weights and psums that count 1 .. n where n is the number of kij of a square kernel.
  void count_kij_from_0() {
    int first = kMaxIndex, last = -1;
    for (const Found& f : found_) {
      if (f.place.kij < 0) continue;
      first = std::min(first, f.place.kij);
      last = std::max(last, f.place.kij);
    }
    const int side = last > 0 ? static_cast<int>(std::lround(std::sqrt(last))) : 0;
    files_.kij_from_1 = first == 1 && (taps_ == 0 ? side * side == last : last == taps_);
    if (!files_.kij_from_1) return;
    for (Found& f : found_) f.place.kij -= f.place.kij > 0 ? 1 : 0;
  }

  /// Psums of a kij in one line become a word for each pixel.
  void cut_psum_lines() {
    const Found* activation = first_of(Role::activation);
    const std::size_t pixels = activation == nullptr ? 0 : activation->file->size();
    for (Found& f : found_) {
      const auto taps = static_cast<std::size_t>(files_.taps);
      const bool in_lines = is_whole(f.place) && f.place.role == Role::psum && f.file->size() == taps &&
                            pixels > taps && f.file->width() % pixels == 0;
      if (!in_lines) continue;
      f.file = std::make_shared<const WordFile>(f.file->cut(pixels));
      files_.psum_in_lines = true;
    }
  }

  void find_sizes() {
    count_kij_from_0();
    int named_taps = 0;
    for (Found& f : found_) {
      files_.ic_tiles = std::max(files_.ic_tiles, f.place.ic_tile + 1);
      files_.oc_tiles = std::max(files_.oc_tiles, f.place.oc_tile + 1);
      named_taps = std::max(named_taps, f.place.kij + 1);
    }
    for (Found& f : found_) {
      if (f.place.role == Role::psum && f.place.kij < 0) files_.psum_in_one = true;
    }
    files_.taps = taps_ > 0 ? taps_ : named_taps;
    const bool in_one = files_.psum_in_one || first_of(Role::weight) != nullptr;
    if (files_.taps == 0) files_.taps = in_one ? taps_of_one_file() : 1;
    cut_psum_lines();
    if (named_taps > files_.taps) {
      fail(files_.folder, fmt::format("kij {}: expected 0 .. {} by manifest.json", named_taps - 1, files_.taps - 1));
    }
    if (std::int64_t{files_.ic_tiles} * files_.oc_tiles * files_.taps > kMaxPlaces) {
      fail(files_.folder, fmt::format("{} ic tiles, {} oc tiles and {} kij are too many", files_.ic_tiles,
                                      files_.oc_tiles, files_.taps));
    }
  }

  /// Number of kij where one file of psums (else of weights) holds them all and no name tells: of the square kernels,
  /// 3x3 first, the one that leaves the activations' number of pixels, and a map with as many outputs as there are.
  [[nodiscard]] int taps_of_one_file() const {
    const Found* psum = first_of(Role::psum);
    const Found* activation = first_of(Role::activation);
    const Found* output = first_of(Role::output);
    const Found* whole = psum != nullptr ? psum : first_of(Role::weight);
    const auto words = static_cast<long>(whole->file->size());
    for (const long kernel : {3L, 1L, 5L, 7L}) {
      const long taps = kernel * kernel;
      if (words % taps != 0) continue;
      const long named = activation == nullptr ? 0 : static_cast<long>(activation->file->size());
      const long pixels = psum != nullptr ? words / taps : named;
      const bool fits_activations = activation == nullptr || pixels == named;
      const bool fits_outputs =
          output == nullptr || pixels == 0 || has_map(pixels, kernel, static_cast<long>(output->file->size()));
      if (fits_activations && fits_outputs) return static_cast<int>(taps);
    }
    fail(whole->path, fmt::format("line {}: {} words fit no number of kij and pixels", whole->file->line(0), words));
  }

  [[nodiscard]] std::size_t index(const Place& p) const {
    return (static_cast<std::size_t>(p.ic_tile) * static_cast<std::size_t>(files_.oc_tiles) +
            static_cast<std::size_t>(p.oc_tile)) *
               static_cast<std::size_t>(files_.taps) +
           static_cast<std::size_t>(std::max(p.kij, 0));
  }

  /// The first line in which two slices for one place differ, or what else does.
  static std::string difference(const WordSlice& a, const WordSlice& b) {
    if (a.count != b.count || a.file->width() != b.file->width()) {
      return fmt::format("{} has {} words of {} characters, {} {} of {}", a.place(0), a.count, a.file->width(),
                         b.place(0), b.count, b.file->width());
    }
    for (std::size_t i = 0; i < a.count; ++i) {
      if (a.word(i) != b.word(i)) return fmt::format("{} and {} differ", a.place(i), b.place(i));
    }
    return {};
  }

  /// What comes first counts.
  void put(WordSlice& slot, const Found& f, std::size_t first, std::size_t count) {
    const WordSlice slice{.file = f.file, .first = first, .count = count};
    if (!slot) {
      slot = slice;
      return;
    }
    const auto name = [](const WordSlice& s) { return s.file->path().filename().string(); };
    const std::string differs = difference(slot, slice);
    auto& list = differs.empty() ? files_.doubled : files_.contradictions;
    std::string text = differs.empty() ? fmt::format("{} holds the words of {}", name(slice), name(slot)) : differs;
    const std::string same = name(slice) + " holds";  // said once of a file for all kij
    const bool said = differs.empty() && !list.empty() && list.back().starts_with(same);
    if (!said) list.push_back(std::move(text));
  }

  void note_name(const Found& f) {
    const Place& place = f.place;
    if (is_whole(place) || own_name(place) != f.path.filename().string()) files_.own_names = false;
  }

  void place_activations() {
    if (first_of(Role::activation) == nullptr) return;
    files_.activation.resize(static_cast<std::size_t>(files_.ic_tiles));
    for (const Found& f : found_) {
      if (f.place.role != Role::activation) continue;
      put(files_.activation[static_cast<std::size_t>(f.place.ic_tile)], f, 0, f.file->size());
      note_name(f);
    }
  }

  void place_outputs() {
    if (first_of(Role::output) == nullptr) return;
    files_.output.resize(static_cast<std::size_t>(files_.oc_tiles));
    for (const Found& f : found_) {
      if (f.place.role != Role::output) continue;
      put(files_.output[static_cast<std::size_t>(f.place.oc_tile)], f, 0, f.file->size());
      note_name(f);
    }
  }

  void place_per_tap(Role role, std::vector<WordSlice>& slots) {
    if (first_of(role) == nullptr) return;
    slots.resize(static_cast<std::size_t>(files_.ic_tiles) * static_cast<std::size_t>(files_.oc_tiles) *
                 static_cast<std::size_t>(files_.taps));
    for (const Found& f : found_) {
      if (f.place.role != role || f.place.kij < 0) continue;
      note_name(f);
      put(slots[index(f.place)], f, 0, f.file->size());
    }
    for (const Found& f : found_) {
      if (f.place.role != role || f.place.kij >= 0) continue;
      note_name(f);
      place_all_taps(f, slots);
    }
  }

  /// One file with the words of all kij one after another.
  void place_all_taps(const Found& f, std::vector<WordSlice>& slots) {
    const auto taps = static_cast<std::size_t>(files_.taps);
    if (f.file->size() % taps != 0) {
      fail(f.path, fmt::format("line {}: {} words end here, expected a multiple of {} kij",
                               f.file->line(f.file->size() - 1), f.file->size(), taps));
    }
    const std::size_t each = f.file->size() / taps;
    for (std::size_t kij = 0; kij < taps; ++kij) put(slots[index(f.place) + kij], f, kij * each, each);
  }

  void require_complete() const {
    require_all(Role::activation, files_.activation);
    require_all(Role::weight, files_.weight);
    const auto first_psum =
        std::find_if(files_.psum.begin(), files_.psum.end(), [](const WordSlice& s) { return bool{s}; });
    if (files_.activation.empty() || first_psum == files_.psum.end()) return;
    const WordSlice& activation = files_.activation.front();
    if (first_psum->count == activation.count) return;
    const auto last_line = [](const WordSlice& s) { return s.file->line(s.first + s.count - 1); };
    fail(activation.file->path(),
         fmt::format("line {}: {} words end here, but {} ends at line {} with {} words a kij: expected one word per "
                     "padded pixel in both",
                     last_line(activation), activation.count, first_psum->file->path().filename().string(),
                     first_psum->file->line(first_psum->file->size() - 1), first_psum->count));
  }

  void require_all(Role role, const std::vector<WordSlice>& slots) const {
    const auto missing = std::find_if(slots.begin(), slots.end(), [](const WordSlice& s) { return !s; });
    if (missing == slots.end()) return;
    const auto at = static_cast<int>(missing - slots.begin());
    Place place{.role = role, .ic_tile = at};
    if (role == Role::weight) {
      place = {.role = role,
               .ic_tile = at / files_.taps / files_.oc_tiles,
               .oc_tile = at / files_.taps % files_.oc_tiles,
               .kij = at % files_.taps};
    }
    fail(files_.folder, fmt::format("{} (or the same under another name) is missing", own_name(place)));
  }

  int taps_;
  std::uintmax_t bytes_ = 0;
  ArrayFiles files_;
  std::vector<Found> found_;
};

}  // namespace

std::string WordSlice::place(std::size_t i) const {
  return fmt::format("{} line {}", file->path().filename().string(), file->line(first + i));
}

bool is_array_file(std::string_view name) { return parse_name(name).has_value(); }

ArrayFiles read_array_files(const fs::path& folder, int taps, const ReadProgress& progress) {
  return Reader(folder, taps).read(progress);
}

}  // namespace systole::vectors
