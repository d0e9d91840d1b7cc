# SPDX-License-Identifier: Apache-2.0
"""What every board has to do. Each function is one test; `device` is new and empty."""

import smp

# What the bootloader reports (include/ferry/status.h).
TRIAL_FAILED, NOTHING_BOOTS, RECOVERY_ASKED, WENT_BACK = 70, 74, 75, 76


def starts(version, trial=False):
    """Pattern of the line with which the bootloader starts a version."""
    return rf"boot: starting {version} [0-9a-f]{{8}}" + (", on trial" if trial else "$")


def start_factory(device, name="1.0.0"):
    device.factory(device.image(name))
    device.start()
    device.wait(rf"app: agent {name} .*running")


def request_test(device, name, client=None):
    """Uploads firmware, asks for a trial of it and resets."""
    client = client or device.client()
    with client:
        client.upload(device.image(name).read_bytes())
        other = client.images()[1]
        assert not other.get("pending"), other
        client.set_state(other["hash"], confirm=False)
        assert client.images()[1]["pending"]
        client.reset()
    return other["hash"]


def running(client):
    """Version of the image that runs, and whether it is confirmed."""
    image = client.images()[0]
    assert image["active"], image
    return image["version"], image.get("confirmed", False)


def update(device):
    """1.0.0 is replaced by 2.0.0: upload, trial, confirm, and back to the previous one."""
    start_factory(device)
    new = request_test(device, "2.0.0")
    device.wait(starts("2.0.0", trial=True))
    device.wait("app: agent 2.0.0 .*on trial")
    with device.client() as client:
        assert running(client) == ("2.0.0", False)
        assert client.images()[0]["hash"] == new
        client.set_state(None, confirm=True)
        assert running(client) == ("2.0.0", True)
        client.reset()
    device.wait(starts("2.0.0"))
    device.wait("app: agent 2.0.0 .*running")
    with device.client() as client:
        assert running(client) == ("2.0.0", True)
        assert client.images()[1]["version"] == "1.0.0"
        client.back()
        client.reset()
    device.wait(starts("1.0.0"))
    with device.client() as client:
        assert running(client) == ("1.0.0", True)


def back_on_trial(device):
    """Somebody takes an image on trial back at once, attempts left or not."""
    start_factory(device)
    request_test(device, "2.0.0")
    device.wait("app: agent 2.0.0 .*on trial")
    with device.client() as client:
        client.back()
        client.reset()
    device.wait(starts("1.0.0"), never="starting 2.0.0")
    device.wait(f"app: the last boot reports {WENT_BACK} ")
    with device.client() as client:
        assert running(client) == ("1.0.0", True)
        assert client.status()["boot"]["reason"] == WENT_BACK


def fall_back(device, name, version, resets):
    """A version that never confirms gets its attempts, then 1.0.0 is back with the reason."""
    start_factory(device)
    request_test(device, name)
    for _ in range(resets):
        device.wait(starts(version, trial=True), never="starting 1.0.0")
    device.wait(starts("1.0.0"), never=f"starting {version}")
    device.wait(f"app: the last boot reports {TRIAL_FAILED} ")
    with device.client() as client:
        assert running(client) == ("1.0.0", True)
        status = client.status()
        assert status["boot"]["reason"] == TRIAL_FAILED, status
        assert status["journal"]["reason"] == TRIAL_FAILED, status


def unconfirmed(device):
    """It resets itself because nobody confirms."""
    fall_back(device, "gives-up", "3.0.0", 3)


def crashes(device):
    """It runs into a trap."""
    fall_back(device, "crashes", "3.1.0", 3)


def confirms_itself(device):
    """The application's own self test confirms; the next boot is an ordinary one."""
    start_factory(device)
    request_test(device, "confirms")
    device.wait(starts("4.0.0", trial=True))
    device.wait("app: confirmed itself")
    with device.client() as client:
        assert running(client) == ("4.0.0", True)
        client.reset()
    device.wait(starts("4.0.0"))


