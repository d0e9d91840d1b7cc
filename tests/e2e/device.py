# SPDX-License-Identifier: Apache-2.0
"""What a scenario needs of a device, whatever runs it.

A board has a module device_<board>.py with a class Board(Device). It provides start, power_cut, factory,
serial_path and image names; everything else is here.
"""
import pathlib
import queue
import re
import subprocess
import threading
import time

import smp

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEMO_KEY = ROOT / "data/keys/demo.pem"

# Generous: two processors may run sixteen tests, with sanitizers.
PATIENCE = 60.0


class Device:
    """A device in a folder. Lines of its log arrive in the background."""

    udp_address = None

    def __init__(self, build, folder):
        self.build = pathlib.Path(build)
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.process = None
        self.lines = queue.Queue()
        self.history = []

    # --- A board provides these. -------------------------------------------------------------------

    def start(self, **options):
        """Power on. `options` are the board's own."""
        raise NotImplementedError

    def factory(self, image):
        """Writes a signed image into the primary slot as a programmer would."""
        raise NotImplementedError

    def serial_path(self):
        """Where the serial line can be opened, once the device runs."""
        raise NotImplementedError

    def sign(self, name, version, out):
        """Signs firmware `name` for this board."""
        raise NotImplementedError

    # --- The rest is the same everywhere. -----------------------------------------------------------

    def run(self, command, **keywords):
        """Starts the device's process and follows its output."""
        self.process = subprocess.Popen(
            [str(part) for part in command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            **keywords,
        )
        self.lines = queue.Queue()
        self.reader = threading.Thread(
            target=self._follow, args=(self.process.stdout, self.lines), daemon=True
        )
        self.reader.start()

    def _follow(self, stream, lines):
        for line in stream:
            self.history.append(line.rstrip("\n"))
            lines.put(line.rstrip("\n"))
        lines.put(None)

    def power_cut(self):
        """kill -9, and wait until all of it is dead: the running image ends a moment later."""
        self.process.kill()
        self.process.wait()
        self.reader.join(PATIENCE)  # its output ends when nobody holds it open any more
        assert not self.reader.is_alive(), "the running image outlives its device"

    def wait(self, pattern, never=None, timeout=PATIENCE):
        """The match of the next log line that fits. `never` is a pattern that must not come first."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                line = self.lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"waited in vain for a line with: {pattern}") from None
            assert line is not None, f"the device ended before a line with: {pattern}"
            assert never is None or not re.search(never, line), f"unexpected: {line}"
            match = re.search(pattern, line)
            if match:
                return match

    def wait_end(self, timeout=PATIENCE):
        """Waits until the device's process ends by itself; its exit status."""
        return self.process.wait(timeout)

    def client(self):
        """An SMP client on the serial line, which answers."""
        client = smp.Client(smp.Serial(self.serial_path()))
        client.wait_until_there()
        return client

    def udp_client(self):
        client = smp.Client(smp.Udp(self.udp_address))
        client.wait_until_there()
        return client

    def image(self, name, version=None):
        """Path of the signed firmware `name`: "1.0.0", "2.0.0", "gives-up", "crashes", "hangs", ..."""
        out = self.folder / f"{name}-{version or 'own'}.signed.bin"
        if not out.exists():
            self.sign(name, version, out)
        return out

    def ferry(self, *arguments, check=True):
        """Runs the host tool; what it printed."""
        result = subprocess.run(
            [str(self.build / "ferry"), *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        if check and result.returncode != 0:
            raise AssertionError(f"ferry {arguments}: {result.stdout}{result.stderr}")
        return result

    def close(self):
        if self.process and self.process.poll() is None:
            self.power_cut()
