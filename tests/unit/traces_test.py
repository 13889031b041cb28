#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Whose a trace in the kernel's log is (tests/e2e/traces.py), with traces as kernels write them. Prints KTAP."""
import os
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
sys.dont_write_bytecode = True
sys.path[:0] = [os.path.join(TOP, "tests/outer"), os.path.join(TOP, "tests/e2e")]
import points  # noqa: E402
import traces  # noqa: E402
import verdict  # noqa: E402

# The driver waits for an answer, and its message comes in an interrupt.
IN_AN_INTERRUPT = """
[   31.8] ------------[ cut here ]------------
[   31.8] WARNING: CPU: 0 PID: 33 at drivers/hv/vmbus_drv.c:1035 vmbus_on_msg_dpc+0x29f/0x300 [hv_vmbus]
[   31.8] Modules linked in: hv_netvsc(OE) hv_vmbus
[   31.8] RIP: 0010:vmbus_on_msg_dpc+0x29f/0x300 [hv_vmbus]
[   31.8] Call Trace:
[   31.8]  <IRQ>
[   31.8]  ? __warn+0x81/0x130
[   31.8]  ? netvsc_chan_open+0x10/0x300 [hv_netvsc]
[   31.8]  tasklet_action_common+0x12c/0x230
[   31.8]  </IRQ>
[   31.8]  <TASK>
[   31.8]  vmbus_open+0x4c/0xb0 [hv_vmbus]
[   31.8]  netvsc_chan_open+0x143/0x300 [hv_netvsc]
[   31.8]  </TASK>
"""
IN_A_TASK = """
[   40.1] BUG: unable to handle page fault for address: ffffc90000400000
[   40.1] RIP: 0010:netvsc_rx_frame+0x2f/0x300 [hv_netvsc]
[   40.1] Call Trace:
[   40.1]  <TASK>
[   40.1]  vmbus_chan_sched.isra.0+0x9f/0x300 [hv_vmbus 0123abcd]
"""


def read(text):
    found = traces.Traces()
    for line in text.splitlines():
        found.feed(line, bool(verdict.SPLAT.search(line)))
    return found


TESTS = []


def test(function):
    TESTS.append(function)
    return function


@test
def the_interrupted_task_is_no_part_of_it():
    found = read(IN_AN_INTERRUPT)
    assert found.is_of("hv_vmbus"), found.modules
    assert found.place == "drivers/hv/vmbus_drv.c:1035 vmbus_on_msg_dpc", found.place


@test
def a_driver_that_was_called_in_the_interrupt_is():
    found = read(IN_AN_INTERRUPT.replace("? netvsc_chan_open", "netvsc_chan_open"))
    assert found.modules == {"hv_vmbus", "hv_netvsc"} and not found.is_of("hv_vmbus"), found.modules


@test
def a_trace_of_a_task_is_of_all_that_called():
    found = read(IN_A_TASK)
    assert found.modules == {"hv_vmbus", "hv_netvsc"}, found.modules
    assert found.place == "netvsc_rx_frame", found.place


@test
def the_next_trace_is_read_too():
    found = read(IN_AN_INTERRUPT + IN_A_TASK)
    assert not found.is_of("hv_vmbus") and found.place.startswith("drivers/hv/"), found.modules


@test
def without_a_trace_nobody_is_to_blame():
    found = read("[    1.0] INFO: task kworker/0:1:9 blocked for more than 120 seconds.\n")
    assert not found.is_of("hv_vmbus") and not found.place


sys.exit(points.run(TESTS))
