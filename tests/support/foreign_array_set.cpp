// SPDX-License-Identifier: Apache-2.0
#include "tests/support/foreign_array_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <utility>
#include <vector>

namespace systole::test {
namespace {

/// [line][field], field 0 on the right of a word.
using Words = std::vector<std::vector<long>>;

std::string binary(long value, int bits) {
  std::string text;
  for (int bit = bits - 1; bit >= 0; --bit) text += (value >> bit & 1) != 0 ? '1' : '0';
  return text;
}

class Writer {
 public:
  Writer(std::filesystem::path folder, const ForeignStyle& style, Draw& draw)
      : folder_(std::move(folder)), style_(style), draw_(draw) {}

  void write() {
    draw_operands();
    for (int i = 0; i < style_.ic_tiles; ++i)
      write_words(activation_name(i), activations_[at(i)], style_.act_bits, "row");
    std::vector<Words> outputs(at(style_.oc_tiles),
                               Words(at(out_h() * out_w()), std::vector<long>(at(style_.cols), 0)));
    for (int i = 0; i < style_.ic_tiles; ++i) {
      for (int o = 0; o < style_.oc_tiles; ++o) write_tile(i, o, outputs[at(o)]);
    }
    if (!style_.outputs) return;
    for (Words& output : outputs) {
      if (style_.relu) clamp(output);
      if (style_.pool > 1) output = pooled(output);
    }
    if (style_.outputs_in_one) join(outputs);
    for (std::size_t o = 0; o < outputs.size(); ++o) {
      Words& output = outputs[o];
      if (style_.outputs_low_first) {
        for (auto& line : output) std::reverse(line.begin(), line.end());
      }
      write_words(output_name(static_cast<int>(o)), output, style_.psum_bits, "col");
    }
  }

 private:
  static std::size_t at(int i) { return static_cast<std::size_t>(i); }
  [[nodiscard]] int out_h() const { return style_.padded_h - style_.kernel + 1; }
  [[nodiscard]] int out_w() const { return style_.padded_w - style_.kernel + 1; }
  [[nodiscard]] int pixels() const { return style_.padded_h * style_.padded_w; }

  static void clamp(Words& words) {
    for (auto& line : words) {
      for (long& value : line) value = std::max(value, 0L);
    }
  }

  /// Windows of the output map, each one line.
  [[nodiscard]] Words pooled(const Words& map) const {
    Words lines;
    for (int y = 0; y < out_h(); y += style_.pool) {
      for (int x = 0; x < out_w(); x += style_.pool) {
        std::vector<long> sum(at(style_.cols), 0), most = map[at(y * out_w() + x)];
        for (int dy = 0; dy < style_.pool; ++dy) {
          for (int dx = 0; dx < style_.pool; ++dx) {
            for (std::size_t c = 0; c < sum.size(); ++c) {
              const long value = map[at((y + dy) * out_w() + x + dx)][c];
              sum[c] += value;
              most[c] = std::max(most[c], value);
            }
          }
        }
        for (long& value : sum) value /= long{style_.pool} * style_.pool;
        lines.push_back(style_.pool_average ? sum : most);
      }
    }
    return lines;
  }

  /// One word of all tiles for each pixel, or the words of all tiles.
  void join(std::vector<Words>& tiles) const {
    if (style_.tiles_reversed) std::reverse(tiles.begin(), tiles.end());
    for (std::size_t o = 1; style_.tiles_below && o < tiles.size(); ++o)
      tiles[0].insert(tiles[0].end(), tiles[o].begin(), tiles[o].end());
    if (style_.tiles_below) return tiles.resize(1);
    for (std::size_t o = 1; o < tiles.size(); ++o) {
      for (std::size_t p = 0; p < tiles[0].size(); ++p) {
        tiles[0][p].insert(tiles[0][p].end(), tiles[o][p].begin(), tiles[o][p].end());
      }
    }
    tiles.resize(1);
  }

  [[nodiscard]] bool on_border(int pixel) const {
    const int border = (style_.kernel - 1) / 2;
    const int y = pixel / style_.padded_w;
    const int x = pixel % style_.padded_w;
    return y < border || x < border || y >= style_.padded_h - border || x >= style_.padded_w - border;
  }

