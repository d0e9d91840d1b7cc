# SPDX-License-Identifier: Apache-2.0
"""What only the posix device can be put through: its flash is files, and kill -9 is its power cut."""
import shutil
import signal
import subprocess
import threading
import time

import smp
from scenarios import (
    NOTHING_BOOTS,
    fall_back,
    request_test,
    running,
    start_factory,
    starts,
    two_in_one,
)

# What the bootloader reports (include/ferry/status.h).
TRIAL_POWER = 71

KILLS = 50
CUTS = 60

# Fast enough for a test, slow enough that a random moment falls into the middle of an install.
SPEED = 300


def udp(device):
    """The same over UDP: upload, trial, confirm."""
    start_factory(device)
    request_test(device, "2.0.0", device.udp_client())
    device.wait("app: agent 2.0.0 .*on trial")
    with device.udp_client() as client:
        client.set_state(None, confirm=True)
        assert running(client) == ("2.0.0", True)


def udp_noise(device):
    """Rubbish in datagrams: the next request is answered."""
    start_factory(device)
    with device.udp_client() as client:
        two_in_one(client)
        for _ in range(10):
            for _ in range(20):  # more would not fit the socket's queue
                client.wire.send(device.random.randbytes(device.random.randrange(3000)))
            assert client.echo("still there?") == "still there?"
        assert running(client) == ("1.0.0", True)


def two_links(device):
    """One session under both links: an upload that began on one goes on over the other."""
    start_factory(device)
    data = device.image("2.0.0").read_bytes()
    with device.client() as client:
        client.upload(data, stop_at=300000)
    with device.udp_client() as client:
        assert client.upload(data) >= 300000
        assert client.images()[1]["version"] == "2.0.0"


def hangs(device):
    """The watchdog ends an image that hangs; three times, then 1.0.0 is back."""
    original = device.start
    device.start = lambda *options: original("--watchdog", "4000", *options)
    fall_back(device, "hangs", "3.2.0", 3)
    assert device.history.count("reset: watchdog") == 3


def no_program(device):
    """A signed image that holds no program for this machine counts as one that crashes."""
    program = device.folder / "text"
    program.write_text("this is no program\n" * 100)
    device.image("1.0.0")
    signed = device.folder / "text.signed.bin"
    device.ferry("sign", "-q", "-k", device.demo_key, "-v", "9.9.9", "--pad-header", program, signed)
    start_factory(device)
    with device.client() as client:
        client.upload(signed.read_bytes())
        client.set_state(client.images()[1]["hash"], confirm=False)
        client.reset()
    for _ in range(3):
        device.wait(starts("9.9.9", trial=True))
    device.wait(starts("1.0.0"))


def wrong_key(device):
    """An image of another key does not boot, wherever it came from; with that key it does."""
    device.ferry("keygen", "--key", device.folder / "other.pem")
    device.ferry(
        "getpub", "--key", device.folder / "other.pem", "--format", "pem",
        "--output", device.folder / "other.pub.pem",
    )
    foreign = device.folder / "foreign.bin"
    device.sign("1.0.0", None, foreign, key=device.folder / "other.pem")
    device.factory(foreign)
    device.start()
    device.wait(f"boot: recovery, reason {NOTHING_BOOTS}")
    device.power_cut()
    device.start("--key", device.folder / "other.pub.pem")
    device.wait(starts("1.0.0"), never="DEMO KEY")


def button(device):
    """The button holds the device in recovery; without it the application runs."""
    device.factory(device.image("1.0.0"))
    device.start("--button")
    device.wait("boot: recovery, reason 75")
    with device.client() as client:
        client.reset()
    device.wait("app: agent 1.0.0")


def locked(device):
    """The application cannot erase the bootloader, after any boot."""
    device.factory(device.image("1.0.0"))
    device.start()
    for _ in range(2):
        device.wait("app: the bootloader is locked", never="NOT LOCKED")
        with device.client() as client:
            client.reset()


def power_losses(device):
    """An image on trial may lose power more often than it may crash, but not for ever."""
    start_factory(device)
    request_test(device, "2.0.0")
    for _ in range(1 + 16):  # the first start follows a software reset
        device.wait(starts("2.0.0", trial=True))
        device.power_cut()
        device.start()
    device.wait(starts("1.0.0"), never="starting 2.0.0")
    device.wait(f"app: the last boot reports {TRIAL_POWER} ")


