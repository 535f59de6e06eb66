// SPDX-License-Identifier: Apache-2.0
#pragma once
// The commands of `systole`. Each adds its options to the program and gives back what to call when it was chosen.
#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace systole::cli {

/// Runs the chosen command and returns the exit code (kernel::exit_code). Bad input leaves as base::InputError.
using Command = std::function<int()>;
using NamedCommands = std::vector<std::pair<std::string, Command>>;

/// The commands that this program has, by name, and the program's own name; each program defines its own
/// (core_commands.cpp, vectors_commands.cpp, networks_commands.cpp, bench_commands.cpp, dut_commands.cpp).
NamedCommands add_commands(CLI::App& program);
std::string_view program_name();

/// What `systole` has, and each program of systole_add_dut too.
NamedCommands add_everyday_commands(CLI::App& program);

Command add_run_command(CLI::App& program);
Command add_golden_command(CLI::App& program);
Command add_history_command(CLI::App& program);
Command add_info_command(CLI::App& program);
Command add_list_command(CLI::App& program);
Command add_new_dut_command(CLI::App& program);
Command add_bench_command(CLI::App& program);
Command add_export_command(CLI::App& program);
Command add_prune_command(CLI::App& program);
Command add_regress_command(CLI::App& program);
Command add_regress_chunk_command(CLI::App& program);
Command add_report_command(CLI::App& program);
Command add_rerun_command(CLI::App& program);
Command add_shrink_command(CLI::App& program);
Command add_signoff_command(CLI::App& program);
Command add_signoff_vectors_command(CLI::App& program);  // of `vectors`, what --from asks for
Command add_signoff_help(CLI::App& program);             // where the command itself is in another program
Command add_signoff_dut_command(CLI::App& program);      // of a design with an adapter
Command add_wave_command(CLI::App& program);
Command add_matmul_command(CLI::App& program);
Command add_im2col_command(CLI::App& program);
Command add_compare_command(CLI::App& program);

}  // namespace systole::cli