  void draw_operands() {
    for (int i = 0; i < style_.ic_tiles; ++i) {
      Words tile(at(pixels()), std::vector<long>(at(style_.rows), 0));
      for (int p = 0; p < pixels(); ++p) {
        for (long& value : tile[at(p)]) value = on_border(p) ? 0 : draw_.between(1, (1 << style_.act_bits) - 1);
      }
      activations_.push_back(std::move(tile));
    }
    const int largest = (1 << (style_.wgt_bits - 1)) - 1;
    for (int w = 0; w < style_.ic_tiles * style_.oc_tiles * style_.kernel * style_.kernel; ++w) {
      Words weight(at(style_.cols), std::vector<long>(at(style_.rows), 0));
      for (auto& line : weight) {
        for (long& value : line) value = draw_.one_in(2) ? draw_.between(1, largest) : -draw_.between(1, largest);
      }
      weights_.push_back(std::move(weight));
    }
  }

  /// psum[nij][oc] of one tap.
  [[nodiscard]] Words psums(int i, const Words& weight) const {
    Words psum(at(pixels()), std::vector<long>(at(style_.cols), 0));
    for (int p = 0; p < pixels(); ++p) {
      for (int c = 0; c < style_.cols; ++c) {
        for (int r = 0; r < style_.rows; ++r) {
          psum[at(p)][at(c)] += activations_[at(i)][at(p)][at(r)] * weight[at(c)][at(r)];
        }
      }
    }
    return psum;
  }

  void add_tap(const Words& psum, int kij, Words& output) const {
    for (int o = 0; o < out_h() * out_w(); ++o) {
      const int nij = (o / out_w() + kij / style_.kernel) * style_.padded_w + o % out_w() + kij % style_.kernel;
      for (int c = 0; c < style_.cols; ++c) output[at(o)][at(c)] += psum[at(nij)][at(c)];
    }
  }

  void write_tile(int i, int o, Words& output) {
    const int taps = style_.kernel * style_.kernel;
    Words all;
    for (int kij = 0; kij < taps; ++kij) {
      const Words& weight = weights_[at((i * style_.oc_tiles + o) * taps + kij)];
      write_weight(weight_name(i, o, kij), weight);
      const Words psum = psums(i, weight);
      add_tap(psum, kij, output);
      if (style_.psum_in_lines) all.push_back(line_of(psum));
      if (style_.psum_in_one && !style_.psum_in_lines) all.insert(all.end(), psum.begin(), psum.end());
      if (style_.psums && !style_.psum_in_one) write_words(psum_name(i, o, kij), psum, style_.psum_bits, "col");
    }
    if (style_.psums && style_.psum_in_one) write_words(all_psums_name(i, o), all, style_.psum_bits, "col");
  }

  /// All fields of several words, the first word's leftmost.
  static std::vector<long> line_of(const Words& words) {
    std::vector<long> line;
    for (std::size_t i = words.size(); i-- > 0;) line.insert(line.end(), words[i].begin(), words[i].end());
    return line;
  }

  void write_weight(const std::string& name, const Words& weight) const {
    if (style_.two_lines) {
      Words halves;
      for (const auto& line : weight) {
        for (const std::size_t half : {0U, 1U}) {
          halves.emplace_back();
          for (std::size_t r = style_.odd_first ? 1 - half : half; r < line.size(); r += 2)
            halves.back().push_back(line[r]);
        }
      }
      return write_words(name, halves, style_.wgt_bits, "row");
    }
    if (!style_.transposed) return write_words(name, weight, style_.wgt_bits, "row");
    Words turned(at(style_.rows), std::vector<long>(at(style_.cols), 0));
    for (int c = 0; c < style_.cols; ++c) {
      for (int r = 0; r < style_.rows; ++r) turned[at(r)][at(c)] = weight[at(c)][at(r)];
    }
    write_words(name, turned, style_.wgt_bits, "col");
  }

