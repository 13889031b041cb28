# SPDX-License-Identifier: GPL-2.0
"""What a relocatable object (ELF, x86-64) defines, and what of others it uses and how.

The linker's own data is read rather than the sources, so nothing that macros or inline functions do slips by.
"""
import bisect
import struct

FUNC, OBJECT = 2, 1             # types of symbols
LOCAL = 0
ALLOC, EXEC = 2, 4              # flags of sections
RELA, SYMTAB = 4, 2             # types of sections
ABSOLUTE = (1, 10, 11)          # R_X86_64_64, _32, _32S: an address, not a distance

# What the compiler and the kernel's build say about functions: tracing, unwinding, patching.
ABOUT = (".debug", ".eh_frame", ".orc_", ".discard", "__mcount_loc", "__patchable_function_entries", ".ibt_endbr_seal",
         ".return_sites", ".retpoline_sites", ".call_sites", ".altinstr", "__bug_table", "__ex_table", ".static_call_sites",
         ".cfi_sites", ".smp_locks", ".gnu.linkonce.this_module", ".llvm", "___srcu")


class Symbol:
    def __init__(self, name, kind, local, section, value, size):
        self.name, self.kind, self.local = name, kind, local
        self.section, self.value, self.size = section, value, size


class Object:
    """defined: name -> kind of what others can use. uses: set of (how, name, by):
    "call" a function of another object; "data" of another object; "hands out" the address of a function, own ones
    included, by a table of that name or ("") from code."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.raw = file.read()
        if self.raw[:6] != b"\x7fELF\x02\x01" or struct.unpack_from("<HH", self.raw, 16) != (1, 62):
            raise ValueError("%s: no relocatable object for x86-64" % path)
        self.sections()
        self.symbols()
        self.defined = {s.name: s.kind for s in self.symbol if s.section and not s.local and s.kind in (FUNC, OBJECT)}
        self.starts = {(s.section, s.value): s.name for s in self.symbol
                       if s.kind == FUNC and s.section and not s.name.startswith("__pfx_")}
        self.objects = {}
        for s in self.symbol:
            if s.kind == OBJECT and s.section:
                self.objects.setdefault(s.section, []).append((s.value, s.size, s.name))
        for of_section in self.objects.values():
            of_section.sort()
        self.uses = set()
        for section in self.section:
            if section["type"] == RELA:
                self.relocations(section)
        self.distances()
        del self.raw

    def text(self, table, at):
        start = table["offset"] + at
        return self.raw[start:self.raw.index(b"\0", start)].decode()

    def sections(self):
        offset, = struct.unpack_from("<Q", self.raw, 40)
        size, count, names = struct.unpack_from("<HHH", self.raw, 58)
        keys = ("name", "type", "flags", "addr", "offset", "size", "link", "info", "align", "entry")
        self.section = [dict(zip(keys, struct.unpack_from("<IIQQQQIIQQ", self.raw, offset + i * size))) for i in range(count)]
        for section in self.section:
            section["name"] = self.text(self.section[names], section["name"])

    def symbols(self):
        self.symbol = []
        for section in self.section:
            if section["type"] != SYMTAB:
                continue
            names = self.section[section["link"]]
            for at in range(section["offset"], section["offset"] + section["size"], 24):
                name, info, _, where, value, size = struct.unpack_from("<IBBHQQ", self.raw, at)
                self.symbol.append(Symbol(self.text(names, name), info & 15, info >> 4 == LOCAL,
                                          where if where < 0xff00 else 0, value, size))

    def table_at(self, section, offset):
        """The name of the variable there, without the compiler's suffix of a static in a function."""
        known = self.objects.get(section, [])
        i = bisect.bisect_right(known, (offset, 1 << 64, "")) - 1
        if i >= 0 and offset < known[i][0] + max(known[i][1], 1):
            return known[i][2].split(".")[0]
        return self.section[section]["name"]

    def function_at(self, symbol, addend, distance):
        """The function that a relocation means, "" if it means something else."""
        if not symbol.section:
            return symbol.name
        return self.starts.get((symbol.section, symbol.value + addend + (4 if distance else 0)), "")

    def relocations(self, table):
        target = self.section[table["info"]]
        if not target["flags"] & ALLOC or target["name"].startswith(ABOUT):
            return
        code = target["flags"] & EXEC
        for at in range(table["offset"], table["offset"] + table["size"], 24):
            offset, info, addend = struct.unpack_from("<QQq", self.raw, at)
            symbol, how = self.symbol[info >> 32], info & 0xffffffff
            outside = not symbol.section and symbol.name
            by = "" if code else self.table_at(table["info"], offset)
            if how in ABSOLUTE:
                name = self.function_at(symbol, addend, False)
                if name:
                    self.uses.add(("address", name, by))
            elif outside:
                # lea of a position-independent build, or a call: told apart by the opcode.
                opcode = self.raw[target["offset"] + offset - 2] if code and offset > 1 else 0
                self.uses.add(("address" if opcode == 0x8d else "plain", symbol.name, by))
            elif code and self.raw[target["offset"] + offset - 2] == 0x8d:
                name = self.function_at(symbol, addend, True)
                if name:
                    self.uses.add(("address", name, by))

    def distances(self):
        """lea of an own function, which the assembler resolved by itself."""
        for number, section in enumerate(self.section):
            if not section["flags"] & EXEC or section["name"].startswith(ABOUT):
                continue
            code = self.raw[section["offset"]:section["offset"] + section["size"]]
            at = code.find(b"\x8d")
            while at > 0 and at + 6 <= len(code):
                if code[at - 1] in (0x48, 0x4c) and code[at + 1] & 0xc7 == 5:
                    to = at + 6 + struct.unpack_from("<i", code, at + 2)[0]
                    if (number, to) in self.starts and struct.unpack_from("<i", code, at + 2)[0]:
                        self.uses.add(("address", self.starts[number, to], ""))
                at = code.find(b"\x8d", at + 1)
