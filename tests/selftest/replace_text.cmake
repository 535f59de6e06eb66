# SPDX-License-Identifier: Apache-2.0
# cmake -DFROM=file -DTO=file -DOLD=text -DNEW=text -P replace_text.cmake: the file with one place changed, for a test.
file(READ ${FROM} text)
string(FIND "${text}" "${OLD}" first)
string(FIND "${text}" "${OLD}" last REVERSE)
if(first EQUAL -1 OR NOT first EQUAL last)
  message(FATAL_ERROR "${FROM}: expected once: ${OLD}; the test that plants a fault there needs another place")
endif()
string(REPLACE "${OLD}" "${NEW}" text "${text}")
file(WRITE ${TO} "${text}")
