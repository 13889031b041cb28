# SPDX-License-Identifier: GPL-2.0
"""The table of a host that lies, as data: messages to the guest, what becomes of one, when: MESSAGE/FAULT/MOMENT.

Messages and their fields are those of tests/host/fault/messages.def, which the host is built of; in a guest the host
is asked for them. A fault is one of

    lost late twice swapped elsewhere garbage
                    as the kinds of the host's fault "mutate" (Documentation/testhost.md)
    truncated=N stretched=N     to N bytes, by N bytes
    FIELD=V         the field is V: 0, 1, the sign bit, max - 1, max, other types for a field "type", or "random"
    FIELD~V         it becomes V when the guest has the message already
    FIELD=storm garbage-storm   in all of them, for two seconds of traffic, another value each time
    unasked foreign the message comes although nobody asked: by itself; as a completion of an id never issued
    flood           the same two hundred times
    flaps           the link goes down and up sixty times (rndis.indicate_status)

What is random, and which of several messages of the kind it is, follows from the cell's name and the seed.

Messages of the bus (carrier BUS) are hv_vmbus's to understand: their cells are no part of "all" and of the sample, but "bus".
Where it waits for a message without a limit, or nobody can tell it once more, no cell loses it: LOSABLE has the others.
"""
import collections
import os
import random
import re
import zlib

LIST = os.path.join(os.path.dirname(os.path.realpath(__file__)), "../host/fault/messages.def")
MOMENTS = ("bring-up", "running", "reconfigure", "vf", "sleep", "teardown", "removal")
# Words of the column "when" -> moments.
WHEN = {"open": ("bring-up", "reconfigure", "sleep"), "set": ("running",), "data": ("running",), "news": ("running",),
        "table": ("running",), "path": ("vf",), "close": ("teardown",),
        "offer": ("bring-up",), "share": ("bring-up", "reconfigure"), "unshare": ("reconfigure", "teardown"),
        "contact": ("sleep",), "leave": ("removal",)}
WORDS = ("data", "set", "news", "table", "open", "path", "close", "offer", "share", "unshare", "contact", "leave")
LOSABLE = ("bus.open_result", "bus.gpadl_created")
LOST = re.compile(r"\S+/(lost|garbage|truncated|(type|relid|gpadl|open_id|supported|state)=)|bus.version_response/connection=")
KINDS = ("lost", "late", "twice", "swapped", "elsewhere", "garbage")
CUTS, STRETCHES = (0, 4, 8, 16), (8, 64, 256)
FLOOD, FLAPS = 200, 60
SLOW_WORDS = ("truncated", "stretched", "type", "request_id", "id", "length", "data_offset", "set_id", "range_cnt",
              "byte_count", "byte_offset", "channel_type")
# How many of them the host writes at that moment, about: one is chosen.
OCCURS = {("rndis.query_cmplt", "open"): 7, ("rndis.set_cmplt", "open"): 2, ("packet.xfer", "open"): 9,
          ("nvsp.rndis_pkt", "open"): 9, ("packet.completion", "open"): 12, ("nvsp.rndis_pkt_complete", "open"): 9,
          ("packet.xfer", "data"): 8, ("nvsp.rndis_pkt", "data"): 8, ("rndis.packet", "data"): 8,
          ("bus.gpadl_created", "share"): 3, ("bus.gpadl_torndown", "unshare"): 3,
          ("packet.completion", "data"): 8, ("nvsp.rndis_pkt_complete", "data"): 8}
SEED = 18
# In make test: of each moment so many cells; what makes the guest wait for its limit is left to the whole table.
SAMPLE = (("running", 20), ("bring-up", 4), ("reconfigure", 3), ("teardown", 2))

Message = collections.namedtuple("Message", "name carrier type when fields")
Field = collections.namedtuple("Field", "name offset width")
Cell = collections.namedtuple("Cell", "message fault moment")


def name_of(cell):
    return "/".join(cell)