def external_chip(device):
    """Whatever becomes of the external chip, the device boots what it has confirmed."""
    start_factory(device)
    request_test(device, "2.0.0")
    device.wait("app: agent 2.0.0 .*on trial")
    with device.client() as client:
        client.set_state(None, confirm=True)
    device.power_cut()
    chip = device.chip("external")
    size = chip.stat().st_size
    damages = {
        "as it was": lambda: None,
        "deleted": chip.unlink,
        "zeroed": lambda: chip.write_bytes(bytes(size)),
        "erased": lambda: chip.write_bytes(b"\xff" * size),
        "garbage": lambda: chip.write_bytes(device.random.randbytes(size)),
        "journal garbage": lambda: overwrite(chip, device.random.randbytes(0x2000)),
        "too small": lambda: chip.write_bytes(b"\xff" * (size // 8)),
        "empty": lambda: chip.write_bytes(b""),
    }
    good = chip.read_bytes()
    for what, damage in damages.items():
        chip.write_bytes(good)
        damage()
        boots_and_serves(device, what, works=what not in ("too small", "empty"))
    chip.write_bytes(good)
    boots_and_serves(device, "absent", False, "--no-external")


def overwrite(chip, data):
    with open(chip, "r+b") as file:
        file.write(data)


def boots_and_serves(device, what, works, *options):
    """2.0.0 runs; with a chip that works it takes an upload, else it says why not."""
    print(what, flush=True)
    device.start(*options)
    device.wait(starts("2.0.0"))
    with device.client() as client:
        assert running(client)[0] == "2.0.0", what
        try:
            client.upload(device.image("gives-up").read_bytes())
            assert works, f"{what}: the upload should have been refused"
        except smp.SmpError as error:
            assert not works, f"{what}: {error}"
            assert client.status()["store"] != 0
        client.reset()
    device.wait(starts("2.0.0"))
    device.power_cut()


class Snapshot:
    """The flash chips of a device that is switched off."""

    def __init__(self, device):
        self.chips = {name: device.chip(name) for name in ("internal", "external")}
        for chip in self.chips.values():
            shutil.copyfile(chip, f"{chip}.snapshot")

    def restore(self):
        for chip in self.chips.values():
            shutil.copyfile(f"{chip}.snapshot", chip)


def make_requested(device):
    """1.0.0 runs, 2.0.0 is asked for, the power is off."""
    device.factory(device.image("1.0.0"))
    device.start("--once")
    request_test(device, "2.0.0")
    assert device.wait_end() == 0
    return Snapshot(device)


def kills(device):
    """kill -9 at random moments of the install, once or several times: 2.0.0 arrives all the same."""
    snapshot = make_requested(device)
    began = time.monotonic()
    device.start("--speed", SPEED, "--boot-only")
    assert device.wait_end() == 0
    duration = time.monotonic() - began
    inside = 0
    for _ in range(KILLS):
        snapshot.restore()
        for _ in range(device.random.choice((1, 1, 2, 3))):
            device.start("--speed", SPEED, "--boot-only")
            time.sleep(device.random.uniform(0, duration))
            inside += device.process.poll() is None
            device.power_cut()
        device.start()
        device.wait("app: agent 2.0.0 .*on trial")
        device.power_cut()
    print(f"{inside} of the kills hit a running bootloader")
    assert inside >= KILLS // 5, "the kills came too late to mean anything"


def operations(device):
    """Flash operations of one boot from here."""
    trace = device.folder / "trace"
    trace.unlink(missing_ok=True)
    device.start("--boot-only", "--trace", trace)
    assert device.wait_end() == 0
    return int(trace.read_text().splitlines()[-1].split()[0])


def cuts(device):
    """The power goes at chosen flash operations of the install: before, inside, after them."""
    snapshot = make_requested(device)
    total = operations(device)
    cases = [(1, "before"), (1, "after"), (total, "torn"), (total, "before"), (total, "after")]
    cases += [
        (device.random.randint(1, total), device.random.choice(("before", "torn", "after")))
        for _ in range(CUTS - len(cases))
    ]
    for number, mode in cases:
        snapshot.restore()
        for _ in range(device.random.choice((1, 1, 2))):
            device.start(
                "--boot-only", "--cut-after", number, "--cut-mode", mode,
                "--cut-seed", device.random.randrange(1 << 32),
            )
            assert device.wait_end() in (0, -signal.SIGKILL)
            number = device.random.randint(1, max(1, number))
        device.start("--boot-only")
        device.wait(starts("2.0.0", trial=True))
        assert device.wait_end() == 0, (number, mode)


def storm(device):
    """Power cuts at random moments of a whole update, in application and bootloader alike."""
    device.factory(device.image("1.0.0"))
    data = device.image("2.0.0").read_bytes()
    lives = 0
    while True:
        lives += 1
        device.start("--speed", SPEED)
        cut = None
        if lives < 40 and device.random.random() < 0.9:
            cut = threading.Timer(device.random.uniform(0.05, 0.5), device.process.kill)
            cut.start()
        done = live(device, data)
        if cut:
            cut.cancel()
        device.power_cut()
        if done:
            break
        assert lives < 60, "the update does not arrive"
    print(f"arrived after {lives} lives")


def live(device, data):
    """Does what comes next, as far as the power lasts. True when 2.0.0 is confirmed."""
    try:
        device.wait("app: agent")
        with device.client() as client:
            version, confirmed = running(client)
            if version == "2.0.0":
                if not confirmed:
                    client.set_state(None, confirm=True)
                return True
            client.upload(data)
            client.set_state(client.images()[1]["hash"], confirm=False)
            client.reset()
        device.wait("app: agent 2.0.0")
        return False
    except (AssertionError, smp.NoAnswer, OSError):
        if device.process.poll() is None and device.process.wait(5) is None:
            raise
        return False


def takes_over(device):
    """The power cut kills application and supervisor alike, and the folder is free at once."""
    start_factory(device)
    children = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(device.process.pid)],
        capture_output=True, text=True, check=True,
    ).stdout.split()
    assert children
    device.power_cut()
    device.start()
    device.wait("app: agent 1.0.0")
    for child in children:
        assert not is_alive(child), "the application outlived its power supply"


def is_alive(pid):
    """Whether a process runs; a dead one that nobody has asked about does not."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


SCENARIOS = [
    udp,
    udp_noise,
    two_links,
    hangs,
    no_program,
    wrong_key,
    button,
    locked,
    power_losses,
    external_chip,
    kills,
    cuts,
    storm,
    takes_over,
]
