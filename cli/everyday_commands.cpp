// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"
#include "cli/study_commands.h"

namespace systole::cli {

NamedCommands add_everyday_commands(CLI::App& program) {
  return {{"run", add_run_command(program)},
          {"golden", add_golden_command(program)},
          {"info", add_info_command(program)},
          {"list", add_list_command(program)},
          {"new-dut", add_new_dut_command(program)},
          {"study", add_rtl_study_command(program)},
          {"regress", add_regress_command(program)},
          {"rerun", add_rerun_command(program)},
          {"wave", add_wave_command(program)},
          {"matmul", add_matmul_command(program)},
          {"im2col", add_im2col_command(program)},
          {"compare", add_compare_command(program)},
          {"history", add_history_command(program)},
          {"report", add_report_command(program)},
          {"regress-chunk", add_regress_chunk_command(program)}};
}

}  // namespace systole::cli
