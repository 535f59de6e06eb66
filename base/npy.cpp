// SPDX-License-Identifier: Apache-2.0
#include "base/npy.h"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <charconv>
#include <fstream>
#include <limits>
#include <regex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

#include "base/file_bytes.h"
#include "base/input_error.h"
#include "base/output_file.h"

namespace systole::base {

static_assert(std::endian::native == std::endian::little, "files are little-endian and read as they stand");

namespace {

using Values = decltype(NpyArray::values);

constexpr std::string_view kMagic{"\x93NUMPY\x01\x00", 8};                            // version 1.0 included
constexpr std::size_t kPreambleBytes = 10;                                            // magic, version, header length
constexpr std::size_t kHeaderLimit = 4096;                                            // real ones are 54 or 118 bytes
constexpr std::array<std::string_view, 4> kDescriptions{"|i1", "|u1", "<i4", "<f4"};  // in the order of `Values`

Values make_values(std::string_view description) {
  if (description == "<i4") return std::vector<std::int32_t>{};
  if (description == "<f4") return std::vector<float>{};
  if (description.ends_with("u1")) return std::vector<std::uint8_t>{};
  return std::vector<std::int8_t>{};
}

struct Header {
  std::string description;
  std::vector<std::size_t> shape;
};

std::vector<std::size_t> parse_shape(const std::string& file, const std::string& text) {
  std::vector<std::size_t> shape;
  const char* const end = text.data() + text.size();
  for (const char* p = text.data(); p != end;) {
    if (*p == ' ' || *p == ',') {
      ++p;
      continue;
    }
    std::size_t extent = 0;
    const auto [next, error] = std::from_chars(p, end, extent);
    if (error != std::errc{}) throw InputError(file, "shape", fmt::format("expected extents, found ({})", text));
    shape.push_back(extent);
    p = next;
  }
  return shape;
}

/// The dictionary that NumPy writes: keys in alphabetical order, which the format asks of writers; any order is read.
Header parse_header(const std::string& file, const std::string& text) {
  static const std::regex descr(R"('descr'\s*:\s*'([^']*)')");
  static const std::regex order(R"('fortran_order'\s*:\s*(True|False))");
  static const std::regex shape(R"('shape'\s*:\s*\(([0-9, ]*)\))");
  std::smatch found;
  Header header;
  if (!std::regex_search(text, found, descr)) throw InputError(file, "header", "expected the key 'descr'");
  header.description = found[1];
  if (!std::regex_match(header.description, std::regex(R"([|<=]?[iu]1|<i4|<f4)"))) {
    throw InputError(file, "descr",
                     fmt::format("expected element type |i1, |u1, <i4 or <f4, found {}", header.description));
  }
  if (!std::regex_search(text, found, order)) throw InputError(file, "header", "expected the key 'fortran_order'");
  if (found[1] != "False") throw InputError(file, "fortran_order", "expected False (C order)");
  if (!std::regex_search(text, found, shape)) throw InputError(file, "header", "expected the key 'shape'");
  header.shape = parse_shape(file, found[1]);
  return header;
}

std::size_t checked_count(const std::string& file, const std::vector<std::size_t>& shape) {
  try {
    return element_count(shape);
  } catch (const std::overflow_error&) {
    throw InputError(file, "shape", "expected a shape whose element count fits 64 bits");
  }
}

std::string read_header_text(const std::string& file, std::istream& stream) {
  std::array<char, kPreambleBytes> start{};
  if (!stream.read(start.data(), start.size()) || std::string_view(start.data(), 6) != kMagic.substr(0, 6)) {
    const std::string_view found(start.data(), start.size());
    refuse_pointer(file, found);
    throw InputError(file, "", "expected an .npy file (magic \\x93NUMPY)" + found_kind(found));
  }
  if (std::string_view(start.data(), kMagic.size()) != kMagic) {
    throw InputError(file, "version", fmt::format("expected 1.0, found {}.{}", int{start[6]}, int{start[7]}));
  }
  const auto byte = [&start](std::size_t i) {
    return static_cast<std::size_t>(static_cast<unsigned char>(start.at(i)));
  };
  const std::size_t length = byte(8) + 256 * byte(9);
  if (length > kHeaderLimit) {
    throw InputError(file, "header", fmt::format("expected at most {} bytes, found {}", kHeaderLimit, length));
  }
  std::string text(length, '\0');
  if (!stream.read(text.data(), static_cast<std::streamsize>(length))) throw InputError(file, "header", "truncated");
  return text;
}

std::string header_text(const NpyArray& array) {
  std::string shape;
  for (const std::size_t extent : array.shape) shape += fmt::format("{}, ", extent);
  if (array.shape.size() > 1) shape.resize(shape.size() - 2);
  if (array.shape.size() == 1) shape.pop_back();  // a one-tuple keeps its comma: (10,)
  std::string text = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}",
                                 kDescriptions.at(array.values.index()), shape);
  const std::size_t total = (kPreambleBytes + text.size() + 1 + 63) / 64 * 64;
  text.append(total - kPreambleBytes - text.size() - 1, ' ').push_back('\n');
  return text;
}

}  // namespace

std::size_t element_count(const std::vector<std::size_t>& shape) {
  std::size_t count = 1;
  for (const std::size_t extent : shape) {
    if (extent == 0) return 0;
  }
  for (const std::size_t extent : shape) {
    if (count > std::numeric_limits<std::size_t>::max() / extent) throw std::overflow_error("npy: shape too large");
    count *= extent;
  }
  return count;
}

NpyArray read_npy(const std::filesystem::path& file, std::uintmax_t max_bytes) {
  const std::string name = file.string();
  std::error_code error;
  const std::uintmax_t bytes = std::filesystem::file_size(file, error);
  if (error) throw InputError(name, "", fmt::format("cannot be read: {}", error.message()));
  if (bytes > max_bytes)
    throw InputError(name, "", fmt::format("expected at most {} bytes, found {}", max_bytes, bytes));
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw InputError(name, "", "cannot be opened for reading");
  const std::string text = read_header_text(name, stream);
  Header header = parse_header(name, text);
  NpyArray array{std::move(header.shape), make_values(header.description)};
  const std::size_t count = checked_count(name, array.shape);
  const std::uintmax_t payload = bytes - kPreambleBytes - text.size();
  std::visit(
      [&](auto& values) {
        const std::size_t size = sizeof(values[0]);
        if (payload % size != 0 || payload / size != count) {
          throw InputError(name, "data",
                           fmt::format("expected {} elements of {} bytes, found {} bytes", count, size, payload));
        }
        values.resize(count);
        stream.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(payload));
      },
      array.values);
  if (!stream) throw InputError(name, "data", "truncated");
  return array;
}

std::string npy_bytes(const NpyArray& array) {
  const std::size_t count = std::visit([](const auto& values) { return values.size(); }, array.values);
  if (element_count(array.shape) != count) {
    throw std::invalid_argument(fmt::format("npy: {} values for a shape of {}", count, element_count(array.shape)));
  }
  const std::string header = header_text(array);
  if (header.size() > kHeaderLimit) throw std::invalid_argument("npy: too many dimensions");
  std::string bytes(kMagic);
  bytes += static_cast<char>(header.size() % 256);
  bytes += static_cast<char>(header.size() / 256);
  bytes += header;
  std::visit(
      [&bytes](const auto& values) {
        bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(values[0]));
      },
      array.values);
  return bytes;
}

void write_npy(const std::filesystem::path& file, const NpyArray& array) { write_file(file, npy_bytes(array)); }

}  // namespace systole::base
