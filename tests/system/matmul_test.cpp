// SPDX-License-Identifier: Apache-2.0
// `systole matmul` and `systole im2col`: results on golden and RTL, and what they refuse.
#include "golden/op/matmul.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "base/npy.h"
#include "tests/support/matmul_table.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/cli_process.h"

namespace systole::test {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes counted_bytes(std::size_t count, std::size_t step) {
  Bytes values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<std::uint8_t>(i * step % 251);
  return values;
}

std::string write_bytes(const TemporaryFolder& folder, const char* name, const std::vector<std::size_t>& shape,
                        const Bytes& values) {
  const auto file = folder.path() / name;
  base::write_npy(file, {shape, values});
  return file.string();
}

Bytes read_bytes(const std::filesystem::path& file, const std::vector<std::size_t>& shape) {
  const base::NpyArray array = base::read_npy(file);
  CHECK(array.shape == shape);
  return std::get<Bytes>(array.values);
}

void refused_with(const Arguments& arguments, const std::string& part) {
  const Finished result = run(arguments);
  CHECK(result.code == 2);
  CHECK_MESSAGE(result.err.find(part) != std::string::npos, result.err);
}

}  // namespace

TEST_CASE("system.matmul.published_table") {
  const TemporaryFolder folder;
  Bytes a, b;
  for (const double x : kA) a.push_back(static_cast<std::uint8_t>(quantized(x, kScaleA, kZeroA)));
  for (const double x : kB) b.push_back(static_cast<std::uint8_t>(quantized(x, kScaleB, kZeroB)));
  const std::string out = (folder.path() / "out.npy").string();
  const Finished result =
      run({"matmul", write_bytes(folder, "a.npy", {4, 4}, a), write_bytes(folder, "b.npy", {4, 4}, b), "--m0",
           "1249445032", "--n", "6", "--zero-a", "135", "--zero-b", "0", "--zero-out", "201", "-o", out});
  CAPTURE(result.err);
  CAPTURE(result.out);
  REQUIRE(result.code == 0);
  CHECK(result.out.ends_with("passed\n"));
  CHECK(read_bytes(out, {4, 4}) == Bytes(kPublished.begin(), kPublished.end()));
}

TEST_CASE("system.matmul.report_size") {
  const TemporaryFolder folder;
  const Bytes a = counted_bytes(2048, 7), b = counted_bytes(2048, 13);
  const std::string out = (folder.path() / "out.npy").string();
  const Finished result = run({"matmul", write_bytes(folder, "a.npy", {64, 32}, a),
                               write_bytes(folder, "b.npy", {32, 64}, b), "--m0", "1500000000", "--n", "9", "--zero-a",
                               "120", "--zero-b", "131", "--zero-out", "5", "--stall", "both", "-o", out});
  CAPTURE(result.out);
  REQUIRE(result.code == 0);
  Bytes expected(4096);
  op::matmul(expected, 1500000000, 9, a, b, 120, 131, 5, 64, 32, 64);
  CHECK(read_bytes(out, {64, 64}) == expected);
}

TEST_CASE("system.im2col.report_size") {
  const TemporaryFolder folder;
  const Bytes image = counted_bytes(3072, 11);
  const std::string out = (folder.path() / "out.npy").string();
  const Finished result = run({"im2col", write_bytes(folder, "image.npy", {3, 32, 32}, image), "--kernel", "3",
                               "--padding", "1", "--zero", "77", "-o", out});
  CAPTURE(result.out);
  REQUIRE(result.code == 0);
  Bytes expected(27648);
  op::im2col_unfold(expected, image, 3, 32, 32, 3, 1, 77);
  CHECK(read_bytes(out, {27, 1024}) == expected);
}

TEST_CASE("system.matmul.bad_input") {
  const TemporaryFolder folder;
  const std::string a = write_bytes(folder, "a.npy", {2, 3}, counted_bytes(6, 1));
  const std::string b = write_bytes(folder, "b.npy", {2, 2}, counted_bytes(4, 1));
  const std::string cube = write_bytes(folder, "cube.npy", {1, 2, 3}, counted_bytes(6, 1));
  const auto real = (folder.path() / "real.npy").string();
  base::write_npy(real, {{2, 2}, std::vector<float>(4, 1.0F)});
  const Arguments rest{"--m0", "1500000000", "--n", "3"};
  const auto matmul = [&](const std::string& left, const std::string& right) {
    Arguments arguments{"matmul", left, right};
    arguments.insert(arguments.end(), rest.begin(), rest.end());
    return arguments;
  };
  refused_with(matmul(a, b), "expected [3, columns]");
  refused_with(matmul(cube, b), "expected 2 dimensions");
  refused_with(matmul(b, real), "expected uint8");
  refused_with(matmul("nothing.npy", b), "nothing.npy");
  refused_with({"matmul", b, b, "--m0", "-1", "--n", "3"}, "--m0");
  refused_with({"matmul", b, b, "--m0", "1", "--n", "3", "--zero-a", "256"}, "--zero-a");
  refused_with({"im2col", b}, "expected 3 dimensions");
  refused_with({"im2col", cube, "--kernel", "5", "--padding", "0"}, "room for the kernel");
}

}  // namespace systole::test
