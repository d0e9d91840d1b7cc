# SPDX-License-Identifier: Apache-2.0
"""The Cortex-M4 board in QEMU: ports/ast1030, started by `ferry sim run`."""
import re
import signal

from device import DEMO_KEY, ROOT, Device

FIRMWARE = {
    "1.0.0": ("agent-1.0.0", "1.0.0"),
    "2.0.0": ("agent-2.0.0", "2.0.0"),
    "gives-up": ("agent-3.0.0-gives-up", "3.0.0"),
    "crashes": ("agent-3.1.0-crashes", "3.1.0"),
    "hangs": ("agent-3.2.0-hangs", "3.2.0"),
    "confirms": ("agent-4.0.0-confirms", "4.0.0"),
    "trespass": ("trespass", "5.0.0"),
}
SLOT_SIZE = 0x80000
PRIMARY = 0x20000
INTERNAL_SIZE = 8 << 20

# Models whose chips answer the question for SFDP; the others log it as unknown, once a probe.
WITH_SFDP = {"w25q256", "mx25l25635e", "mx25l25635f", "n25q256a", "w25q512jv"}
NO_CHIP = {"ssi-sd", "ssd0323"}


class Board(Device):
    """`ferry sim run` in a folder."""

    name = "ast1030"
    demo_key = DEMO_KEY
    model = "w25q64"

    def __init__(self, build, folder):
        super().__init__(build, folder)
        self.firmware = ROOT / "build/ast1030"
        self.home = self.folder / "board"
        self.home.mkdir(exist_ok=True)

    def start(self, *options):
        """Power on, with command line options of `ferry sim run`."""
        self.started_at = len(self.history)
        self.run([
            self.build / "ferry", "sim", "run", "--dir", self.home, "--firmware", self.firmware,
            "--blank", "--spi-model", self.model, *options,
        ])
        self.wait("^serial: ")

    def factory(self, image):
        flash = bytearray(b"\xff" * INTERNAL_SIZE)
        for offset, path in ((0, self.firmware / "bootloader.bin"), (PRIMARY, image)):
            data = path.read_bytes()
            flash[offset : offset + len(data)] = data
        self.chip("internal").write_bytes(flash)

    def serial_path(self):
        return self.home / "serial"

    def chip(self, name):
        """The file of a flash chip: "internal" or "external"."""
        return self.home / {"internal": "int.img", "external": "ext.img"}[name]

    def sign(self, name, version, out, key=DEMO_KEY):
        program, own_version = FIRMWARE[name]
        self.ferry(
            "sign", "--quiet", "--key", key, "--version", version or own_version, "--pad-header",
            "--slot-size", SLOT_SIZE, "--rom-fixed", PRIMARY, self.firmware / f"{program}.bin", out,
        )

    def power_cut(self):
        """QEMU is killed, whatever it is doing."""
        self.end(signal.SIGUSR1)

    def switch_off(self):
        """The board stops between two operations, all of them in the files."""
        self.end(signal.SIGTERM)

    def end(self, number):
        self.process.send_signal(number)
        assert self.process.wait(30) == 0, "\n".join(self.history[-5:])
        self.check_guest_errors()

    def wait_end(self, timeout=60.0):
        status = super().wait_end(timeout)
        if status == 0:
            self.check_guest_errors()
        return status

    def check_guest_errors(self):
        """`ferry sim run` fails on any complaint but the one counted here: 5Ah, once a probe."""
        log = (self.home / "guest.log").read_text()
        said = "\n".join(self.history[self.started_at :])
        boots = len(re.findall("boot: Ferry on", said))
        agents = len(re.findall("app: agent", said))
        external = self.model not in WITH_SFDP | NO_CHIP
        probes = boots + (boots + agents if external else 0)
        # A board that is switched off in the middle of a start has not said all of it yet.
        assert log.count("Unknown cmd 5a") <= probes + 3, f"{log.count('Unknown cmd 5a')} > {probes}"
