// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <functional>
#include <string_view>

namespace systole::base {

using FolderAction = std::function<void(const std::filesystem::path& folder)>;

/// Makes `target` hold what `fill` writes, in one step: `fill` gets a new, empty folder beside it, which then takes its
/// name; an old `target` is removed last. `refuse_foreign` is called first where `target` exists, and throws where it
/// must not be replaced: a mistyped path must not cost anyone their files. When anything throws, `target` is as it was
/// and the new folder is gone. Throws InputError where the file system refuses.
void replace_folder(const std::filesystem::path& target, const FolderAction& refuse_foreign, const FolderAction& fill);

/// Throws InputError "OPTION: expected another folder than ..." where `to` is the folder `from`, whatever the two are
/// called: what a command reads is never what it writes.
void require_other_folder(const std::filesystem::path& from, const std::filesystem::path& to, std::string_view option);

}  // namespace systole::base
