# SPDX-License-Identifier: Apache-2.0
"""The device that is a Linux process: ports/posix."""
import pathlib
import subprocess

from device import DEMO_KEY, Device

FIRMWARE = {
    "1.0.0": ("agent-1.0.0", "1.0.0"),
    "2.0.0": ("agent-2.0.0", "2.0.0"),
    "gives-up": ("agent-3.0.0-gives-up", "3.0.0"),
    "crashes": ("agent-3.1.0-crashes", "3.1.0"),
    "hangs": ("agent-3.2.0-hangs", "3.2.0"),
    "confirms": ("agent-4.0.0-confirms", "4.0.0"),
}
SLOT_SIZE = 0x1C0000


class Board(Device):
    """ferry-device in a folder."""

    name = "posix"
    demo_key = DEMO_KEY

    def command(self, *options):
        return [self.build / "ferry-device", "--dir", self.folder / "device", *options]

    def start(self, *options):
        """Power on, with command line options of ferry-device."""
        self.run(self.command("--udp", "0", *options))
        port = self.wait(r"^udp: 127\.0\.0\.1:(\d+)").group(1)
        self.udp_address = ("127.0.0.1", int(port))

    def factory(self, image):
        subprocess.run(self.command("--factory", image), check=True)

    def serial_path(self):
        return self.folder / "device" / "serial"

    def chip(self, name):
        """The file of a flash chip: "internal" or "external"."""
        return pathlib.Path(self.folder / "device" / f"{name}.bin")

    def sign(self, name, version, out, key=DEMO_KEY):
        program, own_version = FIRMWARE[name]
        self.ferry(
            "sign", "--quiet", "--key", key, "--version", version or own_version, "--pad-header",
            "--slot-size", SLOT_SIZE, self.build / program, out,
        )
