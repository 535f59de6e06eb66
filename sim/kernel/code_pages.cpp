// SPDX-License-Identifier: Apache-2.0
#include "sim/kernel/code_pages.h"

#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace systole::kernel {
namespace {

/// Copies the pages and puts the copy in their place; never writable and executable at once. mremap takes the old pages
/// away and the copy in under one lock of the address space, for which a thread that runs meanwhile waits.
void move_pages(std::uintptr_t first, std::size_t size) {
  void* const code = reinterpret_cast<void*>(first);  // NOLINT(performance-no-int-to-ptr): the loader gives a number
  void* const copy = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (copy == MAP_FAILED) return;
  std::memcpy(copy, code, size);
  if (::mprotect(copy, size, PROT_READ | PROT_EXEC) != 0 ||
      ::mremap(copy, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, code) == MAP_FAILED) {
    ::munmap(copy, size);
  }
}

/// The first object that the loader names is the program itself.
int move_program(dl_phdr_info* info, std::size_t /*size*/, void* /*unused*/) {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  for (std::size_t i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& part = info->dlpi_phdr[i];
    if (part.p_type != PT_LOAD || (part.p_flags & PF_X) == 0) continue;
    const std::uintptr_t begin = info->dlpi_addr + part.p_vaddr;
    const std::uintptr_t first = begin / page * page;
    move_pages(first, (begin + part.p_memsz - first + page - 1) / page * page);
  }
  return 1;
}

}  // namespace

void move_code_pages() { ::dl_iterate_phdr(move_program, nullptr); }

}  // namespace systole::kernel
