# SPDX-License-Identifier: GPL-2.0
"""
The agent inside the outer guest: runs one hvhost after the other.

It talks JSON lines over a virtio serial port. The peer (tests/outer/outer.py)
says hello with a nonce, which is echoed and so marks the beginning of a fresh
talk, then sends one job:

    {"job": {"argv": [...], "files": {name: {"from": "cache"|"run", "path": ..., "key": ...}},
             "outputs": "folder below the run share"}}

Words of argv may hold @name@ (local copy of that file) and @out@ (folder whose
files are handed back at the end). Then come {"stdin": ...}, {"stop": 1} or
{"quit": 1}; from here go {"out"|"err"|"console": base64} and {"end": {...}}.
When the peer goes away, the job is ended. Without a peer for the idle time the
agent ends, and the machine with it.

In a closed machine (tests/outer/closed.py) the job lies beside this file. It is
run at once, and everything it gave is sent when it is over.
"""
import base64
import hashlib
import json
import os
import select
import shutil
import sys
import termios
import time
import tty

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from runner import Runner  # noqa: E402

SHARES = {"cache": "/mnt/cache", "run": "/mnt/run"}
STORE = "/store"
JOB = "/store/job"


class Gone(Exception):
    """The peer hung up."""


class Port:
    """The virtio port, as lines of JSON."""

    def __init__(self, path):
        self.fd = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        self.poll = select.poll()
        self.poll.register(self.fd, select.POLLIN)
        self.buffer = b""

    def connected(self):
        return not any(ev & select.POLLHUP for _, ev in self.poll.poll(0))

    def forget(self):
        self.buffer = b""

    def send(self, message):
        data = json.dumps(message).encode() + b"\n"
        while data:
            try:
                data = data[os.write(self.fd, data):]
            except BlockingIOError:
                if not self.connected():
                    raise Gone() from None
                time.sleep(0.002)
            except OSError:
                raise Gone() from None

    def lines(self):
        """Messages that have come in; does not wait."""
        try:
            data = os.read(self.fd, 65536)
        except BlockingIOError:
            data = None
        except OSError:
            raise Gone() from None
        if data == b"" and not self.connected():
            raise Gone()
        self.buffer += data or b""
        *done, self.buffer = self.buffer.split(b"\n")
        for line in done:
            try:
                yield json.loads(line)
            except ValueError:
                pass

    def wait(self, seconds):
        events = self.poll.poll(seconds * 1000)
        if any(ev & select.POLLHUP for _, ev in events):
            if not any(ev & select.POLLIN for _, ev in events):
                raise Gone()


def find_port():
    base = "/sys/class/virtio-ports"
    for name in os.listdir(base):
        with open(os.path.join(base, name, "name")) as f:
            if f.read().strip() == "agent":
                return "/dev/" + name
    raise SystemExit("no port named agent")


def b64(data):
    return base64.b64encode(data).decode()


def copy(source, target, size):
    """Copies that many bytes in large pieces."""
    piece = memoryview(bytearray(1 << 20))
    with open(source, "rb", buffering=0) as f, open(target, "wb", buffering=0) as t:
        while size:
            n = f.readinto(piece[:min(size, len(piece))])
            if not n:
                raise OSError("%s is shorter than it should be" % source)
            t.write(piece[:n])
            size -= n


class Store:
    """Copies of the cache's files, kept until memory gets short."""

    def __init__(self):
        self.used = {}

    def path(self, spec):
        source = os.path.join(SHARES["cache"], spec["path"])
        name = "%s.%s" % (spec["path"].replace("/", "_"), spec["key"])
        target = os.path.join(STORE, name)
        if not os.path.exists(target):
            size = os.path.getsize(source)
            self.make_room(size)
            copy(self.disk(spec) or source, target + ".tmp", size)
            os.rename(target + ".tmp", target)
        self.used[target] = time.monotonic()
        return target

    @staticmethod
    def disk(spec):
        """The virtio disk that is this very file, if there is one."""
        want = hashlib.sha256(("%s %s" % (spec["path"], spec["key"])).encode()).hexdigest()[:20]
        for name in os.listdir("/sys/block"):
            try:
                with open("/sys/block/%s/serial" % name) as f:
                    if f.read().strip("\0\n ") == want:
                        return "/dev/" + name
            except OSError:
                pass
        return None

    def make_room(self, size):
        """Guests need the memory too: keep at most a third of it."""
        st = os.statvfs(STORE)
        limit = st.f_blocks * st.f_frsize * 4 // 9
        for old in sorted(self.used, key=self.used.get):
            now = sum(os.path.getsize(p) for p in self.used)
            if now + size <= limit:
                break
            os.unlink(old)
            del self.used[old]


