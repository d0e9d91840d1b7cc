# SPDX-License-Identifier: Apache-2.0
"""ferry keygen, getpub, sign, inspect, layout as a user calls them: image_commands.py --ferry FILE
--source DIR --cc COMPILER SCENARIO

Judged by exit status, by the sentence on standard error and by the files that are left.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

OK, USAGE, INPUT, SYSTEM = 0, 2, 4, 6


class Shell:
    def __init__(self, args, folder):
        self.ferry_path, self.source, self.cc = args.ferry, pathlib.Path(args.source), args.cc
        self.folder = pathlib.Path(folder)

    def path(self, name, content=None):
        path = self.folder / name
        if content is not None:
            path.write_bytes(content)
        return str(path)

    def call(self, *words):
        return subprocess.run([self.ferry_path, *words], capture_output=True, text=True, timeout=60,
                              check=False)

    def good(self, *words):
        result = self.call(*words)
        assert result.returncode == OK, (words, result)
        return result.stdout

    def bad(self, status, sentence, *words):
        """One sentence, and with --json the same in JSON."""
        result = self.call(*words)
        assert result.returncode == status and sentence in result.stderr, (words, result)
        assert result.stderr.startswith("ferry: ") and result.stderr.count("\n") == 1, result
        result = self.call(*words, "--json")
        error = json.loads(result.stdout)["error"]
        assert result.returncode == error["exit"] == status and sentence in error["message"], result

    def key(self, name="key.pem"):
        self.good("keygen", "-k", self.path(name), "-q")
        return self.path(name)

    def compile(self, source):
        """The file stands alone next to the public headers, without a warning."""
        result = subprocess.run([self.cc, "-std=c11", "-Wall", "-Wextra", "-Wconversion",
                                 "-Wmissing-prototypes", "-Werror", "-I",
                                 str(self.source / "include"), "-c", source, "-o",
                                 source + ".o"], capture_output=True, text=True, timeout=60,
                                check=False)
        assert result.returncode == 0, result.stderr


def scenario_keys(shell):
    key = shell.key()
    assert pathlib.Path(key).stat().st_mode & 0o777 == 0o600
    before = pathlib.Path(key).read_bytes()
    shell.bad(SYSTEM, "exists already", "keygen", "-k", key)
    assert pathlib.Path(key).read_bytes() == before
    shell.good("keygen", "-k", key, "--force")
    assert pathlib.Path(key).read_bytes() != before
    shell.bad(USAGE, "Give '--key FILE'", "keygen")
    shell.bad(USAGE, "'rsa' are not supported", "keygen", "-k", shell.path("x"), "-t", "rsa")
    shell.bad(SYSTEM, "cannot write", "keygen", "-k", shell.path("no/such/folder"))
    shell.bad(INPUT, "cannot read", "getpub", "-k", shell.path("missing"))
    shell.bad(USAGE, "Give '--key FILE'", "getpub")

    other = shell.key("other.pem")
    for keys in ([key], [key, other]):
        options = [word for path in keys for word in ("-k", path)]
        source = shell.path("keys.c")
        shell.good("getpub", *options, "-o", source)
        shell.compile(source)
        assert f".count = {len(keys)}" in pathlib.Path(source).read_text()
        hashes = shell.good("getpub", *options, "--format", "hash").split()
        seen = json.loads(shell.good("getpub", *options, "--json"))["keys"]
        assert [entry["hash"] for entry in seen] == hashes and len(hashes) == len(keys)
    # The public part is enough to check with, but not to sign with.
    public = shell.path("public.pem")
    shell.good("getpub", "-k", key, "--format", "pem", "-o", public)
    program, image = shell.path("app.bin", bytes(600)), shell.path("app.img")
    shell.bad(INPUT, "needs the private key", "sign", "-k", public, "-v", "1.0.0", program, image)
    shell.good("sign", "-k", key, "-v", "1.0.0", program, image)
    shell.good("inspect", image, "-k", public)


def scenario_sign(shell):
    key = shell.key()
    program, image = shell.path("app.bin", bytes(0x200) + b"program"), shell.path("app.img")
    sign = ("sign", "-k", key, "-v", "1.2.3")
    for words, status, sentence in (
            (("sign", "-k", key, program, image), USAGE, "Give '--version 1.2.3'"),
            (("sign", "-k", key, "-v", "1.2.x", program, image), USAGE, "'1.2.x' is no version"),
            (("sign", "-v", "1.2.3", program, image), USAGE, "'ferry keygen' makes one"),
            ((*sign, "-H", "0x10", program, image), INPUT, "the header size 0x10"),
            ((*sign, "-H", "0x400", program, image), INPUT, "no program behind its header"),
            ((*sign, "-S", "0x200", program, image), INPUT, "more than the slot's 0x200"),
            ((*sign, "-s", "many", program, image), USAGE, "security-counter"),
            ((*sign, "-F", "0", "-L", "0", program, image), INPUT, "not from both"),
            ((*sign, shell.path("missing.bin"), image), INPUT, "cannot read"),
            ((*sign, program, shell.path("no/such/folder")), SYSTEM, "cannot write"),
            ((*sign, program, shell.path("app.hex")), USAGE, "choose a name in .bin"),
            ((*sign, shell.path("full.bin", b"\1" * 600), image), INPUT, "add --pad-header"),
            ((*sign, shell.path("bad.hex", b"hello\n"), image), INPUT, "bad.hex line 1"),
            (("sign", "-k", program, "-v", "1.2.3", program, image), INPUT, "no key in PEM")):
        shell.bad(status, sentence, *words)
        assert not pathlib.Path(image).exists()
    shell.good(*sign, program, image)
    first = pathlib.Path(image).read_bytes()
    shell.good(*sign, program, image)
    assert pathlib.Path(image).read_bytes() == first
    shell.bad(INPUT, "has an image header already", *sign, image, shell.path("twice.img"))
    # A program in place of itself.
    shell.good(*sign, program, program)
    assert pathlib.Path(program).read_bytes() == first


def scenario_addresses(shell):
    key, image = shell.key(), shell.path("app.img")
    sign = ("sign", "-k", key, "-v", "1.0.0", "-H", "0x20", "--pad-header")
    linked = shell.path("app.hex", b":020000040802F0\n:0400200001020304D2\n:00000001FF\n")
    shell.bad(INPUT, "is linked for an image at 0x8020000", *sign, "-F", "0x8010000", linked, image)
    shell.good(*sign, "--rom-fixed", "0x8020000", linked, image)
    seen = json.loads(shell.good("inspect", image, "--json"))
    assert seen["flags"] == ["ROM_FIXED"] and seen["load_address"] == 0x8020000, seen
    shell.good(*sign, "--load-addr", "0", linked, image)
    assert json.loads(shell.good("inspect", image, "--json"))["flags"] == ["RAM_LOAD"]


def scenario_inspect(shell):
    key, other = shell.key(), shell.key("other.pem")
    program, image = shell.path("app.bin", bytes(5000)), shell.path("app.img")
    shell.good("sign", "-k", key, "-v", "1.2.3", program, image)
    text = shell.good("inspect", image, "-k", other, "-k", key)
    assert "1.2.3+0" in text and f"by {key}" in text and "accepts it" in text
    result = shell.call("inspect", image, "-k", other)
    assert result.returncode == INPUT and "FERRY_E_IMAGE_KEY" in result.stdout
    content = bytearray(pathlib.Path(image).read_bytes())
    content[3000] ^= 1
    result = shell.call("inspect", shell.path("bad.img", content), "-k", key)
    assert result.returncode == INPUT and "FERRY_E_IMAGE_HASH" in result.stdout
    assert "behind the image" in shell.good("inspect", shell.path("long.img", content[:3000] +
                                            bytes([content[3000] ^ 1]) + content[3001:] + b"x"))
    assert shell.call("inspect", program).returncode == INPUT
    assert "no MCUboot image" in shell.call("inspect", program).stderr
    assert shell.call("inspect", shell.path("empty", b"")).returncode == INPUT
    assert shell.good("inspect", image, "--quiet") == ""
    shell.bad(USAGE, "--layout", "inspect", image, "--internal", image)


def scenario_dump(shell):
    """Dumps of a device that has an image and a blank external chip."""
    key, layout = shell.key(), str(shell.source / "data/layouts/posix.yml")
    image = shell.path("app.img")
    shell.good("sign", "-k", key, "-v", "3.2.1", "--pad-header", shell.path("app.bin", b"x" * 999),
               image)
    inside = bytearray(b"\xff" * 0x200000)
    content = pathlib.Path(image).read_bytes()
    inside[0x20000:0x20000 + len(content)] = content
    external = shell.path("external.bin", b"\xff" * 0x800000)
    dump = ("inspect", external, "-l", layout)
    internal = shell.path("internal.bin", inside)
    text = shell.good(*dump, "-i", internal, "-k", key)
    assert "0 records" in text and "starts version 3.2.1+0" in text, text
    assert "good, signed by" in text and text.count("no image") == 3, text
    seen = json.loads(shell.good(*dump, "-i", internal, "-k", key, "--json"))
    assert seen["next_boot"]["action"] == "boot" and seen["primary"]["accepted"], seen
    assert "cannot be told" in shell.good(*dump)
    assert "stays in recovery" in shell.good(*dump, "-i", external, "-k", key)
    shell.bad(INPUT, "dump the whole chip", "inspect", image, "-l", layout)
    shell.bad(INPUT, "dump the whole chip", *dump, "-i", image)
    shell.bad(INPUT, "cannot read", *dump, "-i", shell.path("missing"))
    shell.bad(INPUT, "cannot read", "inspect", external, "-l", shell.path("missing"))


def scenario_layout(shell):
    for name in ("posix", "ast1030"):
        layout = str(shell.source / f"data/layouts/{name}.yml")
        assert "3 slots" in shell.good("layout", "check", layout)
        assert "ferry_slot_2" in shell.good("layout", "show", layout)
        source = shell.path("layout.c")
        shell.good("layout", "header", layout, "-o", source, "--flash-base", "0x80000000")
        shell.compile(source)
        assert ".primary_address = 0x80020000" in pathlib.Path(source).read_text()
    text = (shell.source / "data/layouts/posix.yml").read_bytes()
    overlapping = shell.path("overlapping.yml", text.replace(
        b"address: 0x10000\n  end_address: 0x1d0000", b"address: 0x20000\n  end_address: 0x1e0000"))
    shell.bad(INPUT, "line 32: ferry_slot_0 (0x20000 to 0x1e0000, line 27) and ferry_slot_1",
              "layout", "check", overlapping)
    # Several mistakes: each on a line of its own, as compilers do it; then the first, as ever.
    far = shell.path("far.yml", text.replace(b"size: 0x1c0000", b"size: far"))
    lines = shell.call("layout", "check", far).stderr.splitlines()
    assert len(lines) == 5 and lines[0].startswith(f"{far}:19: error: "), lines
    assert lines[-1].startswith("ferry: ") and "line 19" in lines[-1], lines
    shell.bad(INPUT, "past the end of the external flash", "layout", "check",
              str(shell.source / "data/layouts/ast1030.yml"), "--external-size", "0x180000")
    shell.bad(INPUT, "cannot read", "layout", "show", shell.path("missing"))
    convert_layouts(shell)


# A stock layout with everything a conversion has to think about.
STOCK = b"""mcuboot: {address: 0x0, size: 0xc000, region: flash_primary}
mcuboot_pad: {address: 0xc000, size: 0x200, region: flash_primary}
app: {address: 0xc200, size: 0xf1e00, region: flash_primary}
mcuboot_primary: {address: 0xc000, size: 0xf2000, region: flash_primary, span: [mcuboot_pad, app]}
settings_storage: {address: 0xfe000, size: 0x2000, region: flash_primary}
mcuboot_secondary: {address: 0x0, size: 0xf2000, region: external_flash}
external_flash: {address: 0xf2000, size: 0x70e000, region: external_flash}
"""


def convert_layouts(shell):
    def entries(file):
        listed = json.loads(shell.good("layout", "show", file, "--json"))["entries"]
        return {entry["name"]: (entry["region"], entry["address"], entry["size"])
                for entry in listed}

    ours = str(shell.source / "data/layouts/posix.yml")
    stock = shell.path("stock.yml", STOCK)
    overlay, back, header = (shell.path(name) for name in ("a.overlay", "back.yml", "layout.h"))
    assert "no store" in shell.good("layout", "check", stock)
    refused = shell.call("layout", "header", stock)  # which has no place for a store
    assert refused.returncode == INPUT and "no 'ferry_journal'" in refused.stderr, refused
    for layout in (ours, stock):
        shell.good("layout", "convert", layout, "--to", "dts", "-o", overlay)
        shell.good("layout", "check", overlay)
        shell.good("layout", "convert", overlay, "--to", "yaml", "-o", back)
        left = set(entries(layout).items()) - set(entries(back).items())
        gone = {name for name, _ in left}
        assert gone == (set() if layout == ours else {"mcuboot_pad", "app", "external_flash"}), gone
        shell.good("layout", "convert", layout, "--to", "yaml", "-o", back)
        assert entries(back) == entries(layout)
    assert "span: [mcuboot_pad, app]" in pathlib.Path(back).read_text()
    shell.good("layout", "convert", stock, "--to", "c", "-o", header)
    source = shell.path("uses.c", b'#include "layout.h"\n_Static_assert(MCUBOOT_SECONDARY_SIZE == '
                        b'0xf2000 && SETTINGS_STORAGE_OFFSET == 0xfe000, "");\n')
    shell.compile(source)
    shell.bad(USAGE, "--to", "layout", "convert", stock)
    shell.bad(INPUT, "no fixed partitions", "layout", "show", shell.path("b.overlay", b"/ { };\n"))
    shell.bad(INPUT, "overlap", "layout", "convert", "--to", "dts", shell.path(
        "over.yml", STOCK.replace(b"external_flash: {address: 0xf2000", b"external_flash: {address: 0x0")))


def main():
    scenarios = {name[len("scenario_"):]: value for name, value in globals().items()
                 if name.startswith("scenario_")}
    parser = argparse.ArgumentParser()
    parser.add_argument("--ferry", required=True)
    parser.add_argument("--source", required=True)
    parser.add_argument("--cc", required=True)
    parser.add_argument("scenario", choices=sorted(scenarios))
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ferry-image-") as folder:
        scenarios[args.scenario](Shell(args, folder))
    print("passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