def read_list(path=LIST):
    """Name -> message, in order."""
    with open(path) as f:
        text = f.read()
    messages = collections.OrderedDict()
    for line in text.splitlines():
        if m := re.match(r'MESSAGE\("(\S+)", (\w+), (\w+), "([a-z ]+)", ', line):
            number = None if m[3] == "NVSP_NONE" else int(m[3], 0)
            messages[m[1]] = last = Message(m[1], m[2], number, m[4].split(), [])
        elif m := re.match(r'FIELD\("(\S+)", (\d+), (\d+)\)', line):
            last.fields.append(Field(m[1], int(m[2]), int(m[3])))
    return messages


def from_host(told):
    """The same out of the host's answer to fault.messages."""
    none = 0xffffffff
    return collections.OrderedDict((m["name"], Message(
        m["name"], m["carrier"], None if m["type"] == none else m["type"], m["when"].split(),
        [Field(*f) for f in m["fields"]])) for m in told)


def edges(field):
    top = (1 << 8 * field.width) - 1
    return sorted({0, 1, (top + 1) // 2, top - 1, top})


def of_the_bus(message, messages):
    """The same of a message of the bus."""
    found = [k for k in KINDS if k != "elsewhere"] + ["truncated=%d" % n for n in CUTS] + ["stretched=%d" % n for n in STRETCHES]
    for field in message.fields:
        values = ["%#x" % v for v in edges(field)] + ["random"]
        if field.name == "type":
            others = {m.type for m in messages.values() if m.carrier == "BUS"}
            values += ["%#x" % v for v in sorted(others - set(edges(field)) - {message.type})]
        found += ["%s=%s" % (field.name, v) for v in values]
    return [f for f in found if message.name in LOSABLE or not LOST.match(message.name + "/" + f)]


def faults(message, messages):
    """All that can become of it, in order."""
    if message.carrier == "BUS":
        return of_the_bus(message, messages)
    found = []
    if message.carrier != "RING":
        found += [k for k in KINDS if message.fields or k != "garbage"]
        found += ["garbage-storm"] if message.fields and "data" in message.when else []
        found += ["truncated=%d" % n for n in CUTS if message.fields]
        found += ["stretched=%d" % n for n in STRETCHES]
    for field in message.fields:
        values = ["%#x" % v for v in edges(field)] + ["random"]
        if field.name == "type":
            others = {m.type for m in messages.values() if m.carrier == message.carrier and m.type is not None}
            values += ["%#x" % v for v in sorted(others - set(edges(field)) - {message.type})]
        found += ["%s=%s" % (field.name, v) for v in values]
        if "data" in message.when:
            found.append(field.name + "=storm")
        if message.carrier != "RING":
            found += ["%s~%#x" % (field.name, (1 << 8 * field.width) - 1), field.name + "~random"]
    return found


def is_storm(fault):
    return fault.endswith("storm")


def injected(message):
    if message.carrier == "RNDIS":
        return ["unasked", "flood"] + (["flaps"] if message.name == "rndis.indicate_status" else [])
    return ["unasked", "foreign", "flood"] if message.carrier == "NVSP" and message.fields else []


def all_cells(messages=None):
    messages = messages or read_list()
    cells = []
    for message in messages.values():
        moments = [m for m in MOMENTS if any(m in WHEN[w] for w in message.when)]
        for moment in moments:
            for fault in faults(message, messages):
                if is_storm(fault) and moment != "running":
                    continue
                # A machine needs ten seconds to sleep: of each field what is most likely to hurt.
                if moment != "sleep" or not re.search(r"[=~]", fault) or re.search(r"=(random|0xf+|0|8)$", fault):
                    cells.append(Cell(message.name, fault, moment))
        for moment in ("running", "reconfigure"):
            cells += [Cell(message.name, fault, moment) for fault in injected(message)]
    return cells


def is_bus(cell):
    return cell.message.startswith("bus.")


def chance(cell, seed):
    """What is random in a cell."""
    return random.Random(zlib.crc32(name_of(cell).encode()) ^ seed)


def word_of(message, moment):
    """What makes the host write that message at that moment."""
    return next(w for w in WORDS
                if w in message.when and moment in WHEN[w])


def plan(cell, seed, messages):
    """The words of fault.set; None: it is injected."""
    message, rng = messages[cell.message], chance(cell, seed)
    if cell.fault in injected(message):
        return None
    nth = rng.randrange(OCCURS.get((message.name, word_of(message, cell.moment)), 1))
    words = {"name": "mutate", "what": message.name, "after": nth, "seed": rng.randrange(1, 1 << 31)}
    if is_storm(cell.fault):
        kind, _, _ = cell.fault.partition("-")
        words.update(after=0, count=0)
        return dict(words, kind=kind) if kind == "garbage" else \
            dict(words, kind="field", field=cell.fault.partition("=")[0])
    if m := re.match(r"(truncated|stretched)=(\d+)$", cell.fault):
        return dict(words, kind=m[1], value=int(m[2]))
    if m := re.match(r"(\w+)([=~])(\w+)$", cell.fault):
        width = next(f.width for f in message.fields if f.name == m[1])
        value = rng.getrandbits(8 * width) if m[3] == "random" else int(m[3], 0)
        signed = value - (1 << 64) if value >> 63 else value
        return dict(words, kind="field" if m[2] == "=" else "rewritten", field=m[1], value=signed)
    return dict(words, kind=cell.fault, **({"ms": 400} if cell.fault == "late" else {}))


def packet(cell, seed, messages):
    """An injected message: the kind of nic.inject, its bytes, how often."""
    message, rng = messages[cell.message], chance(cell, seed)
    size = max(max(f.offset + f.width for f in message.fields), 16)
    size = max(size, 40) if message.carrier == "NVSP" else size
    data = bytearray(rng.choice((0, 0, 1, 0xff)) for _ in range(size))
    data[0:4] = message.type.to_bytes(4, "little")
    if message.carrier == "RNDIS":
        data[4:8] = size.to_bytes(4, "little")
    kind = "rndis" if message.carrier == "RNDIS" else "completion" if cell.fault == "foreign" else "inband"
    return kind, bytes(data), FLOOD if cell.fault == "flood" else 1


def slow(cell):
    """The guest waits for its limit: what it waits for does not come, or it cannot tell that it did."""
    return is_storm(cell.fault) or cell.fault in ("lost", "garbage", "elsewhere") or \
        re.split("[=~]", cell.fault)[0] in SLOW_WORDS


def waits(cell):
    """A transmit that is never completed is given up after forty seconds."""
    return cell.message in ("packet.completion", "nvsp.rndis_pkt_complete")


def is_quick(cell):
    if cell.moment == "running" and not cell.message.endswith("_cmplt"):
        return not waits(cell)
    return not slow(cell)


def sample(cells, seed):
    rng, chosen = random.Random(seed), []
    for moment, n in SAMPLE:
        mine = [c for c in cells if c.moment == moment and is_quick(c) and not is_bus(c)]
        chosen += [mine[i] for i in sorted(rng.sample(range(len(mine)), min(n, len(mine))))]
    return chosen


def choose(words, messages=None):
    """all[:i/n], bus[:i/n], sample[:SEED], MOMENT[:i/n], MESSAGE[:i/n], or names of cells; ValueError when that is none."""
    cells = all_cells(messages)
    kind, _, more = words.partition(":")
    if kind == "sample":
        return sample(cells, int(more or SEED))
    some = [c for c in cells if kind in (("bus", c.message) if is_bus(c) else ("all", c.moment, c.message))]
    if some:
        i, n = (int(x) for x in (more or "1/1").split("/"))
        return some[i - 1::n]
    by_name = {name_of(c): c for c in cells}
    missing = [w for w in words.split() if w not in by_name]
    if missing:
        raise ValueError("no cell " + ", ".join(missing))
    return [by_name[w] for w in words.split()]
