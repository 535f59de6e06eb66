# SPDX-License-Identifier: Apache-2.0
# cmake -DHEADER=file "-DSOURCES=a;b" -P rtl_hash.cmake: one SHA-256 over names and contents of the sources, in name order.
list(SORT SOURCES)
set(digests "")
foreach(source IN LISTS SOURCES)
  file(SHA256 ${source} digest)
  get_filename_component(name ${source} NAME)
  string(APPEND digests "${name} ${digest}\n")
endforeach()
string(SHA256 hash "${digests}")
file(WRITE ${HEADER} "#pragma once\ninline constexpr char kRtlHash[] = \"${hash}\";\n")
