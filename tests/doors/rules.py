# SPDX-License-Identifier: GPL-2.0
"""The order of the files of one program, as a file like tests/doors/driver gives it, held against its objects and sources.

An order file has sections; "#" begins a comment:

    [order]      one file a line, without its ending, the lowest first. A file uses only files of the lines above its own;
                 those of one line are neighbours without a door. "from MAKEFILE": the lines of the list in there.
    [callbacks]  FILE NAME...: why    FILE gives away addresses of functions, by the table NAME or in code by the function's
                 own name, so that somebody below can call them. FILE and NAME may be patterns.
    [fields]     FIELD...: FILE       no file below FILE reads or writes a field of that name
    [rooms]      FOLDER...    folders of several rooms, which the prefix of their files tells apart; else a folder is a room
    [open]       header names that every file may include, whatever they include themselves
                 (a header is as high as the lowest file of its room, one of compat/ as the lowest that includes it)
    [known]      KIND FILE WHAT: why  what is wrong and will be mended; KIND WHAT is "call FILE", "data FILE",
                 "field NAME" or "include HEADER"
"""
import fnmatch
import os
import re

from objects import FUNC, Object

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))

class Wrong(Exception):
    """The order file, or what it is about, cannot be read."""

class Order:
    def __init__(self, path):
        self.path, self.rank, self.lines = path, {}, []
        self.callbacks, self.fields, self.open, self.known = [], {}, set(), {}
        self.shared = {""}
        section = "order"
        for number, line in enumerate(open(path, encoding="utf-8"), 1):
            line = line.split("#")[0].strip()
            if not line:
                continue
            if line[0] == "[":
                section = line.strip("[]")
                continue
            try:
                getattr(self, "read_" + section)(line)
            except (AttributeError, ValueError, IndexError, OSError):
                raise Wrong("%s:%d: not understood: %s" % (path, number, line)) from None

    def read_order(self, line):
        if line.startswith("from "):
            for more in listed(line[5:]):
                self.read_order(more)
            return
        for name in line.split():
            if name in self.rank:
                raise ValueError
            self.rank[name] = len(self.lines)
        self.lines.append(line.split())

    def read_callbacks(self, line):
        what, why = line.split(": ", 1)
        if len(what.split()) < 2:
            raise ValueError
        self.callbacks += [(what.split()[0], name, why) for name in what.split()[1:]]

    def read_fields(self, line):
        names, owner = line.split(": ", 1)
        for name in names.split():
            self.fields[name] = owner

    def read_rooms(self, line):
        self.shared.update(line.split())

    def read_open(self, line):
        self.open.update(line.split())

    def read_known(self, line):
        what, why = line.split(": ", 1)
        kind, file, other = what.split()
        self.known[kind, file, other] = why

def listed(path):
    """The lines of the first list in a makefile of the project, which go on by a backslash."""
    text = re.search(r":= *\\\n((?:.*\\\n)*.*)", open(os.path.join(TOP, path), encoding="utf-8").read())
    return [line.strip(" \t\\") for line in text.group(1).splitlines()]

class Program:
    """What the objects and the sources of one program say."""

    def __init__(self, order, objects, sources):
        self.order, self.sources = order, sources
        self.objects = {name: Object(path) for name, path in find(objects, sources)}
        if not self.objects:
            raise Wrong("no objects to look at in %s" % objects)
        self.home = {}
        for name, obj in self.objects.items():
            for symbol, kind in obj.defined.items():
                self.home[symbol] = name, kind
        self.uses = {}          # file -> file -> names of functions and data that it uses
        self.given = {}         # file -> table or function -> functions given away
        for name, obj in sorted(self.objects.items()):
            self.look_at(name, obj)

    def look_at(self, name, obj):
        own = set(obj.starts.values())
        for how, symbol, by in sorted(obj.uses):
            at, kind = self.home.get(symbol, (None, None))
            function = symbol in own or kind == FUNC
            if how == "address" and function and symbol not in ("init_module", "cleanup_module"):
                self.given.setdefault(name, {}).setdefault(by or symbol, []).append(symbol)
            if at and at != name:
                self.uses.setdefault(name, {}).setdefault(at, set()).add(("call" if kind == FUNC else "data", symbol))

    def texts(self):
        """(file, name of the source, text) of all sources and headers."""
        for folder, _, files in sorted(os.walk(self.sources)):
            for name in sorted(files):
                path = os.path.relpath(os.path.join(folder, name), self.sources)
                if name.endswith((".c", ".h")):
                    with open(os.path.join(folder, name), encoding="utf-8") as source:
                        yield path[:-2], path, source.read()

def find(objects, sources):
    """(file, path of its object): those whose source is there; what a former build left behind is not looked at."""
    for folder, _, files in os.walk(objects):
        for name in files:
            path = os.path.join(folder, name)
            file = os.path.relpath(path, objects)[:-2]
            if name.endswith(".o") and os.path.exists(os.path.join(sources, file + ".c")):
                yield file, path

