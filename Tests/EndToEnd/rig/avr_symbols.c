#include "avr_symbols.h"

#include <fcntl.h>
#include <gelf.h>
#include <string.h>
#include <unistd.h>

struct symbol symbols[SYMBOLS] = {
    {"bivouac_board_only", 0, false}, {"rig_offset_next", 0, false},
    {"rig_offset_lost", 0, false},   {"rig_offset_epoch", 0, false},
    {"rig_offset_id", 0, false},     {"rig_offset_state", 0, false},
    {"rig_offset_counts", 0, false}, {"bivouac_avr_overruns", 0, false},
    {"_end", 0, false},
};

static void keep(const char *name, const GElf_Sym *symbol) {
  for (int which = 0; which < SYMBOLS; which++) {
    if (strcmp(name, symbols[which].name) != 0) continue;
    /* RAM stands at 0x800000 in an AVR's ELF file. */
    symbols[which].value = (uint32_t)symbol->st_value & 0xFFFF;
    symbols[which].is_found = true;
  }
}

/* simavr's own reader keeps no symbols in some builds. */
bool read_symbols(const char *path) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  elf_version(EV_CURRENT);
  Elf *elf = file < 0 ? NULL : elf_begin(file, ELF_C_READ, NULL);
  if (elf == NULL) return false;
  Elf_Scn *section = NULL;
  while ((section = elf_nextscn(elf, section)) != NULL) {
    GElf_Shdr header;
    gelf_getshdr(section, &header);
    if (header.sh_type != SHT_SYMTAB) continue;
    Elf_Data *data = elf_getdata(section, NULL);
    for (size_t at = 0; at < header.sh_size / header.sh_entsize; at++) {
      GElf_Sym symbol;
      gelf_getsym(data, (int)at, &symbol);
      keep(elf_strptr(elf, header.sh_link, symbol.st_name), &symbol);
    }
  }
  elf_end(elf);
  close(file);
  return true;
}
