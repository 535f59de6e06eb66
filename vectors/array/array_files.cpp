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
#include <ranges>
#include <system_error>
#include <tuple>
#include <utility>

#include "base/input_error.h"
#include "vectors/array/array_format.h"

namespace systole::vectors {
namespace {

namespace fs = std::filesystem;

enum class Role { activation, weight, psum, output };
constexpr std::array<std::string_view, 4> kRoleNames{"activation", "weight", "psum", "output"};
constexpr std::array<long, 4> kKernels{3, 1, 5, 7};  // tried where no name counts kij
constexpr int kMaxIndex = 99'999;
constexpr std::int64_t kMaxPlaces = std::int64_t{1} << 24;  // of (ic tile, oc tile, kij)

/// Numbers that a name gives; -1: not named.
struct Place {
  Role role = Role::activation;
  int ic_tile = -1, oc_tile = -1, kij = -1;
  std::vector<int> bare = {};  ///< numbers without a word, of which one is the kij or the tile
  bool output_stationary = false;
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

/// The number that a bare one stands for: kij of weights and psums, the tile of others.
int& usual_number(Place& place) {
  if (place.role == Role::activation) return place.ic_tile;
  return place.role == Role::output ? place.oc_tile : place.kij;
}

/// `[name]digits` at the front of `text`; false where it is none.
bool take_index(std::string_view& text, Place& place) {
  int* index = nullptr;
  if (take(text, "itile") || take(text, "ictile")) {
    index = &place.ic_tile;
  } else if (take(text, "otile") || take(text, "octile")) {
    index = &place.oc_tile;
  } else if (take(text, "tile")) {
    index = place.role == Role::output ? &place.oc_tile : &place.ic_tile;
  } else if (take(text, "kij") || take(text, "k")) {
    if (place.role != Role::weight && place.role != Role::psum) return false;
    index = &place.kij;
  }
  const std::optional<int> number = take_number(text);
  if (!number) return false;
  if (index != nullptr) {
    *index = *number;
  } else if (!take(text, "ic") && !take(text, "oc")) {  // "_3ic" counts channels
    place.bare.push_back(*number);
  }
  return true;
}

/// A name's words that say nothing of a place.
bool take_remark(std::string_view& text, Place& place) {
  if (take(text, "os") && (text.empty() || text.front() == '_')) return place.output_stationary = true;
  if (take(text, "bin") || take(text, "ws")) return true;
  return place.role == Role::output && (take(text, "relu") || take(text, "pool"));
}

/// What follows the role's word.
bool take_rest(std::string_view rest, Place& place) {
  while (!rest.empty()) {
    const bool parted = take(rest, "_");
    std::string_view remark = rest;
    if (parted && take_remark(remark, place)) {
      rest = remark;
    } else if (!take_index(rest, place)) {
      return false;
    }
  }
  return true;
}

/// `role`: of the folder that the file is in, where it is named as one; the name may then leave it out.
std::optional<Place> parse_name(std::string_view name, std::optional<Role> role = std::nullopt) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  std::string_view rest = lower;
  if (!rest.ends_with(".txt")) return std::nullopt;
  rest.remove_suffix(4);
  const auto* named = std::find_if(kRoleWords.begin(), kRoleWords.end(),
                                   [&rest](const auto& entry) { return rest.starts_with(entry.first); });
  Place place;
  if (named != kRoleWords.end() && (!role || named->second == *role)) {
    place.role = named->second;
    if (take_rest(rest.substr(named->first.size()), place)) return place;
  }
  if (!role) return std::nullopt;
  place = {.role = *role};
  const std::string parted = "_" + std::string(rest);
  return take_rest(parted, place) ? std::optional(place) : std::nullopt;
}

std::string own_name(const Place& p) {
  const int ic_tile = std::max(p.ic_tile, 0), oc_tile = std::max(p.oc_tile, 0);
  switch (p.role) {
    case Role::activation:
      return activation_file(ic_tile);
    case Role::weight:
      return weight_file(ic_tile, oc_tile, p.kij);
    case Role::psum:
      return psum_file(ic_tile, oc_tile, p.kij);
    case Role::output:
      return output_file(oc_tile);
  }
  return {};
}

/// Whether a map of so many pixels leaves so many outputs under a square kernel, pooled or not.
bool has_map(long pixels, long kernel, long outputs) {
  for (long height = kernel; height <= pixels / kernel; ++height) {
    if (pixels % height != 0) continue;
    const long out_h = height - kernel + 1, out_w = pixels / height - kernel + 1;
    for (long size = 1; size <= std::min(out_h, out_w); ++size) {
      if (out_h % size == 0 && out_w % size == 0 && out_h / size * (out_w / size) == outputs) return true;
    }
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
  Reader(const fs::path& folder, const ReadOptions& options) : options_(options) { files_.folder = folder; }

  ArrayFiles read(const ReadProgress& progress) {
    list();
    settle_bare_numbers();
    part_schedules();
    sort();
    load(progress);
    find_schedule();
    require_alike();
    if (files_.output_stationary) return stationary();
    find_sizes();
    place_all();
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
  }

  /// Of two bare numbers the second is no place (`weight_3_16.txt`) unless all names of the kind have the first one, 16
  /// or 32: `weight_16_3.txt`. Nor is such a one that all of them have alone: `psum_16.txt`.
  void settle_bare_numbers() {
    for (const Role role : {Role::activation, Role::weight, Role::psum, Role::output}) {
      std::vector<Place*> places;
      for (Found& f : found_) {
        if (f.place.role == role && !f.place.bare.empty()) places.push_back(&f.place);
      }
      const auto all_alike = [&places](std::size_t at) {
        return std::ranges::all_of(
            places, [&](const Place* p) { return p->bare.size() > at && p->bare[at] == places.front()->bare[at]; });
      };
      const bool other_numbers = std::ranges::any_of(
          found_, [role](const Found& f) { return f.place.role == role && f.place.bare.size() > 1; });
      const bool width =
          !places.empty() && all_alike(0) && (places.front()->bare[0] == 16 || places.front()->bare[0] == 32);
      for (Place* place : places) {
        int& number = usual_number(*place);
        const bool second = place->bare.size() > 1 && width && places.size() > 1;
        const bool nothing = number >= 0 || (width && !second && !other_numbers);
        if (!nothing) number = place->bare[second ? 1 : 0];
      }
    }
  }

  /// Names may say that a file is of an output-stationary set; beside others it is not of this one.
  void part_schedules() {
    const auto stationary = [](const Found& f) { return f.place.output_stationary; };
    const auto some = std::ranges::count_if(found_, stationary);
    if (some == 0) return;
    files_.output_stationary = options_.output_stationary || some == std::ssize(found_);
    if (some == std::ssize(found_)) return;
    const auto other = [&](const Found& f) { return stationary(f) != files_.output_stationary; };
    for (const Found& f : found_) {
      if (other(f)) files_.other_schedule.push_back(f.path.filename().string());
    }
    std::ranges::sort(files_.other_schedule);
    std::erase_if(found_, other);
  }

  void sort() {
    std::sort(found_.begin(), found_.end(), [](const Found& a, const Found& b) {
      const auto key = [](const Found& f) {
        return std::tuple(f.place.role, f.place.ic_tile, f.place.oc_tile, f.place.kij, f.path);
      };
      return key(a) < key(b);
    });
  }

  /// `role`: of the folder that the file is in, where it is named as one.
  void list_file(const fs::path& path, const std::string& name, std::optional<Role> role = std::nullopt) {
    const std::optional<Place> place = parse_name(path.filename().string(), role);
    if (!place) {
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

  /// A time step has a line of activations and one of weights: the names say so, or nothing names a kij and the numbers
  /// of lines are alike. Where a map of so many pixels leaves so many outputs it may be either.
  void find_schedule() {
    const Found* weight = first_of(Role::weight);
    const Found* activation = first_of(Role::activation);
    const Found* output = first_of(Role::output);
    if (files_.output_stationary || options_.taps > 0 || weight == nullptr || activation == nullptr) return;
    if (output == nullptr || first_of(Role::psum) != nullptr) return;
    const bool no_kij = std::ranges::none_of(found_, [](const Found& f) { return f.place.kij >= 0; });
    const auto steps = static_cast<long>(activation->file->size());
    if (!no_kij || std::cmp_not_equal(weight->file->size(), steps)) return;
    const auto outputs = static_cast<long>(output->file->size());
    const auto is_map = [&](long kernel) { return steps % (kernel * kernel) == 0 && has_map(steps, kernel, outputs); };
    files_.output_stationary = options_.output_stationary || std::ranges::none_of(kKernels, is_map);
    files_.maybe_stationary = !files_.output_stationary;
  }

  /// Files of one kind whose names say as much have the width and the number of words that most of them have.
  void require_alike() const {
    const auto kind = [](const Found& f) {
      return std::tuple(f.place.role, f.place.ic_tile < 0, f.place.oc_tile < 0, f.place.kij < 0);
    };
    using Extent = std::pair<std::size_t, std::size_t>;
    const auto extent = [](const Found& f) { return Extent{f.file->size(), f.file->width()}; };
    std::map<decltype(kind(found_.front())), std::map<Extent, int>> counts;
    for (const Found& f : found_) ++counts[kind(f)][extent(f)];
    for (const Found& f : found_) {
      const auto& of_kind = counts.at(kind(f));
      const Extent usual = std::ranges::max_element(of_kind, {}, [](const auto& entry) { return entry.second; })->first;
      if (extent(f) == usual) continue;
      fail(f.path, fmt::format("line {}: {} words of {} characters end here, other {} files have {} of {}",
                               f.file->line(f.file->size() - 1), f.file->size(), f.file->width(),
                               kRoleNames[static_cast<std::size_t>(f.place.role)], usual.first, usual.second));
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
    files_.kij_from_1 = first == 1 && (options_.taps == 0 ? side * side == last : last == options_.taps);
    if (!files_.kij_from_1) return;
    for (Found& f : found_) f.place.kij -= f.place.kij > 0 ? 1 : 0;
  }

  /// Numbers of ic tiles, oc tiles and kij that a file without their numbers is for; 1 where its kind has none.
  struct Cover {
    int ic_tiles = 1, oc_tiles = 1, taps = 1;
    [[nodiscard]] std::size_t places() const {
      return static_cast<std::size_t>(ic_tiles) * static_cast<std::size_t>(oc_tiles) * static_cast<std::size_t>(taps);
    }
  };
  [[nodiscard]] Cover cover(const Place& p) const {
    Cover all;
    const bool per_tap = p.role == Role::weight || p.role == Role::psum;
    if (p.ic_tile < 0 && p.role != Role::output) all.ic_tiles = files_.ic_tiles;
    if (p.oc_tile < 0 && per_tap) all.oc_tiles = files_.oc_tiles;
    if (p.kij < 0 && per_tap) all.taps = files_.taps;
    return all;
  }

  /// Lines of activations for one ic tile; 0 where there are none.
  [[nodiscard]] std::size_t named_pixels() const {
    const Found* activation = first_of(Role::activation);
    return activation == nullptr ? 0 : activation->file->size() / cover(activation->place).places();
  }

  /// Psums of a place in one line become a word for each pixel.
  void cut_psum_lines() {
    const std::size_t pixels = named_pixels();
    for (Found& f : found_) {
      const bool in_lines = f.place.role == Role::psum && f.file->size() == cover(f.place).places() && pixels > 1 &&
                            f.file->width() % pixels == 0;
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
    files_.taps = options_.taps > 0 ? options_.taps : named_taps;
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
    const Found* output = first_of(Role::output);
    const Found* whole = psum != nullptr ? psum : first_of(Role::weight);
    const long words = static_cast<long>(whole->file->size()) / (long{files_.ic_tiles} * files_.oc_tiles);
    const auto named = static_cast<long>(named_pixels());
    for (const long kernel : kKernels) {
      const long taps = kernel * kernel;
      if (words % taps != 0) continue;
      const bool in_lines = psum != nullptr && words == taps && named > 1;
      const long pixels = psum == nullptr || in_lines ? named : words / taps;
      const bool fits_activations = named == 0 || pixels == named;
      const auto outputs = output == nullptr ? 0 : static_cast<long>(output->file->size());
      const bool below = outputs % files_.oc_tiles == 0 && has_map(pixels, kernel, outputs / files_.oc_tiles);
      const bool fits_outputs = outputs == 0 || pixels == 0 || has_map(pixels, kernel, outputs) || below;
      if (fits_activations && fits_outputs) return static_cast<int>(taps);
    }
    fail(whole->path, fmt::format("line {}: {} words fit no number of kij and pixels", whole->file->line(0), words));
  }

  [[nodiscard]] std::size_t index(int ic_tile, int oc_tile, int kij) const {
    return (static_cast<std::size_t>(ic_tile) * static_cast<std::size_t>(files_.oc_tiles) +
            static_cast<std::size_t>(oc_tile)) *
               static_cast<std::size_t>(files_.taps) +
           static_cast<std::size_t>(kij);
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

  void note_name(const Found& f) {
    const Place& p = f.place;
    const bool per_tap = p.role == Role::weight || p.role == Role::psum;
    if ((per_tap && p.kij < 0) || own_name(p) != f.path.filename().string()) files_.own_names = false;
  }

  /// Puts a file's slices into the places they are for. What is there already counts, and is compared with the file.
  void put(const Found& f, std::vector<WordSlice>& slots, const std::vector<std::size_t>& places) {
    note_name(f);
    const std::size_t each = f.file->size() / places.size();
    std::vector<std::string> same;
    std::string differs;
    for (std::size_t i = 0; i < places.size(); ++i) {
      const WordSlice slice{.file = f.file, .first = i * each, .count = each};
      WordSlice& slot = slots[places[i]];
      if (!slot) {
        slot = slice;
        continue;
      }
      same.push_back(slot.file->path().filename().string());
      if (differs.empty()) differs = difference(slot, slice);
    }
    if (same.empty()) return;
    if (!differs.empty()) return files_.contradictions.push_back(differs);
    const std::string last = same.back() == same.front() ? "" : " .. " + same.back();
    files_.doubled.push_back(fmt::format("{} holds the words of {}{}", f.path.filename().string(), same.front(), last));
  }

  /// The places of a file in the slots of its kind.
  [[nodiscard]] std::vector<std::size_t> places(const Place& p) const {
    if (p.role == Role::output) return {static_cast<std::size_t>(std::max(p.oc_tile, 0))};
    const Cover all = cover(p);
    std::vector<std::size_t> found;
    for (int i = 0; i < all.ic_tiles; ++i) {
      const int ic_tile = std::max(p.ic_tile, 0) + i;
      if (p.role == Role::activation) {
        found.push_back(static_cast<std::size_t>(ic_tile));
        continue;
      }
      for (int o = 0; o < all.oc_tiles; ++o) {
        for (int k = 0; k < all.taps; ++k) {
          found.push_back(index(ic_tile, std::max(p.oc_tile, 0) + o, std::max(p.kij, 0) + k));
        }
      }
    }
    return found;
  }

  /// Files for fewer places come first, or last.
  void place(Role role, std::vector<WordSlice>& slots, std::size_t count) {
    if (first_of(role) == nullptr) return;
    slots.resize(count);
    std::vector<std::pair<const Found*, std::vector<std::size_t>>> files;
    for (const Found& f : found_) {
      if (f.place.role != role) continue;
      files.emplace_back(&f, places(f.place));
      if (f.file->size() % files.back().second.size() == 0) continue;
      fail(f.path, fmt::format("line {}: {} words end here, expected a multiple of {} for {} ic tiles, {} oc tiles and "
                               "{} kij",
                               f.file->line(f.file->size() - 1), f.file->size(), files.back().second.size(),
                               files_.ic_tiles, files_.oc_tiles, files_.taps));
    }
    const auto named = [](const auto& entry) {
      const Place& p = entry.first->place;
      return std::pair(entry.second.size(), (p.ic_tile < 0) + (p.oc_tile < 0) + (p.kij < 0));
    };
    std::ranges::stable_sort(files, {}, named);
    if (options_.all_in_one_counts) std::ranges::reverse(files);
    for (const auto& [file, at] : files) put(*file, slots, at);
  }

  void place_all() {
    const auto ic_tiles = static_cast<std::size_t>(files_.ic_tiles),
               oc_tiles = static_cast<std::size_t>(files_.oc_tiles);
    const std::size_t tiles = ic_tiles * oc_tiles * static_cast<std::size_t>(files_.taps);
    place(Role::activation, files_.activation, ic_tiles);
    place(Role::weight, files_.weight, tiles);
    place(Role::psum, files_.psum, tiles);
    place(Role::output, files_.output, oc_tiles);
  }

  /// A file for each tile of pixels, one for each oc tile, outputs as there are tiles of either.
  ArrayFiles stationary() {
    const auto tiles_of = [this](Role role, int Place::*tile) {
      int tiles = 1;
      for (const Found& f : found_) tiles = f.place.role == role ? std::max(tiles, f.place.*tile + 1) : tiles;
      return tiles;
    };
    const int pixel_tiles = tiles_of(Role::activation, &Place::ic_tile);
    const int outputs = tiles_of(Role::output, &Place::oc_tile);
    files_.taps = 1;
    files_.oc_tiles = tiles_of(Role::weight, &Place::oc_tile);
    if (outputs != 1 && outputs != (pixel_tiles > 1 ? pixel_tiles : files_.oc_tiles)) {
      fail(files_.folder,
           fmt::format("output-stationary: expected outputs of {} tiles of pixels and {} oc tiles in one "
                       "file or one for each, found {} files",
                       pixel_tiles, files_.oc_tiles, outputs));
    }
    if (files_.oc_tiles > 1 && (pixel_tiles > 1 || outputs == 1)) {
      fail(files_.folder,
           "output-stationary: expected several tiles of pixels or several oc tiles with a file of "
           "outputs each; give each oc tile a folder of its own");
    }
    for (const Found& f : found_) {
      const bool per_tap = f.place.role == Role::psum || f.place.kij >= 0;
      if (per_tap) fail(f.path, "output-stationary: expected activations, weights and outputs, a line a time step");
    }
    place(Role::activation, files_.activation, static_cast<std::size_t>(pixel_tiles));
    place(Role::weight, files_.weight, static_cast<std::size_t>(files_.oc_tiles));
    place(Role::output, files_.output, static_cast<std::size_t>(outputs));
    require_all(Role::activation, files_.activation);
    require_all(Role::weight, files_.weight);
    require_all(Role::output, files_.output);
    const WordSlice& activation = files_.activation.at(0);
    const WordSlice& weight = files_.weight.at(0);
    if (activation.count != weight.count) {
      fail(activation.file->path(),
           fmt::format("line {}: {} words end here, {} has {}: expected one of each for every time step",
                       activation.file->line(activation.count - 1), activation.count,
                       weight.file->path().filename().string(), weight.count));
    }
    return std::move(files_);
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
    Place place{.role = role, .ic_tile = at, .oc_tile = at};
    if (role == Role::weight) {
      place = {.role = role,
               .ic_tile = at / files_.taps / files_.oc_tiles,
               .oc_tile = at / files_.taps % files_.oc_tiles,
               .kij = at % files_.taps};
    }
    fail(files_.folder, fmt::format("{} (or the same under another name) is missing", own_name(place)));
  }

  ReadOptions options_;
  std::uintmax_t bytes_ = 0;
  ArrayFiles files_;
  std::vector<Found> found_;
};

}  // namespace

std::string WordSlice::place(std::size_t i) const {
  return fmt::format("{} line {}", file->path().filename().string(), file->line(first + i));
}

bool is_array_file(std::string_view name) { return parse_name(name).has_value(); }

ArrayFiles read_array_files(const fs::path& folder, const ReadOptions& options, const ReadProgress& progress) {
  return Reader(folder, options).read(progress);
}

}  // namespace systole::vectors
