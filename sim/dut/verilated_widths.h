// SPDX-License-Identifier: Apache-2.0
// Included before the C++ that Verilator writes for a design with an adapter: its inputs are C++ integers, often wider
// than the port, and bits beyond the port would reach the design. The generated code looks for them where VL_DEBUG is
// defined (vl_fatal in verilated_end.cpp gets the port's name). The runtime's headers come first, without it: what they
// declare must be what the runtime was compiled with.
#pragma once
#include <verilated.h>
#include <verilated_dpi.h>
#include <verilated_fst_c.h>
#include <verilated_vcd_c.h>

#define VL_DEBUG 1  // NOLINT(cppcoreguidelines-macro-usage): Verilator's name
