# SPDX-License-Identifier: Apache-2.0
"""Ferry's host tool against the posix device: client.py --build DIR --link serial|udp SCENARIO

Real processes on both sides. The tool is judged by its exit status, by its JSON and by what it leaves
on the device. Exit status 0 when the scenario passed, 77 when it cannot run here.
"""
import argparse
import json
import os
import pathlib
import pty
import random
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

OK, FAILED, USAGE, NO_ANSWER, INPUT, ROLLED_BACK, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130
TRIAL_FAILED, WENT_BACK = 70, 76


class Bench:
    """A device, a link to it and the tool."""

    def __init__(self, build, link, folder, seed):
        import device_posix

        self.build, self.link, self.folder = pathlib.Path(build), link, folder
        self.random = random.Random(seed)
        self.device = device_posix.Board(build, folder)

    def start(self, *options, factory="1.0.0"):
        if factory:
            self.device.factory(self.device.image(factory))
        self.device.start(*options)
        self.device.wait(r"app: agent .*(running|on trial)")

    def address(self):
        if self.link == "serial":
            return ["--serial", str(self.device.serial_path())]
        return ["--udp", f"127.0.0.1:{self.device.udp_address[1]}"]

    def command(self, *arguments):
        return [str(self.build / "ferry"), *map(str, arguments)]

    def run(self, *arguments, expect=OK, connect=True):
        """Runs the tool to its end; what it printed."""
        command = self.command(*arguments, *(self.address() if connect else []))
        result = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert result.returncode == expect, (
            f"{command}: exit {result.returncode}, not {expect}\n{result.stdout}{result.stderr}"
        )
        check_errors(result)
        return result

    def json(self, *arguments, **options):
        """The same with --json, parsed."""
        return json.loads(self.run(*arguments, "--json", **options).stdout)

    def running(self):
        image = self.json("list")["images"][0]
        assert image["active"], image
        return image["version"], image["confirmed"]

    def begin(self, *arguments):
        """Starts the tool; the caller ends it."""
        return subprocess.Popen(
            self.command(*arguments, *self.address()),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


def check_errors(result):
    """A failure is one sentence, a success says nothing on stderr."""
    lines = result.stderr.splitlines()
    if result.returncode == OK:
        assert not lines, result.stderr
    else:
        assert len(lines) == 1 and lines[0].startswith("ferry: "), result.stderr


def wait_for_progress(process, percent):
    """Reads the tool's output until it has told this much."""
    for line in process.stdout:
        match = re.search(r"uploading: (\d+) %", line)
        if match and int(match.group(1)) >= percent:
            return
    raise AssertionError(f"the upload ended before {percent} %: {process.stderr.read()}")


def end_of(process, timeout=60):
    out, error = process.communicate(timeout=timeout)
    return subprocess.CompletedProcess(process.args, process.returncode, out, error)


# --- Scenarios -------------------------------------------------------------------------------------


def commands(bench):
    """Every command once, by its JSON."""
    bench.start()
    new = bench.device.image("2.0.0")
    assert bench.json("echo", "Hello, wörld!") == {"echo": "Hello, wörld!"}
    assert bench.running() == ("1.0.0", True)
    info = bench.json("info")
    assert info["max_image_size"] > 0 and info["buffer_size"] > 0, info
    assert bench.json("status")["phase"] == "idle"
    assert "log" in bench.json("log")
    sent = bench.json("upload", new)
    assert sent["sent"] == new.stat().st_size and sent["version"] == "2.0.0", sent
    assert bench.json("status")["phase"] == "complete"
    images = bench.json("test", sent["hash"][:8])["images"]
    assert images[1]["pending"] and not images[1]["permanent"], images
    bench.json("withdraw")
    assert not bench.json("list")["images"][1]["pending"]
    images = bench.json("test", new)["images"]
    assert images[1]["hash"] == sent["hash"] and images[1]["pending"]
    bench.json("reset")
    bench.device.wait("app: agent 2.0.0 .*on trial")
    assert bench.running() == ("2.0.0", False)
    bench.json("confirm")
    assert bench.running() == ("2.0.0", True)
    bench.json("back", "--reset")
    bench.device.wait("app: agent 1.0.0 .*running")
    assert bench.running() == ("1.0.0", True)
    bench.json("erase")


def update(bench):
    """The whole way with one command; a second call finds nothing to do."""
    bench.start()
    new = bench.device.image("2.0.0")
    result = bench.json("update", new)
    assert result["result"] == "confirmed" and result["before"] == "1.0.0", result
    assert result["uploaded"] and result["images"][0]["confirmed"], result
    assert bench.running() == ("2.0.0", True)
    again = bench.json("update", new)
    assert again["result"] == "confirmed" and not again["uploaded"], again


def update_options(bench):
    """--no-reset, --no-confirm, --permanent, --only-newer."""
    bench.start()
    old, new = bench.device.image("1.0.0"), bench.device.image("2.0.0")
    assert bench.json("update", new, "--no-reset")["result"] == "requested"
    assert bench.running() == ("1.0.0", True)
    result = bench.json("update", new, "--no-confirm")
    assert result["result"] == "trial" and not result["uploaded"], result
    assert bench.running() == ("2.0.0", False)
    assert bench.json("update", new)["result"] == "confirmed"
    bench.json("erase")
    error = bench.json("update", bench.device.image("1.0.0", "1.5.0"), "--only-newer", expect=FAILED)
    assert "DOWNGRADE" in error["error"]["reason"]["name"], error
    assert bench.json("update", old, "--permanent")["result"] == "confirmed"
    assert bench.running() == ("1.0.0", True)


def rolls_back(bench):
    """An image that crashes: the device goes back, the tool says why and fails."""
    bench.start()
    error = bench.json("update", bench.device.image("crashes"), expect=ROLLED_BACK)["error"]
    assert error["kind"] == "rolled-back" and error["reason"]["code"] == TRIAL_FAILED, error
    assert bench.running() == ("1.0.0", True)


def back_on_trial(bench):
    """The user does not like what runs on trial; the device says that it went back as asked."""
    bench.start()
    assert bench.json("update", bench.device.image("2.0.0"), "--no-confirm")["result"] == "trial"
    bench.json("back", "--reset")
    bench.device.wait("app: agent 1.0.0 .*running")
    assert bench.running() == ("1.0.0", True)
    assert bench.json("status")["boot"]["reason"]["code"] == WENT_BACK


def recovery(bench):
    """A device that stays in its bootloader takes an update there, over the serial line."""
    bench.start()
    bench.json("reset", "--recovery")
    bench.device.wait("boot: recovery")
    assert bench.json("update", bench.device.image("2.0.0"))["result"] == "confirmed"
    assert bench.running() == ("2.0.0", True)


def empty_device(bench):
    """A device that was never programmed: its bootloader waits for an image."""
    bench.device.start()
    bench.device.wait("boot: recovery")
    assert bench.json("list")["images"] == []
    result = bench.json("update", bench.device.image("1.0.0"))
    assert result["result"] == "confirmed" and result["before"] == "", result
    assert bench.running() == ("1.0.0", True)


def generated(bench):
    """Man page and completion know every command and option that the help knows."""
    texts = {what: bench.run("--generate", what, connect=False).stdout
             for what in ("man", "bash", "zsh", "fish")}
    pages = dict(help_pages(bench, []))
    assert len(pages) > 15 and "sim run" in pages, pages.keys()
    for command, page in pages.items():
        assert f"ferry {command}".replace("-", "\\-") in texts["man"], command
        for option in set(re.findall(r"^ +(?:-\w, )?--([\w-]+)", page, re.MULTILINE)):
            assert "\\-\\-" + option.replace("-", "\\-") in texts["man"], (command, option)
            assert f"--{option}" in texts["bash"] and f"--{option}" in texts["zsh"], (command, option)
            assert f"-l {option} " in texts["fish"], (command, option)
    script = bench.folder / "completion"
    script.write_text(texts["bash"])
    assert completed(script, "ferry", "upl") == ["upload"]
    assert completed(script, "ferry", "sim", "ru") == ["run"]
    assert completed(script, "ferry", "update", "--no-r") == ["--no-reset"]
    assert completed(script, "ferry", "getpub", "--format", "p") == ["pem"]
    if shutil.which("man"):
        page = bench.folder / "ferry.1"
        page.write_text(texts["man"])
        shown = subprocess.run(["man", "--warnings", "-l", str(page)], capture_output=True, text=True)
        assert shown.returncode == 0 and not shown.stderr, shown.stderr


def help_pages(bench, path):
    """("sim run", its help) for every command that runs."""
    page = bench.run(*path, "--help", connect=False).stdout
    names = re.findall(r"^  ([a-z]\w*) {2,}", page.split("Exit status")[0], re.MULTILINE)
    if path and not "Verbs:" in page:
        return [(" ".join(path), page)]
    return [one for name in names for one in help_pages(bench, [*path, name])]


def completed(script, *words):
    """What bash offers for the last word."""
    line = " ".join(f"'{word}'" for word in words)
    return subprocess.run(
        ["bash", "-c", f"source {script}; COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; _ferry;"
         " printf '%s\\n' \"${COMPREPLY[@]}\""], capture_output=True, text=True, check=True
    ).stdout.split()


def bad_files(bench):
    """What is wrong with a file is said before a byte is sent; the device stays as it is."""
    bench.start()
    image = bench.device.image("2.0.0").read_bytes()
    cases = {
        "empty": (b"", "is empty"),
        "short": (image[:20], "ends before the image"),
        "truncated": (image[:-1], "ends before the image"),
        "half": (image[: len(image) // 2], "ends before the image"),
        "text": (b"not an image\n" * 100, "no MCUboot image"),
        "damaged": (image[:5000] + bytes([image[5000] ^ 1]) + image[5001:], "hash"),
    }
    for name, (content, words) in cases.items():
        path = bench.folder / name
        path.write_bytes(content)
        for verb in ("upload", "update"):
            result = bench.run(verb, path, expect=INPUT)
            assert words in result.stderr and name in result.stderr, result.stderr
    assert "No such file" in bench.run("upload", bench.folder / "none", expect=INPUT).stderr
    assert bench.json("status")["phase"] == "idle"


def bad_images(bench):
    """Images that are well formed, and that this device must not take."""
    bench.start()
    stranger = bench.folder / "stranger.pem"
    wrong = bench.folder / "wrong-key.bin"
    bench.run("keygen", "--key", stranger, connect=False)
    bench.device.sign("2.0.0", "2.0.0", wrong, key=stranger)
    error = bench.json("update", wrong, expect=FAILED)["error"]
    assert error["reason"]["name"] == "FERRY_E_IMAGE_KEY", error
    large = bench.folder / "large"
    large.write_bytes(bench.random.randbytes(2 << 20))
    bench.run("sign", "-q", "--key", bench.device.demo_key, "--version", "9.0.0", "--pad-header",
              large, bench.folder / "large.bin", connect=False)
    error = bench.json("upload", bench.folder / "large.bin", expect=INPUT)["error"]
    assert error["reason"]["name"] == "FERRY_E_IMAGE_TOO_LARGE", error
    damaged = bytearray(bench.device.image("2.0.0").read_bytes())
    damaged[5000] ^= 1
    path = bench.folder / "damaged"
    path.write_bytes(damaged)
    error = bench.json("upload", "--no-check", path, expect=FAILED)["error"]
    assert error["reason"]["name"] == "FERRY_E_IMAGE_HASH", error
    assert bench.running() == ("1.0.0", True)


def refusals(bench):
    """What a device refuses comes with its reason."""
    bench.start()
    assert bench.json("back", expect=FAILED)["error"]["reason"]["name"] == "FERRY_E_SLOT_EMPTY"
    assert bench.json("erase", "0", expect=FAILED)["error"]["reason"]["name"] == (
        "FERRY_E_SLOT_IN_USE")
    assert "ferry upload" in bench.run("test", expect=FAILED).stderr
    assert "ferry list" in bench.run("test", "0123abcd", expect=FAILED).stderr
    bench.json("upload", bench.device.image("2.0.0"))
    bench.json("test")
    assert bench.json("confirm", expect=FAILED)["error"]["reason"]["name"] == "FERRY_E_PENDING"


def device_dies(bench):
    """kill -9 in the middle of an upload: where it stood is said, and the next one goes on."""
    bench.start("--speed", "5")
    new = bench.device.image("2.0.0")
    process = bench.begin("upload", "--timeout", "2", new)
    wait_for_progress(process, 40)
    bench.device.power_cut()
    result = end_of(process)
    assert result.returncode == NO_ANSWER, result
    check_errors(result)
    at = int(re.search(r"at byte (\d+) of", result.stderr).group(1))
    assert at >= 0.4 * new.stat().st_size, result.stderr
    assert "run it again" in result.stderr
    bench.start(factory=None)
    sent = bench.json("upload", new)
    assert sent["resumed_at"] >= at - 2 * 65536 and sent["resumed_at"] > 65536, (sent, at)
    assert bench.json("update", new)["result"] == "confirmed"


def interrupted(bench):
    """Ctrl-C in the middle of an upload: the next one goes on where it was."""
    bench.start("--speed", "5")
    new = bench.device.image("2.0.0")
    process = bench.begin("update", new)
    wait_for_progress(process, 30)
    process.send_signal(signal.SIGINT)
    result = end_of(process)
    assert result.returncode == INTERRUPTED, result
    check_errors(result)
    assert "nothing is lost" in result.stderr
    result = bench.json("update", new)
    assert result["resumed_at"] > 0.3 * new.stat().st_size, result
    assert bench.running() == ("2.0.0", True)


def port_vanishes(bench):
    """The device is unplugged while it installs, and comes back as another port: the update goes on."""
    bench.start("--speed", "5")
    process = bench.begin("update", bench.device.image("2.0.0"))
    bench.device.wait("boot: install")
    bench.device.power_cut()
    port = ["--udp", str(bench.device.udp_address[1])]
    bench.start("--speed", "5", *port, factory=None)
    result = end_of(process, timeout=120)
    assert result.returncode == OK, result
    check_errors(result)
    assert "runs and is confirmed" in result.stdout, result.stdout
    assert bench.running() == ("2.0.0", True)


def silence(bench):
    """A device that hangs: no answer within the time given."""
    bench.start("--watchdog", "0")
    os.kill(bench.device.process.pid, signal.SIGSTOP)
    children = subprocess.run(["pgrep", "-P", str(bench.device.process.pid)], capture_output=True,
                              text=True).stdout.split()
    for child in children:
        os.kill(int(child), signal.SIGSTOP)
    start = time.monotonic()
    result = bench.run("list", "--timeout", "1.5", expect=NO_ANSWER)
    assert 1.4 < time.monotonic() - start < 15
    assert "no answer" in result.stderr and "1.5 s" in result.stderr, result.stderr
    for child in children:
        os.kill(int(child), signal.SIGCONT)
    os.kill(bench.device.process.pid, signal.SIGCONT)
    assert bench.running() == ("1.0.0", True)


def closed(bench):
    """No device at all."""
    bench.start()
    address = bench.address()
    bench.device.power_cut()
    result = bench.run("list", "--timeout", "1", *address, connect=False, expect=NO_ANSWER)
    words = "there is no" if bench.link == "serial" else "nothing listens on"
    assert words in result.stderr, result.stderr


def command_line(bench):
    """Mistakes on the command line are usage errors, and nothing is connected."""
    run = lambda *words: bench.run(*words, connect=False, expect=USAGE).stderr
    assert "unknown option '--bogus'" in run("list", "--bogus")
    assert "unknown command 'lsit'" in run("lsit")
    assert "TEXT is missing" in run("echo", "--serial", "x")
    assert "unexpected operand 'two'" in run("list", "two", "--serial", "x")
    assert "one connection" in run("list")
    assert "one connection" in run("list", "--serial", "x", "--udp", "y")
    assert "--timeout" in run("list", "--udp", "127.0.0.1", "--timeout", "soon")
    assert "HOST" in run("list", "--udp", "127.0.0.1:port")
    assert "baud" in run("list", "--serial", "/dev/null@12345")
    run = lambda *words: bench.run(*words, connect=False, expect=NO_ANSWER).stderr
    assert "there is no /nonexistent" in run("list", "--serial", "/nonexistent")
    assert "not a serial port" in run("list", "--serial", "/dev/null")
    for verb in ("list", "update", "sim run", "layout check"):
        help_text = bench.run(*verb.split(), "--help", connect=False).stdout
        assert f"ferry {verb}" in help_text and "--json" in help_text, help_text


def port_in_use(bench):
    """Two programs on one serial port would tear each other's frames."""
    bench.start("--speed", "5")
    if bench.link != "serial":
        return
    process = bench.begin("upload", bench.device.image("2.0.0"))
    wait_for_progress(process, 10)
    assert "in use" in bench.run("list", expect=NO_ANSWER).stderr
    assert end_of(process).returncode == OK


def progress(bench):
    """A bar on a terminal, a line every ten percent elsewhere, nothing with --quiet."""
    bench.start("--speed", "5")
    lines = bench.run("upload", bench.device.image("2.0.0")).stdout.splitlines()
    told = [int(match.group(1)) for line in lines if (match := re.match(r"uploading: (\d+) %", line))]
    assert told[-1] == 100 and 5 <= len(told) <= 11, lines
    assert bench.run("update", "--quiet", bench.device.image("2.0.0")).stdout == ""
    text = on_terminal(bench.command("upload", bench.device.image("gives-up"), *bench.address()))
    bars = re.findall(r"\ruploading \[(#*)(\.*)\] +(\d+) %", text)
    assert bars[-1] == ("#" * 16, "", "100") and len(bars) > 3, text
    assert "KiB/s" in text and "left" in text, text


def on_terminal(command):
    """Runs a command on a terminal; all it printed."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(command[0], command)
    text = b""
    while True:
        try:
            part = os.read(terminal, 4096)
        except OSError:
            break
        if not part:
            break
        text += part
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == OK, text
    return text.decode()


class BadNetwork:
    """UDP between the tool and the device that loses, doubles and delays datagrams."""

    def __init__(self, target, chance, loss):
        self.target, self.random, self.loss = target, chance, loss
        self.front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.front.bind(("127.0.0.1", 0))
        self.back = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.back.connect(target)
        self.peer = None
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        late = None
        while True:
            for ready in select.select([self.front, self.back], [], [])[0]:
                if ready is self.front:
                    data, self.peer = self.front.recvfrom(65536)
                else:
                    try:
                        data = self.back.recv(65536)
                    except ConnectionRefusedError:
                        continue
                copies = [data]
                luck = self.random.random()
                if luck < self.loss:
                    copies = []
                elif luck < 1.2 * self.loss:
                    copies = [data, data]
                elif luck < 1.4 * self.loss and late is None:
                    late, copies = (ready, data), []
                for copy in copies:
                    self.forward(ready, copy)
                if late and late[0] is ready and copies:
                    self.forward(*late)
                    late = None

    def forward(self, source, data):
        try:
            if source is self.front:
                self.back.send(data)
            elif self.peer:
                self.front.sendto(data, self.peer)
        except ConnectionRefusedError:
            pass


def bad_network(bench):
    """A tenth of all datagrams is lost, others come twice or late: the update ends right."""
    if bench.link != "udp":
        return
    bench.start()
    network = BadNetwork(bench.device.udp_address, bench.random, 0.05)
    address = ["--udp", f"127.0.0.1:{network.front.getsockname()[1]}"]
    sent = bench.json("upload", bench.device.image("2.0.0"), *address, connect=False)
    assert sent["losses"] > 0, sent
    assert bench.json("update", bench.device.image("2.0.0"))["result"] == "confirmed"
    assert bench.running() == ("2.0.0", True)


def other_link(bench):
    """An upload that began over UDP ends over the serial line."""
    bench.start("--speed", "5")
    new = bench.device.image("2.0.0")
    bench.link = "udp"
    process = bench.begin("upload", new)
    wait_for_progress(process, 50)
    process.send_signal(signal.SIGINT)
    assert end_of(process).returncode == INTERRUPTED
    bench.link = "serial"
    sent = bench.json("upload", new)
    assert sent["resumed_at"] >= 0.5 * new.stat().st_size, sent
    assert bench.json("update", new)["result"] == "confirmed"


SCENARIOS = [commands, update, update_options, rolls_back, back_on_trial, bad_files, bad_images,
             refusals, device_dies, port_vanishes, interrupted, silence, closed, command_line, port_in_use, progress, bad_network, other_link,
             recovery, empty_device, generated]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True)
    parser.add_argument("--link", choices=["serial", "udp"], default="serial")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("scenario", choices=[scenario.__name__ for scenario in SCENARIOS])
    options = parser.parse_args()
    scenario = next(one for one in SCENARIOS if one.__name__ == options.scenario)
    folder = pathlib.Path(tempfile.mkdtemp(prefix=f"ferry-{options.scenario}-"))
    bench = Bench(options.build, options.link, folder, options.seed)
    try:
        scenario(bench)
    except Exception:
        traceback.print_exc()
        print(f"\nseed {options.seed}, folder {folder}; the device said at last:")
        print("\n".join(bench.device.history[-40:]))
        sys.exit(1)
    finally:
        bench.device.close()
    print(f"{options.scenario} over {options.link}: passed (seed {options.seed})")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
