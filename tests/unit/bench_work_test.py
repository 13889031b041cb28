#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
What the benchmark makes of whole workloads (tests/bench/workload.py, workreport.py and
guest/work*.py), with made-up input. Prints KTAP.
"""
import json
import math
import os
import struct
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
sys.dont_write_bytecode = True
sys.path[:0] = [os.path.join(TOP, name) for name in ("tests/bench", "tests/bench/guest", "tests/e2e")]
import points  # noqa: E402
import workfwd  # noqa: E402
import workload  # noqa: E402
import workpeer  # noqa: E402
import workreport  # noqa: E402

ROWS = {row.name: row for row in workload.ROWS}
TESTS = []


def test(function):
    TESTS.append(function)
    return function


def rep(units, seconds=1.0, guest=1000, **work):
    counts = {"kernel": guest // 2, "guest": guest, "by_module": {"hv_netvsc": 30, "hv_vmbus": 10},
              "by_function": {"hv_netvsc:xmit": 30, "hv_vmbus:ring": 10}, "calls": {"memcpy": 5}}
    return {"work": dict(work, units=units, seconds=seconds), "counts": counts, "ns": 10000,
            "host": {"signals_from_guest": 4, "interrupts": 2}}


def figures(name, *reps):
    return workreport.work_figures(ROWS[name], list(reps))


def gates(**results):
    return {gate.name: gate for gate in workreport.work_gates(results, "k", ("stock", "ours"))}


# ---- figures ----

@test
def a_stream_counts_in_mbit_and_kb():
    told = figures("TCP1/out", rep(1 << 20, 0.5), rep(1 << 20, 1), rep(1 << 20, 0.25))
    assert math.isclose(told["rate"], (1 << 20) * 8 / 1e6 / 0.5), told
    assert math.isclose(told["guest_instructions"], 1000 / 1024), told
    assert math.isclose(told["signals"], 4 / 1024) and math.isclose(told["share"], 0.2), told
    assert math.isclose(told["spread"], (4 - 1) / 2), told


@test
def transactions_count_one_by_one():
    told = figures("RR/tcp", rep(500, 0.5, median_us=10.0, p99_us=30.0), rep(500, 0.5, median_us=12.0, p99_us=20.0))
    assert told["rate"] == 1000 and told["instructions"] == 40 / 500, told
    assert figures("RR/udp", rep(500, 0.5, all=1000))["instructions"] == 40 / 1000
    assert told["median_us"] == 11 and told["p99_us"] == 25, told


@test
def losses_are_summed_over_the_repetitions():
    one = rep(90, sent=100, places={"socket": 8, "elsewhere": 2})
    told = figures("UDP64/in", one, rep(100, sent=100, places={"socket": 0, "elsewhere": 0}))
    assert told["lost"] == 0.05 and told["places"]["socket"] == 8 and told["places"]["host"] == 0, told


@test
def what_did_nothing_is_no_figure():
    assert figures("FWD64") is None
    assert figures("FWD64", rep(0)) is None


# ---- gates ----

@test
def as_much_as_stock_is_enough():
    same = figures("CRR", rep(100, median_us=10.0, p99_us=20.0))
    found = gates(CRR={"stock": same, "ours": same})
    assert all(gate.good() for name, gate in found.items() if "mean" not in name), found
    mean = found["k: geometric mean of 1 throughputs"]
    assert mean.got == 1 and not mean.good() and "too little" in mean.text(), mean.text()


@test
def less_than_stock_falls_short():
    pair = {"stock": figures("FWD64", rep(100, sent=100, places={})), "ours": figures("FWD64", rep(99, sent=100, places={}))}
    found = gates(FWD64=pair)
    assert not found["k: FWD64 throughput, ratio"].good()
    assert not found["k: FWD64 lost, part of all"].good()


@test
def percentiles_have_gates_of_their_own():
    pair = {"stock": figures("RR/udp", rep(100, median_us=10.0, p99_us=20.0)),
            "ours": figures("RR/udp", rep(120, median_us=9.0, p99_us=21.0))}
    found = gates(**{"RR/udp": pair})
    assert found["k: RR/udp median, ratio"].good() and not found["k: RR/udp 99th percentile, ratio"].good()


@test
def the_mean_is_geometric():
    pairs = {name: {"stock": figures(name, rep(100)), "ours": figures(name, rep(units))}
             for name, units in (("TCP1/out", 200), ("TCP8/out", 50))}
    assert math.isclose(gates(**pairs)["k: geometric mean of 2 throughputs"].got, 1.0)


@test
def what_was_not_measured_is_said():
    found = gates(CRR={"stock": None, "ours": figures("CRR", rep(1))})
    assert found["k: CRR throughput, ratio"].got is None
    assert "not measured" in found["k: geometric mean of 1 throughputs"].text()
    assert not workreport.work_gates({"CRR": {"ours": None}}, "k", ("ours",))


@test
def tables_print():
    both = {name: {"stock": figures(name, rep(100, **more)), "ours": figures(name, rep(110, **more))}
            for name, more in (("RR/tcp", {"median_us": 1.0, "p99_us": 2.0}), ("CRR", {}),
                               ("UDP64/in", {"sent": 200, "places": {"socket": 90}}))}
    both["TCP1/out"] = {"stock": None, "ours": None}
    rows = [ROWS[name] for name in both]
    text = "\n".join(workreport.work_text(rows, both, "6"))
    for words in ("1.100 ok", "1.0 / 1.0", "50.00%", "45.00%", "- / -"):
        assert words in text, (words, text)


# ---- rows ----

@test
def rows_are_chosen_by_the_part_before_a_slash():
    assert [row.name for row in workload.chosen(["TCP8/in", "CRR"])] == ["TCP8/in", "TCP8/in/rsc", "CRR"]
    assert len(workload.chosen([])) == len(ROWS) == len(workload.ROWS)


@test
def a_step_is_what_a_guest_can_read():
    for row in workload.ROWS:
        step = json.loads(json.dumps(row.step(True, 2, "ours")))
        assert step["load"] in {**workpeer.LOADS, **workfwd.LOADS} and step["reps"] == 2, step
    assert ROWS["XSK64"].step(False, 1, "stock")["mode"] == "copy"


# ---- in the guest ----

@test
def sockperf_is_read():
    text = """sockperf: == version #3.7-no.git ==
