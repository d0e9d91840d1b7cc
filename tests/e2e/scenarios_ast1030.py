# SPDX-License-Identifier: Apache-2.0
"""What only the emulated board can be put through: other chips, cuts at a chosen operation."""
import json
import shutil
import socket
import time

import smp
from scenarios import (
    RECOVERY_ASKED,
    TRIAL_FAILED,
    fall_back,
    refused,
    request_test,
    running,
    start_factory,
    starts,
)

CUTS = 12


def hangs(device):
    """The watchdog ends an image that hangs; three times, then 1.0.0 is back."""
    fall_back(device, "hangs", "3.2.0", 3)


def locked(device):
    """An image that reaches for the internal flash faults, and is taken back."""
    start_factory(device)
    request_test(device, "trespass")
    for _ in range(3):
        device.wait("app: writes to the internal flash")
        device.wait("boot: Ferry", never="NOT LOCKED")
    device.wait(starts("1.0.0"))
    device.wait(f"app: the last boot reports {TRIAL_FAILED} ")


def sfdp_winbond(device):
    """32 MiB with SFDP: 4-byte addresses."""
    update_on(device, "w25q256")


def sfdp_macronix(device):
    update_on(device, "mx25l25635e")


def sfdp_micron(device):
    update_on(device, "n25q256a")


def no_sfdp(device):
    """Chips of the table, one after the other on the same board."""
    for model in ("is25lp128", "gd25q32"):
        device.chip("external").unlink(missing_ok=True)
        update_on(device, model)


def update_on(device, model):
    """An update, and a rollback to it, with another external chip."""
    print(model, flush=True)
    device.model = model
    start_factory(device)
    request_test(device, "2.0.0")
    device.wait("app: agent 2.0.0 .*on trial")
    with device.client() as client:
        client.set_state(None, confirm=True)
        assert running(client) == ("2.0.0", True)
    request_test(device, "gives-up")
    for _ in range(3):
        device.wait(starts("3.0.0", trial=True))
    device.wait(starts("2.0.0"), never="starting 3.0.0")
    device.wait(f"app: the last boot reports {TRIAL_FAILED} ")
    with device.client() as client:
        assert running(client) == ("2.0.0", True)
    device.switch_off()


def external_chip(device):
    """Whatever becomes of the external chip, the device boots what it has confirmed."""
    start_factory(device)
    request_test(device, "2.0.0")
    device.wait("app: agent 2.0.0 .*on trial")
    with device.client() as client:
        client.set_state(None, confirm=True)
    device.switch_off()
    chip = device.chip("external")
    good = chip.read_bytes()
    for what, content in {
        "as it was": good,
        "erased": b"\xff" * len(good),
        "zeroed": bytes(len(good)),
        "garbage": device.random.randbytes(len(good)),
        "journal garbage": device.random.randbytes(0x2000) + good[0x2000:],
    }.items():
        chip.write_bytes(content)
        boots_and_serves(device, what, works=True)
    for model in ("ssi-sd", "ssd0323", "at25df641"):
        device.model = model
        boots_and_serves(device, model, works=False)


def boots_and_serves(device, what, works):
    """2.0.0 runs; with a chip that works it takes an upload, else it says why not."""
    print(what, flush=True)
    device.start()
    device.wait(starts("2.0.0"))
    with device.client() as client:
        assert running(client)[0] == "2.0.0", what
        if works:
            client.upload(device.image("gives-up").read_bytes())
        else:
            refused(client, device.image("gives-up").read_bytes())
            assert client.status()["store"] != 0
    device.switch_off()


class Snapshot:
    """The flash chips of a board that is switched off."""

    def __init__(self, device):
        self.chips = [device.chip(name) for name in ("internal", "external")]
        for chip in self.chips:
            shutil.copyfile(chip, f"{chip}.snapshot")

    def restore(self):
        for chip in self.chips:
            shutil.copyfile(f"{chip}.snapshot", chip)


def make_requested(device):
    """1.0.0 runs and is copied to the store, 2.0.0 is asked for, the power is off."""
    start_factory(device)
    with device.client() as client:
        client.upload(device.image("2.0.0").read_bytes())
        client.set_state(client.images()[1]["hash"], confirm=False)
    device.switch_off()
    return Snapshot(device)


def operations(device, until, *options):
    """The operations on the flash chips from here until the board says `until`."""
    listed = device.folder / "operations"
    device.start("--operations", listed, *options)
    device.wait(until)
    device.switch_off()
    return [line.split() for line in listed.read_text().splitlines()]


def cut(device, number, *options):
    """Runs the board until the power goes."""
    device.start("--cut", number, *options)
    assert device.wait_end() == 0


def same_cut(device):
    """The same operation is hit every time, and the files are the same afterwards."""
    snapshot = make_requested(device)
    results = set()
    for _ in range(3):
        snapshot.restore()
        cut(device, 300, "--cut-chip", "any")
        results.add(tuple(hash(chip.read_bytes()) for chip in snapshot.chips))
    assert len(results) == 1, results