  void write_words(const std::string& name, const Words& words, int bits, const std::string& field) const {
    const std::string end = style_.crlf ? "\r\n" : "\n";
    std::string text;
    if (style_.plain_headers) {
      text = "activations or weights" + end + "msb first" + end + "----" + end;
    } else if (style_.headers) {
      for (const int line : {0, 1})
        text += fmt::format("#time{0}{1}7[msb-lsb],...,time{0}{1}0[msb-lsb]#", line, field) + end;
      text += "#................#" + end;
    }
    for (std::size_t i = 0; i < words.size(); ++i) {
      std::string word;
      for (const long value : words[i]) word.insert(0, binary(value, bits));
      text += word;
      if (i + 1 < words.size() || style_.last_line_end) text += end;
      if (style_.blank_lines && i % 3 == 0 && i + 1 < words.size()) text += end;
    }
    std::filesystem::path file = folder_ / name;
    if (!style_.suffix.empty()) file.replace_filename(file.stem().string() + style_.suffix + ".txt");
    if (style_.folders) {
      const std::string kind = name.substr(0, name.find_first_of("_0123456789."));
      std::filesystem::create_directory(folder_ / kind);
      file = folder_ / kind / file.filename();
    }
    if (style_.bin) {
      const bool relu = style_.relu && name.starts_with("out");
      file.replace_filename(file.stem().string() + (relu ? "_relu_bin.txt" : "_bin.txt"));
    }
    std::ofstream(file, std::ios::binary) << text;
  }

  [[nodiscard]] std::string activation_name(int i) const {
    return style_.names == Names::ours ? fmt::format("activation_tile{}.txt", i) : "activation.txt";
  }
  [[nodiscard]] std::string separator() const { return style_.names == Names::bare ? "" : "_"; }
  [[nodiscard]] std::string weight_name(int i, int o, int tap) const {
    const int kij = tap + style_.first_kij;
    if (style_.names == Names::ours) return fmt::format("weight_itile{}_otile{}_kij{}.txt", i, o, kij);
    return fmt::format("weight{}{}.txt", separator(), kij);
  }
  [[nodiscard]] std::string psum_name(int i, int o, int tap) const {
    const int kij = tap + style_.first_kij;
    if (style_.names == Names::ours) return fmt::format("psum_itile{}_otile{}_kij{}.txt", i, o, kij);
    if (style_.names == Names::kij) return fmt::format("psum_kij{}.txt", kij);
    return fmt::format("psum{}{}.txt", separator(), kij);
  }
  [[nodiscard]] std::string all_psums_name(int i, int o) const {
    return style_.names == Names::ours ? fmt::format("psum_itile{}_otile{}.txt", i, o) : "psum.txt";
  }
  [[nodiscard]] std::string output_name(int o) const {
    if (style_.outputs_in_one) return "out.txt";
    if (style_.names == Names::ours) return fmt::format("output_otile{}.txt", o);
    return style_.names == Names::kij ? "output.txt" : "out.txt";
  }

