# SPDX-License-Identifier: Apache-2.0
"""Ferry's images and imgtool's: peer_imgtool.py --ferry FILE --imgtool FILE SCENARIO

Both tools run as programs. Exit status 0 when the scenario passed, 77 when imgtool is not there
(1 with CI=true: there it has to be).
"""
import argparse
import json
import os
import pathlib
import random
import struct
import subprocess
import sys
import tempfile

INPUT = 4  # ferry's exit status for an image that is refused


class Tools:
    def __init__(self, ferry, imgtool, folder, seed):
        self.ferry_path, self.imgtool_path = ferry, imgtool
        self.folder = pathlib.Path(folder)
        self.random = random.Random(seed)

    def path(self, name):
        return str(self.folder / name)

    def run(self, *command):
        return subprocess.run([str(word) for word in command], capture_output=True, text=True,
                              timeout=120, check=False)

    def imgtool(self, *words):
        result = self.run(self.imgtool_path, *words)
        assert result.returncode == 0, f"imgtool {words}: {result.stderr}{result.stdout}"
        return result.stdout

    def ferry(self, *words):
        result = self.run(self.ferry_path, *words)
        assert result.returncode == 0, f"ferry {words}: {result.stderr}"
        return result.stdout

    def program(self, name, size, room=0):
        path = self.folder / name
        path.write_bytes(bytes(room) + self.random.randbytes(size))
        return str(path)

    def imgtool_accepts(self, image, key):
        # It reports "Image ... incorrect" by its exit status.
        return self.run(self.imgtool_path, "verify", "-k", key, image).returncode == 0

    def inspect(self, image, *keys):
        options = [word for key in keys for word in ("-k", key)]
        result = self.run(self.ferry_path, "inspect", image, *options, "--json")
        seen = json.loads(result.stdout)
        assert result.returncode == (0 if seen["accepted"] else INPUT), result
        return seen

    def refusal(self, image, *keys):
        seen = self.inspect(image, *keys)
        assert not seen["accepted"], f"{image} was accepted"
        return seen["reason"]["name"]


def keys_of_both(tools):
    ours, theirs = tools.path("ours.pem"), tools.path("theirs.pem")
    tools.ferry("keygen", "-k", ours)
    tools.imgtool("keygen", "-k", theirs, "-t", "ecdsa-p256")
    return ours, theirs


# Options of both tools, and what the image then says of itself.
CASES = [
    (["--header-size", "0x20", "--pad-header", "--version", "0"], "0.0.0+0"),
    (["--header-size", "0x100", "--pad-header", "--version", "1.2"], "1.2.0+0"),
    (["--header-size", "0x200", "--pad-header", "--version", "1.2.3+4"], "1.2.3+4"),
    (["--header-size", "0x200", "--version", "255.255.65535+4294967295"],
     "255.255.65535+4294967295"),
    (["--header-size", "0x400", "--pad-header", "--version", "1.0.0", "--security-counter", "7"],
     "1.0.0+0"),
    (["--header-size", "0x800", "--pad-header", "--version", "3.4.5", "--security-counter", "auto"],
     "3.4.5+0"),
    (["--header-size", "0x200", "--pad-header", "--version", "1.0.0", "--rom-fixed", "0x20000"],
     "1.0.0+0"),
    (["--header-size", "0x200", "--pad-header", "--version", "1.0.0", "--load-addr", "0x20001000"],
     "1.0.0+0"),
    (["--header-size", "0x200", "--pad-header", "--version", "1.0.0", "--align", "8"], "1.0.0+0"),
]


def room_of(options):
    return 0 if "--pad-header" in options else int(options[options.index("--header-size") + 1], 0)


def sign_with_both(tools, key, options, number):
    program = tools.program(f"app{number}.bin", 1000 + 333 * number, room_of(options))
    ours, theirs = tools.path(f"ours{number}.img"), tools.path(f"theirs{number}.img")
    tools.ferry("sign", "-k", key, "--slot-size", "0x40000", *options, program, ours)
    tools.imgtool("sign", "-k", key, "--slot-size", "0x40000", *options, program, theirs)
    return ours, theirs


