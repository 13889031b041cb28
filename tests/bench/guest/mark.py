# SPDX-License-Identifier: GPL-2.0
"""
Marks for the counting plugin: a long no-op with a number in it.

See plugin/count.c. Outside of the emulator, or without the plugin, a mark does
nothing at all.
"""
import ctypes
import mmap
import struct

WORD = 0x4D6B0000
CODE_BYTES = 8


class Marks:
    """A page of code with a mark for each number that was used so far."""

    def __init__(self):
        self.page = mmap.mmap(-1, 1 << 16, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        self.base = ctypes.addressof(ctypes.c_char.from_buffer(self.page))
        self.next = 0

    def mark(self):
        """Executes the next mark. Return: its number."""
        number = self.next
        self.next += 1
        at = number * CODE_BYTES
        # nopl WORD+number(%rax); ret
        self.page[at:at + CODE_BYTES] = b"\x0f\x1f\x80" + struct.pack("<I", WORD + number) + b"\xc3"
        ctypes.CFUNCTYPE(None)(self.base + at)()
        return number
