# SPDX-License-Identifier: GPL-2.0
"""
Names of addresses: the functions a kernel exports, and those of loaded modules.

Guests run without address randomisation, so what a kernel image says is true in
the guest. A module calls nothing of the core but exported functions, whose names
and addresses stand in the image's export tables; its own functions the guest tells.
"""
import bisect
import os
import shutil
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../guest"))
import images  # noqa: E402

TABLES = ("__ksymtab", "__ksymtab_gpl")
# Functions that modules call to have bytes copied, and the code that then moves them.
COPIERS = ("memcpy", "__memcpy", "memmove", "__memmove", "skb_copy_bits", "skb_store_bits",
           "skb_copy_and_csum_bits", "csum_partial_copy_nocheck")
MOVERS = ("memcpy", "memmove")
MOVER_BYTES = 0x180


class ElfBytes:
    """Sections of a 64 bit little-endian ELF file: {name: (address, offset, size)}."""

    def __init__(self, data):
        self.data = data
        offset, = struct.unpack_from("<Q", data, 0x28)
        size, count, names = struct.unpack_from("<HHH", data, 0x3A)
        raw = [struct.unpack_from("<IIQQQQ", data, offset + n * size) for n in range(count)]
        base = raw[names][4]
        self.sections = {}
        for name, _kind, _flags, addr, at, length in raw:
            end = data.index(b"\0", base + name)
            self.sections[data[base + name:end].decode()] = (addr, at, length)

    def string(self, addr):
        for start, at, length in self.sections.values():
            if start and start <= addr < start + length:
                first = at + addr - start
                return self.data[first:self.data.index(b"\0", first)].decode("latin-1")
        return ""


def exported(vmlinux):
    """{name: address} of what the kernel exports. Entries are three 32 bit distances."""
    with open(vmlinux, "rb") as f:
        image = ElfBytes(f.read())
    found = {}
    for table in TABLES:
        addr, at, length = image.sections[table]
        for pos in range(0, length - 11, 12):
            value, name = struct.unpack_from("<ii", image.data, at + pos)
            found[image.string(addr + pos + 4 + name)] = (addr + pos + value) % (1 << 64)
    return found


def copy_arguments(names):
    """What the counting plugin wants to know about copying."""
    words = ["copier=%x" % names[n] for n in COPIERS if n in names]
    for name in MOVERS:
        if name in names:
            words.append("copy=%x-%x" % (names[name], names[name] + mover_size(names, names[name])))
    return sorted(set(words))


def mover_size(names, start):
    """A mover goes on, unexported, behind its name; but not into the next one's."""
    after = [a for a in names.values() if a > start]
    return min(MOVER_BYTES, min(after) - start if after else MOVER_BYTES)


class Symbols:
    """Names of addresses: exported ones of the core, all functions of the modules."""

    def __init__(self, names, modules):
        self.core = {addr: name for name, addr in sorted(names.items(), reverse=True)}
        rows = sorted((int(addr, 16), name) for told in modules.values() for addr, name in told)
        self.starts = [row[0] for row in rows]
        self.names = [row[1] for row in rows]

    def of(self, addr):
        """The function of a module that an address belongs to."""
        at = bisect.bisect_right(self.starts, addr) - 1
        return self.names[at] if at >= 0 else "?"

    def target(self, addr):
        return self.core.get(addr, "%x" % addr)


def instruction_starts(ko):
    """Offsets in .text at which instructions begin, for checking what was counted."""
    tool = shutil.which("objdump")
    if not tool:
        return None
    with tempfile.NamedTemporaryFile(suffix=".ko") as f:
        f.write(images.read_module(ko))
        f.flush()
        text = subprocess.run([tool, "-d", "-j", ".text", "--no-show-raw-insn", f.name],
                              stdout=subprocess.PIPE, check=True, text=True).stdout
    starts = set()
    for line in text.splitlines():
        head = line.split(":", 1)[0].strip()
        if line.startswith(" ") and head and all(c in "0123456789abcdef" for c in head):
            starts.add(int(head, 16))
    return starts