sockperf: [Total Run] RunTime=1.000 sec; Warm up time=400 msec; SentMessages=900; ReceivedMessages=899
sockperf: [Valid Duration] RunTime=0.550 sec; SentMessages=500; ReceivedMessages=499
sockperf: Summary: Round trip is 40.123 usec
sockperf: ---> <MAX> observation =   99.000
sockperf: ---> percentile 99.999 =   98.000
sockperf: ---> percentile 99.000 =   60.500
sockperf: ---> percentile 50.000 =   39.250
sockperf: ---> <MIN> observation =   30.000
"""
    assert workpeer.sockperf_end(text) == {"units": 499, "seconds": 0.55, "all": 899, "median_us": 39.25, "p99_us": 60.5}
    try:
        workpeer.sockperf_end("sockperf: ERROR: refused")
    except workpeer.NotDone:
        return
    raise AssertionError("an error is no result")


@test
def an_error_of_iperf3_is_told():
    try:
        workpeer.iperf_end('{"error": "unable to connect"}')
    except workpeer.NotDone as err:
        assert "unable" in str(err)
        return
    raise AssertionError("an error is no result")


SNMP = ("Ip: Forwarding\nIp: 1\nUdp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors InCsumErrors "
        "IgnoredMulti MemErrors\nUdp: %d 0 %d %d %d 0 0 0 0\n")


@test
def counters_of_the_kernel_are_read():
    assert workpeer.udp_of(SNMP % (5, 1, 9, 1))["OutDatagrams"] == 9
    line = "00000010 0000000a" + " 00000000" * 11 + "\n"
    assert workpeer.backlog_of(line * 2 + SNMP % (1, 1, 1, 1) + "7\n") == 20


class Made:
    """Counters as workpeer.Counts has them."""

    def __init__(self, guest, peer, **more):
        self.guest, self.peer = workpeer.udp_of(SNMP % guest), workpeer.udp_of(SNMP % peer)
        for name in ("guest_backlog", "peer_backlog", "rx_dropped", "tx_dropped", "qdisc", "tap_full", "host",
                     "host_to_tap"):
            setattr(self, name, more.get(name, 0))


@test
def each_lost_datagram_has_a_place():
    was = Made((0, 0, 0, 0), (0, 0, 0, 0))
    now = Made((60, 10, 0, 10), (0, 0, 100, 0), tap_full=20, host=3, rx_dropped=2, guest_backlog=1)
    sent, arrived, places = workpeer.lost_by_place(was, now, False)
    assert (sent, arrived) == (100, 60), (sent, arrived)
    assert places == {"sender": 0, "host": 23, "driver": 2, "backlog": 1, "socket": 10, "elsewhere": 4}, places
    now = Made((0, 0, 100, 0), (80, 5, 0, 5), qdisc=4, tx_dropped=3, host=2, host_to_tap=1, peer_backlog=5)
    sent, arrived, places = workpeer.lost_by_place(was, now, True)
    assert places == {"sender": 4, "host": 3, "driver": 3, "backlog": 5, "socket": 5, "elsewhere": 0}, places


@test
def a_percentile_is_one_of_the_values():
    assert workpeer.percentile(list(range(100)), 0.99) == 99 and workpeer.percentile([7], 0.99) == 7


class Ring:
    """As xsk.Ring, without a socket."""
    producer, consumer, entries = 0, 4, 64

    def __init__(self, size, fmt, at):
        self.size, self.format = size, struct.Struct(fmt)
        self.mem = bytearray(64 + size * self.format.size)
        struct.pack_into("II", self.mem, 0, at, at)

    def word(self, at):
        return struct.unpack_from("I", self.mem, at)[0]


@test
def entries_go_through_a_ring_in_order_over_its_end_too():
    for at in (0, 5, 0xfffffffd):
        ring = Ring(8, "Q", at)
        for first, count in ((0, 8), (100, 3), (200, 7), (300, 0)):
            data = struct.pack("%dQ" % count, *range(first, first + count))
            workfwd.put_all(ring, data)
            assert len(ring.mem) == 64 + 64
            assert bytes(workfwd.take_all(ring)) == data, (at, first)
        assert ring.word(0) == ring.word(4) == at + 18 & 0xffffffff


sys.exit(points.run(TESTS))
