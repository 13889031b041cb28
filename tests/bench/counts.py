# SPDX-License-Identifier: GPL-2.0
"""What the counting plugin wrote, as numbers per function."""
import symbols
from symbols import images

TEXT = (".text", ".text.unlikely", ".noinstr.text", ".exit.text", ".init.text", ".text.hot",
        ".text.startup")
TOTALS = ("guest", "kernel", "modules", "copy_instructions", "copied_bytes")


def read(path):
    """{number of the mark: (totals, [(addr, count, flag, target)])}"""
    marks = {}
    with open(path) as f:
        for line in f:
            words = line.split()
            if words[0] == "mark":
                rows = []
                marks[int(words[1])] = (dict(zip(TOTALS, map(int, words[2:]))), rows)
            else:
                rows.append((int(words[0], 16), int(words[1]), words[2], int(words[3], 16)))
    return marks


class Modules:
    """Where the two modules lie in a guest, and what is where in them."""

    def __init__(self, told, files, names):
        self.spans = []
        self.sections = []      # of code and data: (lo, hi, module, section)
        for line in told:
            ko = symbols.ElfBytes(images.read_module(files[line["module"]]))
            for section, addr in line["sections"].items():
                if section not in ko.sections:
                    continue
                size = ko.sections[section][2]
                lo = int(addr, 16)
                if not section.startswith((".init", ".exit")):
                    self.sections.append((lo, lo + size, line["module"], section))
                if section in TEXT:
                    self.spans.append((lo, lo + size, line["module"], section))
        self.names = names

    def where(self, addr):
        for lo, hi, module, section in self.spans:
            if lo <= addr < hi:
                return module, section, addr - lo
        return None

    def function(self, addr):
        return self.names.of(addr)

    def tell(self, record):
        """A record of read() as numbers by module, by function, and what was called."""
        totals, rows = record
        told = {"by_module": {}, "by_function": {}, "calls": {}, "locked": 0, "fences": 0,
                "strings": 0, **totals}
        for addr, count, flag, target in rows:
            place = self.where(addr)
            if not place:
                continue
            module = place[0]
            told["by_module"][module] = told["by_module"].get(module, 0) + count
            name = "%s:%s" % (module, self.function(addr))
            told["by_function"][name] = told["by_function"].get(name, 0) + count
            if flag == "l":
                told["locked"] += count
            elif flag == "f":
                told["fences"] += count
            elif flag in "ms":
                told["strings"] += count
            elif flag in "cj" and not self.where(target):
                called = self.names.target(target)
                told["calls"][called] = told["calls"].get(called, 0) + count
        return told

    def astray(self, records, module, starts):
        """
        Part of the counted addresses in .text where no instruction begins. It is not 0,
        since the kernel patches code, but small, unless something else was counted.
        """
        bad, seen = set(), set()
        for _, rows in records.values():
            for addr, _, _, _ in rows:
                place = self.where(addr)
                if place and place[0] == module and place[1] == ".text":
                    seen.add(addr)
                    if place[2] not in starts:
                        bad.add(addr)
        return len(bad) / max(1, len(seen))