def prepare(job, store):
    """The job's argv with local paths."""
    shutil.rmtree(JOB, ignore_errors=True)
    os.makedirs(JOB + "/out")
    names = {"@out@": JOB + "/out"}
    for name, spec in job["files"].items():
        if spec["from"] == "cache":
            path = store.path(spec)
        else:
            path = os.path.join(JOB, name)
            if spec["from"] == "run":
                shutil.copy(os.path.join(SHARES["run"], spec["path"]), path)
            else:
                copy(spec["path"], path, spec["key"])
            os.chmod(path, 0o755)
        names["@%s@" % name] = path
    argv = []
    for word in job["argv"]:
        for name, path in names.items():
            word = word.replace(name, path)
        argv.append(word)
    return argv


def hand_back(job):
    target = os.path.join(SHARES["run"], job["outputs"])
    os.makedirs(target, exist_ok=True)
    for top, _, files in os.walk(JOB + "/out"):
        to = os.path.join(target, os.path.relpath(top, JOB + "/out"))
        os.makedirs(to, exist_ok=True)
        for name in files:
            shutil.copyfile(os.path.join(top, name), os.path.join(to, name))


def run_job(port, job, store):
    """Runs it to its end; Gone ends it early."""
    argv = prepare(job, store)
    runner = Runner(argv, JOB + "/out/console.log", lambda k, d: port.send({k: b64(d)}))
    runner.watch(port.fd)
    stopped = False
    try:
        while not runner.ended():
            if not runner.step(0.5):
                continue
            for message in port.lines():
                if "stdin" in message:
                    runner.feed(base64.b64decode(message["stdin"]))
                if "stop" in message and not stopped:
                    stopped = True
                    runner.stop()
            if not port.connected():
                raise Gone()
    finally:
        if not runner.ended():
            runner.stop()
    status = runner.finish()
    hand_back(job)
    shutil.rmtree(JOB, ignore_errors=True)
    return {"status": status, "stopped": stopped}


def run_closed(job):
    """The one job of a closed machine; what it gave goes to the second serial port."""
    argv = prepare(job, None)
    told = []
    runner = Runner(argv, JOB + "/out/console.log", lambda k, d: told.append({k: b64(d)}))
    while not runner.ended():
        runner.step(0.5)
    end = {"status": runner.finish(), "stopped": False}
    for top, _, files in os.walk(JOB + "/out"):
        for name in files:
            with open(os.path.join(top, name), "rb") as f:
                told.append({"file": os.path.relpath(f.name, JOB + "/out"), "data": b64(f.read())})
    told.append({"end": end})
    fd = os.open("/dev/ttyS1", os.O_RDWR | os.O_NOCTTY)
    tty.setraw(fd)
    with open(fd, "wb") as f:
        for message in told:
            f.write(json.dumps(message).encode() + b"\n")
    termios.tcdrain(os.open("/dev/ttyS1", os.O_RDWR | os.O_NOCTTY))


def serve(port, store):
    """Talks with one peer until it hangs up. True to end the machine."""
    while True:
        port.wait(1)
        for message in port.lines():
            if "hello" in message:
                port.send({"hello": message["hello"]})
            if "quit" in message:
                return True
            if "job" in message:
                try:
                    end = run_job(port, message["job"], store)
                except (OSError, KeyError) as err:
                    end = {"error": "outer guest: %s" % err}
                port.send({"end": end})


def option(name, otherwise):
    with open("/proc/cmdline") as f:
        for word in f.read().split():
            if word.startswith("agent.%s=" % name):
                return int(word.split("=", 1)[1])
    return otherwise


def main():
    if os.path.exists("/run/agent/job.json"):
        with open("/run/agent/job.json") as f:
            run_closed(json.load(f))
        return
    idle = option("idle", 120)
    port = Port(find_port())
    store = Store()
    last = time.monotonic()
    while not idle or time.monotonic() - last < idle:
        if not port.connected():
            time.sleep(0.05)
            continue
        port.forget()
        try:
            if serve(port, store):
                return
        except Gone:
            pass
        last = time.monotonic()


main()
