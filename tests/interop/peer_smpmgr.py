# SPDX-License-Identifier: Apache-2.0
"""A third-party client, smpmgr, against the posix device: peer_smpmgr.py --build DIR --link serial|udp

It lists, uploads, tests, resets and confirms. smpmgr decides what it sends; nothing of Ferry's host
side takes part. Exit status 77 (a skipped test) where smpmgr is not installed, unless CI=true.
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

SMPMGR_UDP_PORT = 1337  # it knows no other


class Smpmgr:
    """The client on one link."""

    def __init__(self, program, device, link):
        self.program = program
        if link == "serial":
            self.options = ["--port", str(device.serial_path()), "--baudrate", "115200"]
        else:
            self.options = ["--ip", "127.0.0.1"]

    def run(self, *arguments):
        command = [str(self.program), *self.options, "--timeout", "10", *map(str, arguments)]
        # Wide, or the tables break hashes over lines.
        result = subprocess.run(command, capture_output=True, text=True, timeout=240,
                                env={**os.environ, "COLUMNS": "200", "NO_COLOR": "1"})
        assert result.returncode == 0, f"{command}:\n{result.stdout}{result.stderr}"
        return result.stdout

    def images(self):
        """The image list as smpmgr shows it: [{"slot", "version", "hash", flags ...}]"""
        images = []
        for block in self.run("image", "state-read").split("ImageState(")[1:]:
            image = dict(re.findall(r"(\w+)=('[^']*'|\w+)[,\n)]", block))
            image["hash"] = re.search(r"'([0-9A-F]{64})'", block).group(1)
            images.append({key: value.strip("'") for key, value in image.items()})
        return images


def update(device, client):
    """List, upload, test, reset, confirm."""
    assert "r='hello'" in client.run("os", "echo", "hello")
    before = client.images()
    assert len(before) == 1 and before[0]["version"] == "1.0.0", before
    assert before[0]["active"] == "True" and before[0]["confirmed"] == "True", before
    client.run("image", "upload", "--slot", "1", device.image("2.0.0"))
    new = client.images()[1]
    assert new["version"] == "2.0.0" and new["pending"] == "False", new
    client.run("image", "state-write", new["hash"])
    assert client.images()[1]["pending"] == "True"
    client.run("os", "reset")
    device.wait("app: agent 2.0.0 .*on trial")
    image = client.images()[0]
    assert (image["version"], image["confirmed"]) == ("2.0.0", "False"), image
    client.run("image", "state-write", "--confirm")
    image = client.images()[0]
    assert (image["version"], image["confirmed"]) == ("2.0.0", "True"), image


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True)
    parser.add_argument("--link", choices=["serial", "udp"], required=True)
    parser.add_argument("--smpmgr", type=pathlib.Path, required=True)
    options = parser.parse_args()
    if not options.smpmgr.exists():
        print(f"skipped: there is no smpmgr at {options.smpmgr}; 'make setup' installs it")
        sys.exit(1 if os.environ.get("CI") == "true" else 77)
    import device_posix

    folder = pathlib.Path(tempfile.mkdtemp(prefix="ferry-smpmgr-"))
    device = device_posix.Board(options.build, folder)
    try:
        device.factory(device.image("1.0.0"))
        # The last --udp counts: the device's own is a free port.
        device.start(*(["--udp", str(SMPMGR_UDP_PORT)] if options.link == "udp" else []))
        device.wait("app: agent 1.0.0 .*running")
        update(device, Smpmgr(options.smpmgr, device, options.link))
    except Exception:
        traceback.print_exc()
        print(f"\nfolder {folder}; the device said at last:")
        print("\n".join(device.history[-40:]))
        sys.exit(1)
    finally:
        device.close()
    print(f"smpmgr over {options.link}: passed")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
