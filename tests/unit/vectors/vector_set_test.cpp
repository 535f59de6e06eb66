// SPDX-License-Identifier: Apache-2.0
// The folder of a set: manifest, replacement as one step, what is never replaced.
#include "vectors/set/vector_set.h"

#include <doctest/doctest.h>

#include <stdexcept>

#include "tests/support/temporary_folder.h"
#include "tests/unit/model/bad_input.h"

namespace systole::vectors {
namespace {

namespace fs = std::filesystem;
using test::mentions;
using test::read_text;
using test::refusal;
using test::TemporaryFolder;
using test::write_text;

const Origin kOrigin{.network = "net",
                     .network_sha256 = std::string(64, 'a'),
                     .layer = "conv \"1\"",
                     .input = "glyphs image 3",
                     .configuration = "8x8",
                     .rtl_sha256 = std::string(64, 'b'),
                     .seed = 7};

void write_small_set(const fs::path& target, const std::string& text = "01\n", const SetProgress& progress = {}) {
  write_set(
      target,
      [&](SetWriter& writer) {
        writer.expect_files(2);
        writer.add("a.hex", 1, "a byte", text);
        writer.add("b.hex", 1, "another", "02\n");
        writer.finish("small", kOrigin, R"({"size": 5})", "read me\n" + writer.table());
      },
      progress);
}

std::size_t entries(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

TEST_CASE("vectors.vector_set.manifest_reads_back") {
  const TemporaryFolder folder;
  write_small_set(folder / "set/");  // a trailing slash means the same folder
  Manifest manifest = read_manifest(folder / "set", "small");
  CHECK(manifest.origin == kOrigin);
  CHECK(manifest.shape.integer("size", 0, 9) == 5);
  REQUIRE(manifest.files.size() == 2);
  CHECK(manifest.files[0].name == "a.hex");
  CHECK(manifest.files[0].layout == "a byte");
  CHECK(manifest.words(folder / "set", "b.hex") == 1);
  CHECK(mentions(refusal([&] { (void)manifest.words(folder / "set", "c.hex"); }), "expected the file c.hex"));
  verify_files(folder / "set", manifest);
  CHECK(read_text(folder / "set/README.txt") ==
        "read me\n  a.hex         1 words  a byte\n  b.hex         1 words  another\n");
}

TEST_CASE("vectors.vector_set.other_contents_fail_their_sha256") {
  const TemporaryFolder folder;
  write_small_set(folder / "set");
  const Manifest manifest = read_manifest(folder / "set", "small");
  write_text(folder / "set/b.hex", "03\n");
  CHECK(mentions(refusal([&] { verify_files(folder / "set", manifest); }), "b.hex: expected SHA-256"));
}

TEST_CASE("vectors.vector_set.a_set_is_replaced") {
  const TemporaryFolder folder;
  write_small_set(folder / "set", "01\n");
  fs::create_directories(folder / "set/obj_dir");  // what the README's commands leave
  write_small_set(folder / "set", "09\n");
  CHECK(read_text(folder / "set/a.hex") == "09\n");
  CHECK(entries(folder.path()) == 1);
  CHECK(!fs::exists(folder / "set/obj_dir"));
}

TEST_CASE("vectors.vector_set.foreign_folders_stay") {
  const TemporaryFolder folder;
  fs::create_directories(folder / "mine");
  write_text(folder / "mine/thesis.txt", "years");
  CHECK(mentions(refusal([&] { write_small_set(folder / "mine"); }), "mine: expected a vector set to replace"));
  write_small_set(folder / "set");
  write_text(folder / "set/notes.txt", "mine");
  CHECK(mentions(refusal([&] { write_small_set(folder / "set"); }), "notes.txt: expected a vector set to replace"));
  write_text(folder / "file", "mine");
  CHECK(mentions(refusal([&] { write_small_set(folder / "file"); }), "file: expected a folder"));
  CHECK(read_text(folder / "mine/thesis.txt") == "years");
  CHECK(read_text(folder / "set/notes.txt") == "mine");
  CHECK(entries(folder.path()) == 3);
}

TEST_CASE("vectors.vector_set.nothing_is_left_of_a_failure") {
  const TemporaryFolder folder;
  const SetProgress stop = [](std::uint64_t done, std::uint64_t total) {
    CHECK(total == 2);
    if (done == 2) throw std::runtime_error("interrupted");
  };
  CHECK_THROWS_AS(write_small_set(folder / "set", "01\n", stop), std::runtime_error);
  CHECK(entries(folder.path()) == 0);
  write_small_set(folder / "set", "01\n");
  CHECK_THROWS_AS(write_small_set(folder / "set", "05\n", stop), std::runtime_error);
  CHECK(read_text(folder / "set/a.hex") == "01\n");
  CHECK(entries(folder.path()) == 1);
}

TEST_CASE("vectors.vector_set.manifest.refused") {
  const TemporaryFolder folder;
  const fs::path manifest = folder / "set/manifest.json";
  write_small_set(folder / "set");
  const std::string good = read_text(manifest);
  const auto message = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    write_text(manifest, text);
    return refusal([&] { (void)read_manifest(folder / "set", "small"); });
  };
  CHECK(mentions(message("systole-vectors", "other"), "format: expected 'systole-vectors'"));
  CHECK(mentions(message("\"version\": 1", "\"version\": 2"), "version: expected 1, found 2"));
  CHECK(mentions(message("\"small\"", "\"large\""), "set: expected 'small', found 'large'"));
  CHECK(mentions(message("a.hex", "../a.hex"), "files[0].name: expected the name of a file in this folder"));
  CHECK(mentions(message("\"seed\": 7", "\"seed\": -7"), "origin.seed: expected an integer"));
  CHECK(mentions(message("\"seed\": 7", "\"seeds\": 7"), "origin.seed: missing key"));
  CHECK(mentions(message("{", "{\"more\": 1,"), "more: unknown key"));
  write_text(manifest, good.substr(0, good.size() / 2));
  CHECK(mentions(refusal([&] { (void)read_manifest(folder / "set", "small"); }), "expected JSON text"));
  fs::remove(manifest);
  CHECK(mentions(refusal([&] { (void)read_manifest(folder / "set", "small"); }), "manifest.json: cannot be read"));
}

}  // namespace
}  // namespace systole::vectors