def includes(text):
    return re.findall(r'^#include "([^"]+)"', text, flags=re.M)

class Judge:
    """Collects what is wrong as lines; what is known to be wrong apart."""

    def __init__(self, program):
        self.program, self.order = program, program.order
        self.wrong, self.known = [], []
        self.met = set()
        self.places()
        self.directions()
        self.callbacks()
        self.check_sources()
        for key in sorted(set(self.order.known) - self.met):
            self.wrong.append("%s: is mended, or was never so: take it out of [known]" % " ".join(key))

    def room_of(self, file):
        folder, name = os.path.split(file)
        return os.path.join(folder, name.split("_")[0]) if folder in self.order.shared else folder

    def fault(self, kind, file, other, text):
        if (kind, file, other) not in self.order.known:
            self.wrong.append(text)
        elif (kind, file, other) not in self.met:
            self.met.add((kind, file, other))
            self.known.append("%s (%s)" % (text, self.order.known[kind, file, other]))

    def places(self):
        for file in sorted(set(self.program.objects) - set(self.order.rank)):
            self.wrong.append("%s: has no place in the order" % file)
        for file in sorted(set(self.order.rank) - set(self.program.objects)):
            self.wrong.append("%s: has a place in the order, but is not there" % file)
        last, left = "", set()
        for folder in (os.path.dirname(file) for names in self.order.lines for file in names):
            if folder and folder != last and folder in left:
                self.wrong.append("%s: its files do not stand together" % folder)
            left.add(last)
            last = folder

    def directions(self):
        rank = self.order.rank
        for file, others in self.program.uses.items():
            for other, what in others.items():
                if file not in rank or other not in rank or rank[other] < rank[file]:
                    continue
                where = "a neighbour" if rank[other] == rank[file] else "above it"
                for kind in ("call", "data"):
                    names = sorted(name for k, name in what if k == kind)
                    if names:
                        self.fault(kind, file, other, "%s %s %s of %s, which is %s" % (
                            file, "calls" if kind == "call" else "uses the data", ", ".join(names), other, where))

    def callbacks(self):
        used = set()
        for file, tables in self.program.given.items():
            for name, functions in tables.items():
                line = self.allowed(file, name)
                used.add(line)
                if not line:
                    self.wrong.append("%s gives away %s%s: say in [callbacks] why" % (
                        file, name, "" if functions == [name] else " (%s)" % ", ".join(functions)))
        for line in self.order.callbacks:
            if line not in used:
                self.wrong.append("%s gives away no %s: take it out of [callbacks]" % line[:2])

    def allowed(self, file, name):
        for line in self.order.callbacks:
            if fnmatch.fnmatchcase(file, line[0]) and fnmatch.fnmatchcase(name, line[1]):
                return line
        return None

    def check_sources(self):
        rank = self.order.rank
        lowest = {}
        for file in rank:
            room = self.room_of(file)
            lowest[room] = min(lowest.get(room, rank[file]), rank[file])
        for name, owner in self.order.fields.items():
            if owner not in rank:
                self.wrong.append("[fields] %s: its owner %s has no place" % (name, owner))
        texts = [(file, path, re.sub(r"/\*.*?\*/", "", text, flags=re.S)) for file, path, text in self.program.texts()]
        adapters = self.adapters(texts)
        for file, path, text in texts:
            room = self.room_of(file)
            if path in self.order.open or room not in lowest and room != "compat":
                continue
            mine = adapters.get(path, -1) if room == "compat" else rank.get(file, lowest.get(room))
            self.fields(file, path, text, mine)
            for header in includes(text):
                self.header(file, path, header, mine, lowest)

    def adapters(self, texts):
        """Headers of compat/ and how high they are: as the lowest file that includes them."""
        found = {}
        for file, _, text in texts:
            for header in includes(text):
                if header.startswith("compat/") and file in self.order.rank:
                    found[header] = min(found.get(header, 1 << 30), self.order.rank[file])
        return found

    def fields(self, file, path, text, mine):
        for name, owner in self.order.fields.items():
            if self.order.rank.get(owner, -1) > mine and re.search(r"(->|\.)%s\b" % name, text):
                self.fault("field", file, name, "%s reads the field %s, which is that of %s" % (path, name, owner))

    def header(self, file, path, header, mine, lowest):
        """A header is as high as the lowest file of its room; it is looked for as the compiler does."""
        for folder in (os.path.dirname(path), "", *sorted({os.path.dirname(name) for name in self.order.rank})):
            target = os.path.normpath(os.path.join(folder, header))
            if os.path.exists(os.path.join(self.program.sources, target)):
                break
        else:
            return
        room = self.room_of(target[:-2])
        if target not in self.order.open and room != self.room_of(file) and lowest.get(room, -1) > mine:
            self.fault("include", file, target, "%s includes %s of a room above it" % (path, target))
