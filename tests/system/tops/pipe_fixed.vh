// SPDX-License-Identifier: Apache-2.0
`define PIPE_TAPS 3
