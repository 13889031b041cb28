# SPDX-License-Identifier: GPL-2.0
"""
What became of a guest: reads the kernel console, the status of hvhost and its
report, and gives the exit status of tests/vm with a sentence.
"""
import re

USAGE = 200
GUEST = 201
VIOLATION = 202
SETUP = 203
TIMEOUT = 204
DRIVER = 205

MEANINGS = (
    (USAGE, "the command line of tests/vm itself is wrong"),
    (GUEST, "the guest crashed, hung or warned (panic, oops, BUG, WARNING, KASAN, lockdep, "
            "UBSAN, lockup, hung task, RCU stall), even if the command went well"),
    (VIOLATION, "the host recorded a violation of the protocol by the guest"),
    (SETUP, "no guest came to run the command: packages, cache, kernel, host, outer guest"),
    (TIMEOUT, "the command did not end in time (--timeout)"),
    (DRIVER, "the driver did not load or its interfaces did not appear"),
)

# Lines by which a kernel says that something is wrong with it.
SPLAT = re.compile(
    r"Kernel panic|BUG: |\bOops\b|general protection fault|\bWARNING: |KASAN: |UBSAN: |KCSAN: |"
    r"kernel BUG at|invalid opcode: |possible (circular|recursive) locking|inconsistent lock state|"
    r"suspicious RCU usage|bad unlock balance|INFO: (task .* blocked|rcu.*(stall|detected))|"
    r"rcu: INFO: .*stall|soft lockup|hard LOCKUP|unregister_netdevice: waiting|refcount_t: |"
    r"(new )?suspected memory leaks|DEBUG_LOCKS_WARN_ON|ODEBUG: |Call Trace:|watchdog: BUG|"
    r"sleeping function called from invalid context|scheduling while atomic")
# Lines that look like it and are not.
HARMLESS = re.compile(r"RETBleed|Spectre|kunit|# |WARNING: .*unsafe .*mitigation")

HOST_OK, HOST_USAGE, HOST_SETUP, HOST_CRASH, HOST_TIMEOUT, HOST_VIOLATION = 0, 3, 4, 5, 6, 7


def marks(console):
    """What init wrote: the words behind each "init: "."""
    return re.findall(r"^init: (.*?)\r?$", console, re.M)


def splat(console):
    """The first line that speaks of a broken kernel, or None."""
    for line in console.splitlines():
        if not line.startswith("init: ") and SPLAT.search(line) and not HARMLESS.search(line):
            return line.strip()
    return None


def command_status(console):
    """Exit status of the command as init saw it, or None."""
    for mark in marks(console):
        found = re.match(r"command ended with (-?\d+) ", mark)
        if found:
            return int(found.group(1))
    return None


def cpu_ns(console):
    """CPU time of the command with --icount, or None."""
    for mark in marks(console):
        if mark.startswith("cputime "):
            return int(mark.split()[1])
    return None


def died_early(console, host_status, timed_out):
    """The guest died before the bus connected: the one case for another try."""
    if timed_out or host_status != HOST_CRASH:
        return False
    return not any(m.startswith(("bus connected", "command starts", "setup failed",
                                 "driver failed")) for m in marks(console))


def violations(report):
    """Sentences about the violations in hvhost's report."""
    found = report.get("violations", [])
    if isinstance(found, dict):
        found = found.get("list", found.get("items", []))
    lines = []
    for item in found if isinstance(found, list) else []:
        if isinstance(item, dict):
            if item.get("class") == "style":
                continue
            name = item.get("name", "?")
            detail = item.get("detail") or item.get("text") or ""
            lines.append("%s x%s %s" % (name, item.get("count", 1), detail))
        else:
            lines.append(str(item))
    return lines


def judge(console, host_status, report, stopped):
    """
    stopped: None, "time-out" or "hang" (the boot did not finish in time).
    Return: (exit status, sentence or None).
    """
    status = command_status(console)
    bad = splat(console)
    if bad:
        return GUEST, "the guest's kernel says: " + bad
    for mark in marks(console):
        if mark.startswith("driver failed: "):
            return DRIVER, mark
        if mark.startswith("setup failed: "):
            return SETUP, mark
    if stopped == "time-out":
        return TIMEOUT, "the command did not end in time"
    if stopped == "hang":
        return GUEST, "the guest did not come to the command in time"
    if host_status < 0:
        return SETUP, "hvhost died of signal %d" % -host_status
    if host_status in (HOST_USAGE, HOST_SETUP):
        return SETUP, "hvhost could not run the guest (status %d)" % host_status
    if host_status == HOST_TIMEOUT:
        return (TIMEOUT if "command starts" in console else GUEST), "the guest did not end in time"
    if host_status == HOST_VIOLATION:
        return VIOLATION, "the guest violated the protocol: " + \
            ("; ".join(violations(report)[:3]) or "see the report")
    if host_status == HOST_CRASH or status is None:
        return GUEST, "the guest died (hvhost status %d)" % host_status
    if host_status != HOST_OK:
        return SETUP, "hvhost ended with status %d" % host_status
    return status, None