def recovery(device):
    """With nothing to boot an image comes in by the serial line, and runs."""
    device.start()
    device.wait(f"boot: recovery, reason {NOTHING_BOOTS}")
    with device.client() as client:
        assert client.images() == {}
        client.upload(device.image("1.0.0").read_bytes())
        assert client.status()["reason"] == 0
        client.reset()
    device.wait(r"boot: starting 1\.0\.0")
    device.wait("app: agent 1.0.0")


def recovery_asked(device):
    """A reset with boot mode 1 stays in the bootloader once, and the application comes back."""
    start_factory(device)
    with device.client() as client:
        client.reset(boot_mode=1)
    device.wait(f"boot: recovery, reason {RECOVERY_ASKED}")
    with device.client() as client:
        assert running(client)[0] == "1.0.0"
        client.upload(device.image("2.0.0").read_bytes())
        client.set_state(client.images()[1]["hash"], confirm=False)
        client.reset()
    device.wait(starts("2.0.0", trial=True))


def resume(device):
    """An upload that a power cut interrupts goes on at its last 64 KiB."""
    start_factory(device)
    data = device.image("2.0.0").read_bytes()
    stop = len(data) * 2 // 3
    with device.client() as client:
        client.upload(data, stop_at=stop)
    device.power_cut()
    device.start()
    with device.client() as client:
        resumed_at = client.upload(data)
        assert stop - 0x20000 <= resumed_at <= stop and resumed_at % 0x10000 == 0, resumed_at
        client.set_state(client.images()[1]["hash"], confirm=False)
        client.reset()
    device.wait(starts("2.0.0", trial=True))


def two_in_one(client):
    """Two requests in one packet have two replies, each a packet of its own."""
    first = client.message(smp.READ, smp.OS, 0, {"d": "first"})
    second = client.message(smp.READ, smp.OS, 0, {"d": "second"})
    client.wire.send(first + second)
    assert client.reply_to(first) == {"r": "first"}
    assert client.reply_to(second) == {"r": "second"}


def noise(device):
    """Rubbish on the line, broken and oversized frames: the next request is answered."""
    start_factory(device)
    with device.client() as client:
        two_in_one(client)
        for _ in range(20):
            client.wire.write(device.random.randbytes(device.random.randrange(2000)))
            client.wire.write(b"\n\x06\x09" + b"A" * device.random.randrange(400))
            assert client.echo("still there?") == "still there?"
        try:
            client.wire.send(bytes(8000))
            client.request(smp.READ, smp.OS, 0, {"d": "x" * 8000}, timeout=1)
        except smp.NoAnswer:
            pass
        assert client.echo("and now?") == "and now?"
        assert running(client) == ("1.0.0", True)


def refused(client, data):
    """Uploads something that must be refused; the error."""
    try:
        client.upload(data)
        client.set_state(client.images()[1]["hash"], confirm=False)
    except smp.SmpError as error:
        return error
    raise AssertionError("the device took what it must refuse")


def bad_images(device):
    """Truncated, damaged, unsigned, too large, no image at all: refused, and nothing is lost."""
    start_factory(device)
    good = device.image("2.0.0").read_bytes()
    damaged = bytearray(good)
    damaged[len(good) // 2] ^= 1
    signature = bytearray(good)
    signature[-8] ^= 1
    cases = {
        "damaged": bytes(damaged),
        "signature": bytes(signature),
        "truncated": good[:-100],
        "no image": b"\x55" * 4096,
        "no signature": good[: len(good) - 300] + b"\xff" * 300,
        "too large": good[:32] + b"\xff" * 0x800000,
    }
    with device.client() as client:
        for what, data in cases.items():
            error = refused(client, data)
            assert client.status()["reason"] != 0, f"{what}: {error}, but no reason is kept"
            assert running(client) == ("1.0.0", True), what
        client.upload(good)
        assert client.images()[1]["version"] == "2.0.0"
        client.reset()
    device.wait(starts("1.0.0"))


SCENARIOS = [
    update,
    back_on_trial,
    unconfirmed,
    crashes,
    confirms_itself,
    recovery,
    recovery_asked,
    resume,
    bad_images,
    noise,
]
