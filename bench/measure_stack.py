#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The deepest stack the bootloader of the AST1030 was seen to use, in QEMU.

Its stack is painted at every reset; after each boot, and in recovery, the deepest byte that is no
longer paint is looked for. What is run: a plain boot, an install, a rollback, and recovery with an
upload that is verified and requested. Interrupts are part of it.
"""
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/e2e"))
sys.dont_write_bytecode = True

import device_ast1030  # noqa: E402
import scenarios  # noqa: E402
import scenarios_ast1030  # noqa: E402

PAINT = 0xA5


def symbols():
    """Lower and upper end of the bootloader's stack."""
    listing = subprocess.run(
        ["arm-none-eabi-nm", ROOT / "build/ast1030/bootloader.elf"],
        capture_output=True, text=True, check=True,
    ).stdout
    address = {line.split()[-1]: line.split()[0] for line in listing.splitlines()}
    return int(address["board_stack_bottom"], 16), int(address["board_stack_top"], 16)


def hex_file(address, data):
    """Some bytes as Intel HEX; they must not cross a 64 KiB boundary."""
    records = [(0, 4, (address >> 16).to_bytes(2, "big"))]
    for at in range(0, len(data), 16):
        records.append(((address + at) & 0xFFFF, 0, data[at : at + 16]))
    records.append((0, 1, b""))
    lines = []
    for offset, kind, content in records:
        line = bytes([len(content)]) + offset.to_bytes(2, "big") + bytes([kind]) + content
        lines.append(":" + (line + bytes([-sum(line) & 0xFF])).hex().upper())
    return "\n".join(lines) + "\n"


class Meter:
    """Looks how far the paint is gone."""

    def __init__(self, device):
        self.device = device
        self.bottom, self.top = symbols()
        self.deepest = 0

    def start(self):
        paint = self.device.folder / "paint.hex"
        paint.write_text(hex_file(self.bottom, bytes([PAINT]) * (self.top - self.bottom)))
        self.device.start(
            "--qmp", self.device.home / "qmp", "--qemu", "-device",
            "--qemu", f"loader,file={paint}",
        )
        self.qmp = scenarios_ast1030.Qmp(self.device.home / "qmp")
        self.qmp.ask("cont")

    def look(self, what):
        dump = self.device.folder / "stack"
        self.qmp.ask("memsave", val=self.bottom, size=self.top - self.bottom, filename=str(dump))
        stack = dump.read_bytes()
        depth = len(stack) - next(i for i, byte in enumerate(stack) if byte != PAINT)
        assert depth < len(stack), "the stack has overflowed"
        self.deepest = max(self.deepest, depth)
        print(f"{what}: {depth}", file=sys.stderr)


def boots(device, meter):
    device.factory(device.image("1.0.0"))
    meter.start()
    device.wait("app: agent 1.0.0")
    meter.look("plain boot")
    scenarios.request_test(device, "2.0.0")
    device.wait("app: agent 2.0.0")
    meter.look("install")
    with device.client() as client:
        client.back()
        client.reset()
    device.wait("app: agent 1.0.0")
    meter.look("rollback")


def recovery(device, meter):
    with device.client() as client:
        client.reset(boot_mode=1)
    device.wait("boot: recovery, reason")
    with device.client() as client:
        client.upload(device.image("confirms").read_bytes())
        client.set_state(client.images()[1]["hash"], confirm=False)
        client.status()
        meter.look("recovery")


def main():
    with tempfile.TemporaryDirectory(prefix="ferry-stack-") as folder:
        device = device_ast1030.Board(ROOT / "build/host", folder)
        meter = Meter(device)
        try:
            boots(device, meter)
            recovery(device, meter)
        finally:
            device.close()
    print(f"stack.bootloader_bytes {meter.deepest}")


if __name__ == "__main__":
    main()