def cuts_install(device):
    """The power goes at chosen operations of the install, also twice, also inside of one."""
    snapshot = make_requested(device)
    listed = operations(device, starts("2.0.0", trial=True))
    internal = [line for line in listed if line[0] == "internal"]
    assert len(internal) > 900, len(internal)
    new = device.image("2.0.0").read_bytes()
    old = device.image("1.0.0").read_bytes()
    numbers = [1, 2, len(listed) // 2, len(listed)]
    numbers += [device.random.randint(1, len(listed)) for _ in range(CUTS - len(numbers))]
    for number in numbers:
        snapshot.restore()
        print(f"cut at {number} of {len(listed)}", flush=True)
        cut(device, number, "--cut-chip", "any", *device.random.choice(((), ("--cut-torn",))))
        if number == len(listed) // 2:
            assert primary(device, len(new)) not in (new, old), "the install is not half done"
        if device.random.random() < 0.3:
            cut(device, device.random.randint(1, 20), "--cut-chip", "any", "--cut-torn")
        arrives(device)


def arrives(device):
    """Left alone, the board runs 2.0.0."""
    device.start()
    device.wait(starts("2.0.0", trial=True))
    device.wait("app: agent 2.0.0 .*on trial")
    assert primary(device, device.image("2.0.0").stat().st_size) == device.image("2.0.0").read_bytes()
    device.switch_off()


def primary(device, size):
    """What the primary slot holds."""
    with open(device.chip("internal"), "rb") as file:
        file.seek(0x20000)
        return file.read(size)


def cuts_rollback(device):
    """The power goes while the old image is put back: it comes back all the same."""
    start_factory(device)
    request_test(device, "crashes")
    for _ in range(3):
        device.wait(starts("3.1.0", trial=True))
    # The next boot goes back; how far it has come by now is chance.
    device.power_cut()
    snapshot = Snapshot(device)
    for _ in range(CUTS // 4):
        snapshot.restore()
        number = device.random.randint(1, 400)
        print(f"cut at {number}", flush=True)
        device.start("--cut", number, "--cut-chip", "any", "--cut-torn")
        if device.wait("app: agent 1.0.0|power cut").group(0) == "power cut":
            assert device.wait_end() == 0
            device.start()
            device.wait("app: agent 1.0.0 .*running")
        with device.client() as client:
            assert running(client) == ("1.0.0", True)
            assert client.status()["boot"]["reason"] == TRIAL_FAILED
        device.switch_off()


def cuts_upload(device):
    """The power goes while the agent receives, is asked, and copies what runs; torn operations."""
    device.factory(device.image("1.0.0"))
    for life in range(CUTS // 2):
        number = device.random.randint(1, 900)
        print(f"life {life}: cut at {number}", flush=True)
        device.start("--cut", number, "--cut-chip", "external", "--cut-torn")
        if not update_while_it_lasts(device):
            break
        assert device.wait_end() == 0
    else:
        device.start()
        assert not update_while_it_lasts(device)
    device.switch_off()
    arrives(device)


def update_while_it_lasts(device):
    """Goes on with the update to 2.0.0. True if the power was cut, False when 2.0.0 runs."""
    power_cut = "^power cut at"
    said = device.wait(f"{power_cut}|app: agent").string
    if "app: agent" not in said:
        return True
    if "agent 2.0.0" in said:
        return False
    try:
        with device.client() as client:
            client.upload(device.image("2.0.0").read_bytes())
            client.set_state(client.images()[1]["hash"], confirm=False)
            client.reset()
    except (smp.NoAnswer, OSError):
        pass
    return device.wait(f"{power_cut}|app: agent 2.0.0").group(0) != "app: agent 2.0.0"


def button(device):
    """The pin, held while the power comes, keeps the device in recovery; without it the app runs."""
    device.factory(device.image("1.0.0"))
    path = device.home / "qmp"
    device.start("--qmp", path)
    with Qmp(path) as qmp:
        qmp.set_pin("gpioA0", True)
        qmp.ask("cont")
        device.wait(f"boot: recovery, reason {RECOVERY_ASKED}", never="app: agent")
        qmp.set_pin("gpioA0", False)
        with device.client() as client:
            client.reset()
        device.wait("app: agent 1.0.0")


class Qmp:
    """QEMU's machine protocol: one JSON object a line."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        deadline = time.monotonic() + 30
        while True:
            try:
                self.socket.connect(str(path))
                break
            except OSError:
                assert time.monotonic() < deadline, "QEMU offers no machine protocol"
                time.sleep(0.02)
        self.file = self.socket.makefile("r")
        self.file.readline()
        self.ask("qmp_capabilities")

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.socket.close()

    def ask(self, command, **arguments):
        self.socket.sendall(json.dumps({"execute": command, "arguments": arguments}).encode())
        while True:
            answer = json.loads(self.file.readline())
            if "return" in answer:
                return answer["return"]
            assert "error" not in answer, answer

    def set_pin(self, name, level):
        self.ask("qom-set", path="/machine/soc/gpio", property=name, value=level)


SCENARIOS = [
    hangs,
    locked,
    sfdp_winbond,
    sfdp_macronix,
    sfdp_micron,
    no_sfdp,
    external_chip,
    same_cut,
    cuts_install,
    cuts_rollback,
    cuts_upload,
    button,
]
