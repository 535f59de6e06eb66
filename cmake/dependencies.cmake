# SPDX-License-Identifier: Apache-2.0
# Packages, all from Debian 12; script/bootstrap installs them.
find_package(Threads REQUIRED)
find_package(Eigen3 3.4 REQUIRED NO_MODULE)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(doctest REQUIRED)
find_package(CLI11 REQUIRED)
find_package(fmt REQUIRED)
find_package(PNG REQUIRED)
find_package(OpenSSL 3.0 REQUIRED COMPONENTS Crypto)
find_package(FlatBuffers 2.0 REQUIRED)
find_package(Protobuf 3.21 REQUIRED)
# Debian splits ONNX between packages that its CMake file does not expect; only the messages are needed.
find_path(ONNX_INCLUDE onnx/onnx_pb.h REQUIRED)
find_library(ONNX_PROTO_LIBRARY onnx_proto REQUIRED)
find_package(verilator 5.006 REQUIRED HINTS $ENV{VERILATOR_ROOT})
# SystemC's package of Debian carries no CMake file; it is built for C++17, which is part of its link-time signature.
find_path(SYSTEMC_INCLUDE systemc.h REQUIRED)
find_library(SYSTEMC_LIBRARY systemc REQUIRED)
add_library(systemc INTERFACE)
target_include_directories(systemc SYSTEM INTERFACE ${SYSTEMC_INCLUDE})
target_compile_definitions(systemc INTERFACE SC_CPLUSPLUS=201703L)
target_link_libraries(systemc INTERFACE ${SYSTEMC_LIBRARY} Threads::Threads)
