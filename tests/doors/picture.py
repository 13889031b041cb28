#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Draws the rooms of a program in their order, for graphviz.

usage: picture.py ORDER     an order file such as tests/doors/driver; what its lines say: rules.py
"""
import os
import sys

sys.dont_write_bytecode = True

import rules  # noqa: E402

# What a folder is about, and its colour.
FOLDERS = {
    "lib": ("pure: data in, data out", "#dcefdc"),
    "bus": ("channels, rings", "#dbe7f5"),
    "buf": ("shared buffers", "#dbe7f5"),
    "ctrl": ("requests to the host", "#dbe7f5"),
    "xdp": ("programs", "#fde6cd"),
    "data": ("way of a packet", "#fde6cd"),
    "vf": ("the virtual function", "#ecdff3"),
    "dev": ("an attachment", "#eeeeee"),
    "": ("the interface", "#fff7cc"),
}


def folders(order):
    """(folder, lines of names), in the order of their lowest files."""
    found = {}
    for names in order.lines:
        by_folder = {}
        for name in names:
            by_folder.setdefault(os.path.dirname(name), []).append(os.path.basename(name))
        for folder, files in by_folder.items():
            found.setdefault(folder, []).append(files)
    return found


def rows(files):
    """Neighbours without a door between them: side by side, as far as there is room."""
    return ["  ".join(files[i:i + 2]) for i in range(0, len(files), 2)] if len(files) < 5 else files


def box(folder, lines):
    words, colour = FOLDERS.get(folder, ("", "#ffffff"))
    cells = ['<TR><TD BGCOLOR="%s" BORDER="1" CELLPADDING="6"><B>%s</B><BR/><FONT POINT-SIZE="10">%s</FONT></TD></TR>' % (
        colour, folder or "top", words)]
    for files in lines:
        text = "<BR/>".join(rows(files))
        cells.append('<TR><TD BORDER="1" SIDES="LRB" COLOR="#999999">%s</TD></TR>' % text)
    return '  "%s" [label=<<TABLE BORDER="0" CELLSPACING="0" CELLBORDER="0" CELLPADDING="4">%s</TABLE>>];' % (folder, "".join(cells))


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        print(__doc__)
        return 2
    found = folders(rules.Order(sys.argv[1]))
    # Those without a folder come last, wherever their first one is.
    order = [folder for folder in found if folder] + [""]
    print("digraph rooms {")
    print('  rankdir=LR; nodesep=0.2; ranksep=0.25; fontname="DejaVu Sans"; fontsize=12; labelloc=b;')
    print('  label="A file uses only files that are higher up in its column, or in a column further left. Files in one cell do not use each other.";')
    print('  node [shape=plain, fontname="DejaVu Sans", fontsize=11];')
    print('  edge [color="#666666", arrowsize=0.7];')
    for folder in order:
        print(box(folder, found[folder]))
    for left, right in zip(order, order[1:]):
        print('  "%s" -> "%s" [dir=back];' % (left, right))
    print("}")
    return 0


sys.exit(main())