def scenario_accepts(tools):
    """What imgtool signs, the device's code accepts; what Ferry signs, imgtool verifies."""
    keys = keys_of_both(tools)
    for number, (options, version) in enumerate(CASES):
        for key in keys:
            for image in sign_with_both(tools, key, options, number):
                seen = tools.inspect(image, *keys)
                assert seen["accepted"] and seen["signed_by"] == key, (options, seen)
                assert seen["version"] == version, seen
                assert seen["size"] == os.path.getsize(image), seen
                assert tools.imgtool_accepts(image, key), (options, image)


def split(image):
    """Everything before the signature, less the one length that depends on it; the signature."""
    header, protected, payload = struct.unpack("<8xHHI16x", image[:32])
    area = header + payload + protected
    magic, total = struct.unpack("<HH", image[area:area + 4])
    assert magic == 0x6907 and area + total == len(image)
    at = area + 4
    while at < len(image):
        kind, length = struct.unpack("<HH", image[at:at + 4])
        if kind == 0x22:
            return image[:area] + image[area + 4:at + 2], image[at + 4:at + 4 + length]
        at += 4 + length
    raise AssertionError("no signature")


def scenario_equal(tools):
    """The same input gives the same bytes, up to the signature."""
    key, _ = keys_of_both(tools)
    for number, (options, _) in enumerate(CASES):
        ours, theirs = sign_with_both(tools, key, options, number)
        ours, theirs = (pathlib.Path(path).read_bytes() for path in (ours, theirs))
        assert split(ours)[0] == split(theirs)[0], options
        assert split(ours)[1] != split(theirs)[1], "imgtool's signatures are random"
    again = tools.path("again.img")
    tools.ferry("sign", "-k", key, *CASES[2][0], tools.path("app2.bin"), again)
    assert pathlib.Path(again).read_bytes() == pathlib.Path(tools.path("ours2.img")).read_bytes()


def scenario_hex(tools):
    """Intel HEX as imgtool writes it, holes included, is read as imgtool reads it."""
    key, _ = keys_of_both(tools)
    program = tools.program("app.bin", 5000)
    signed, plain = tools.path("signed.hex"), tools.path("plain.hex")
    options = ["--header-size", "0x200", "--pad-header", "--version", "1.0.0"]
    tools.imgtool("sign", "-k", key, "--slot-size", "0x10000", "--hex-addr", "0x0801fe00", *options,
                  program, signed)
    # A program in hex: imgtool's records, ten of them taken out, and zeros where the magic was.
    lines = pathlib.Path(signed).read_text().splitlines()
    data = [line for line in lines if line[7:9] == "00"]
    lines = [line for line in lines if line not in data[100:110]]
    body = bytes.fromhex(data[0][1:9]) + bytes(int(data[0][1:3], 16))
    lines[lines.index(data[0])] = ":" + (body + bytes([-sum(body) & 0xFF])).hex().upper()
    pathlib.Path(plain).write_text("\n".join(lines) + "\n")
    ours, theirs = tools.path("ours.img"), tools.path("theirs.img")
    tools.ferry("sign", "-k", key, *options, plain, ours)
    tools.imgtool("sign", "-k", key, "--slot-size", "0x10000", *options, plain, theirs)
    ours, theirs = (pathlib.Path(path).read_bytes() for path in (ours, theirs))
    assert split(ours)[0] == split(theirs)[0]
    assert b"\xff" * 16 in ours