  std::filesystem::path folder_;
  const ForeignStyle& style_;
  Draw& draw_;
  std::vector<Words> activations_, weights_;
};

}  // namespace

namespace {

std::string line_of(const std::vector<long>& fields, int bits) {
  std::string word;
  for (const long value : fields) word.insert(0, binary(value, bits));
  return word + "\n";
}

}  // namespace

void write_stationary_set(const std::filesystem::path& folder, const ForeignStyle& style, int steps, bool named,
                          Draw& draw) {
  const auto at = [](int i) { return static_cast<std::size_t>(i); };
  const std::string tag = named ? "_os" : "";
  Words weights(at(steps), std::vector<long>(at(style.cols), 0));
  std::string text, outputs;
  const int largest = (1 << (style.wgt_bits - 1)) - 1;
  for (auto& step : weights) {
    for (long& value : step) value = draw.between(-largest, largest);
    text += line_of(step, style.wgt_bits);
  }
  std::ofstream(folder / ("weight" + tag + ".txt")) << text;
  for (int tile = 0; tile < style.ic_tiles; ++tile) {
    text.clear();
    Words sums(at(style.rows), std::vector<long>(at(style.cols), 0));
    for (const auto& weight : weights) {
      std::vector<long> step(at(style.rows), 0);
      for (std::size_t pixel = 0; pixel < step.size(); ++pixel) {
        step[pixel] = draw.between(0, (1 << style.act_bits) - 1);
        for (std::size_t c = 0; c < weight.size(); ++c) sums[pixel][c] += step[pixel] * weight[c];
      }
      text += line_of(step, style.act_bits);
    }
    const std::string number = style.ic_tiles > 1 ? fmt::format("_tile{}", tile) : "";
    std::ofstream(folder / fmt::format("activation{}{}.txt", tag, number)) << text;
    for (auto& pixel : sums) {
      for (long& value : pixel) value = style.relu ? std::max(value, 0L) : value;
      if (style.outputs_low_first) std::reverse(pixel.begin(), pixel.end());
      outputs += line_of(pixel, style.psum_bits);
    }
  }
  std::ofstream(folder / ("output" + tag + ".txt")) << outputs;
}

ForeignStyle random_style(Draw& draw) {
  ForeignStyle style;
  style.names = static_cast<Names>(draw.between(0, 3));
  style.headers = draw.one_in(2);
  style.blank_lines = draw.one_in(3);
  style.crlf = draw.one_in(3);
  style.last_line_end = !draw.one_in(4);
  style.transposed = draw.one_in(2);
  style.relu = draw.one_in(2);
  style.psum_in_one = draw.one_in(3);
  if (draw.one_in(4)) style.rows = 16;
  if (draw.one_in(4)) {
    style.act_bits = style.wgt_bits = 8;
    style.psum_bits = 32;
  }
  if (draw.one_in(5)) style.padded_h = style.padded_w = 18;
  if (style.names == Names::ours) {
    style.ic_tiles = draw.between(1, 2);
    style.oc_tiles = draw.between(1, 2);
    style.outputs_in_one = style.oc_tiles > 1 && draw.one_in(2);
  }
  style.two_lines = !style.transposed && draw.one_in(3);
  style.odd_first = style.two_lines && draw.one_in(2);
  style.outputs_low_first = draw.one_in(4);
  style.psum_in_lines = style.psum_in_one && style.padded_h == 6 && draw.one_in(2);
  style.plain_headers = draw.one_in(4);
  style.first_kij = draw.one_in(4) ? 1 : 0;
  style.bin = draw.one_in(4);
  style.folders = draw.one_in(4);
  if (style.outputs_in_one) style.tiles_below = !(style.tiles_reversed = draw.one_in(2)) && draw.one_in(2);
  if (draw.one_in(3)) style.pool = draw.one_in(2) ? 2 : 4;
  style.pool_average = style.pool > 1 && draw.one_in(2);
  if (draw.one_in(4)) style.suffix = "_16";
  return style;
}

std::string to_string(const ForeignStyle& s) {
  return fmt::format(
      "names {} headers {} blank {} crlf {} last_line_end {} transposed {} relu {} psum_in_one {} {}x{} tiles {}x{} "
      "bits "
      "{} {} {} map {}x{} psum_in_lines {} two_lines {} odd_first {} outputs low_first {} in_one {} plain_headers {} "
      "first_kij {} bin {} folders {} tiles_reversed {} below {} pool {} average {} suffix {}",
      static_cast<int>(s.names), s.headers, s.blank_lines, s.crlf, s.last_line_end, s.transposed, s.relu, s.psum_in_one,
      s.rows, s.cols, s.ic_tiles, s.oc_tiles, s.act_bits, s.wgt_bits, s.psum_bits, s.padded_h, s.padded_w,
      s.psum_in_lines, s.two_lines, s.odd_first, s.outputs_low_first, s.outputs_in_one, s.plain_headers, s.first_kij,
      s.bin, s.folders, s.tiles_reversed, s.tiles_below, s.pool, s.pool_average, s.suffix);
}

void write_foreign_set(const std::filesystem::path& folder, const ForeignStyle& style, Draw& draw) {
  Writer(folder, style, draw).write();
}

}  // namespace systole::test