def scenario_tampered(tools):
    """Neither accepts a flipped bit, a cut, or another key."""
    key, other = keys_of_both(tools)
    for image in sign_with_both(tools, key, CASES[4][0], 0):
        content = pathlib.Path(image).read_bytes()
        bad = tools.path("bad.img")
        assert tools.refusal(image, other) == "FERRY_E_IMAGE_KEY"
        assert not tools.imgtool_accepts(image, other)
        for _ in range(12):
            at = tools.random.randrange(32, len(content))
            changed = bytearray(content)
            changed[at] ^= 1 << tools.random.randrange(8)
            pathlib.Path(bad).write_bytes(changed)
            tools.refusal(bad, key)
            # imgtool does not look at KEYHASH and at TLVs it does not know.
            if at < len(content) - 200:
                assert not tools.imgtool_accepts(bad, key), at
        for size in (0, 31, 400, len(content) // 2, len(content) - 1):
            pathlib.Path(bad).write_bytes(content[:size])
            result = tools.run(tools.ferry_path, "inspect", bad, "-k", key)
            assert result.returncode == INPUT, (size, result)


def scenario_kinds(tools):
    """What this build cannot verify is refused as that, whatever else is right with it."""
    key, _ = keys_of_both(tools)
    program = tools.program("app.bin", 3000)
    image = tools.path("kind.img")
    base = ["--header-size", "0x200", "--pad-header", "--version", "1.0.0", "--slot-size",
            "0x40000"]
    encryption = tools.path("encryption.pem")
    tools.imgtool("keygen", "-k", encryption, "-t", "ecdsa-p256")
    for options in (["--encrypt", encryption], ["--encrypt", encryption, "--clear"],
                    ["--non-bootable"], ["--public-key-format", "full"]):
        tools.imgtool("sign", "-k", key, *base, *options, program, image)
        assert tools.refusal(image, key) == "FERRY_E_IMAGE_UNSUPPORTED", options
    for kind in ("rsa-2048", "ed25519", "ecdsa-p384"):
        other = tools.path(kind + ".pem")
        tools.imgtool("keygen", "-k", other, "-t", kind)
        tools.imgtool("sign", "-k", other, *base, program, image)
        assert tools.refusal(image, key) == "FERRY_E_IMAGE_UNSUPPORTED", kind
        result = tools.run(tools.ferry_path, "sign", "-k", other, "--version", "1.0.0",
                           "--pad-header", program, image)
        assert result.returncode == INPUT and "ECDSA P-256" in result.stderr, result
    tools.imgtool("sign", *base, program, image)
    assert tools.refusal(image, key) == "FERRY_E_IMAGE_UNSIGNED"


def scenario_extras(tools):
    """Protected entries Ferry has no use for, and the padded signatures of old imgtools."""
    key, _ = keys_of_both(tools)
    program = tools.program("app.bin", 3000)
    image = tools.path("extra.img")
    base = ["--header-size", "0x200", "--pad-header", "--version", "1.0.0", "--slot-size",
            "0x40000"]
    for options in (["--dependencies", "(1, 1.2.3+0)"], ["--boot-record", "app"],
                    ["--custom-tlv", "0x00a0", "0x1234"], ["--vid", "example.com", "--cid", "x"],
                    ["--security-counter", "4294967295", "--boot-record", "app"]):
        tools.imgtool("sign", "-k", key, *base, *options, program, image)
        assert tools.inspect(image, key)["accepted"], options
    lengths = set()
    for _ in range(12):
        tools.imgtool("sign", "-k", key, *base, "--pad-sig", program, image)
        seen = tools.inspect(image, key)
        assert seen["accepted"], seen
        lengths |= {tlv["length"] for tlv in seen["tlvs"] if tlv["name"] == "ECDSA_SIG"}
    assert lengths == {72}, lengths


def scenario_keys(tools):
    """One reads the other's key files and gives the same public key and hash."""
    for key in keys_of_both(tools):
        pem = tools.imgtool("getpub", "-k", key, "-e", "pem")
        assert tools.ferry("getpub", "-k", key, "--format", "pem").strip() == pem.strip()
        raw = tools.path("hash.bin")
        tools.imgtool("getpubhash", "-k", key, "-e", "raw", "-o", raw)
        assert tools.ferry("getpub", "-k", key, "--format", "hash").strip() == \
            pathlib.Path(raw).read_bytes().hex()
    protected = pathlib.Path(tools.path("protected.pem"))
    protected.write_bytes(protected_key())
    result = tools.run(tools.ferry_path, "getpub", "-k", protected)
    assert result.returncode == INPUT and "password" in result.stderr, result


def protected_key():
    """A key under a password, as imgtool writes it; imgtool itself asks a terminal for it."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"word"))


def main():
    scenarios = {name[len("scenario_"):]: value for name, value in globals().items()
                 if name.startswith("scenario_")}
    parser = argparse.ArgumentParser()
    parser.add_argument("--ferry", required=True)
    parser.add_argument("--imgtool", required=True)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    parser.add_argument("scenario", choices=sorted(scenarios))
    args = parser.parse_args()
    if not os.access(args.imgtool, os.X_OK):
        print(f"no imgtool at {args.imgtool}: run 'make setup'")
        return 1 if os.environ.get("CI") == "true" else 77
    print(f"seed {args.seed} (--seed replays it)")
    with tempfile.TemporaryDirectory(prefix="ferry-imgtool-") as folder:
        scenarios[args.scenario](Tools(args.ferry, args.imgtool, folder, args.seed))
    print("passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
