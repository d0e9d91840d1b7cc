#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Descriptions that generate.py must refuse, each with a sentence that says where and what.

usage: test_generate.py FOLDER    (data/chips)
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

CHIPS = pathlib.Path(sys.argv.pop() if len(sys.argv) > 1 else "data/chips")

GOOD = """\
family: test
page_program: {typ_us: 700, max_us: 4000, source: sfdp}
erase:
  - {size: 4 KiB, opcode: 0x20, typ_ms: 50, max_ms: 400, source: sfdp}
  - {size: 64 KiB, opcode: 0xd8, typ_ms: 150, max_ms: 2000, source: sfdp}
wakeup: {us: 3, source: sfdp}
block_protect: {mask: 0x1c, source: sheet}
quad_enable: {qer: 4, source: sfdp}
quirks: []
parts:
  - {name: ONE, id: ef4017, size: 8 MiB, source: sheet}
  - {name: TWO, id: ef4018, size: 16 MiB, source: sheet}
"""

# What is changed, into what, and a word of the complaint.
BAD = [
    ("typ_us: 700, max_us: 4000, source: sfdp", "typ_us: 700, max_us: 4000", "source"),
    ("source: sheet}\nquad", "source: hearsay}\nquad", "hearsay"),
    ("size: 4 KiB", "size: 5 KiB", "power of two"),
    ("size: 4 KiB", "size: 2 KiB", "4 KiB or more"),
    ("size: 4 KiB", "size: 128 KiB", "rise"),
    ("64 KiB", "64 kB", "64 kB"),
    ("max_ms: 2000", "max_ms: 7000", "6000"),
    ("max_ms: 400", "max_ms: 40", "40"),
    ("us: 3,", "us: 300,", "100"),
    ("mask: 0x1c", "mask: 0x9c", "124"),
    ("quirks: []", "quirks: [{name: slow, source: sheet}]", "slow"),
    ("quirks: []", "quirks: [{name: no_sfdp}]", "no_sfdp"),
    ("quirks: []", "quirks: [{name: opcodes_4byte, source: sheet}]", "16 MiB"),
    ("quirks: []", "quirks: [{name: flag_status, source: sheet},"
     " {name: unprotect_50h, source: sheet}]", "50h"),
    ("ef4018", "ef4017", "ONE"),
    ("TWO", "ONE", "twice"),
    ("ef4018", "ef40", "six hex digits"),
    ("wakeup: {us: 3, source: sfdp}\n", "", "wakeup is missing"),
    ("family: test", "family: [", "while parsing"),
    ("name: TWO, ", "", "bad name"),
]


class Generate(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        shutil.copy(CHIPS / "generate.py", self.folder)

    def run_with(self, text, *names):
        (self.folder / "test.yaml").write_text(text, encoding="utf-8")
        return subprocess.run(
            [sys.executable, str(self.folder / "generate.py"), str(self.folder / "out.c"), *names],
            capture_output=True, text=True, check=False)

    def test_good(self):
        done = self.run_with(GOOD)
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        text = (self.folder / "out.c").read_text(encoding="utf-8")
        self.assertIn('{"ONE", {0xef, 0x40, 0x17}, 23,', text)
        self.assertIn("{12, 0x20, 50, 400}, {16, 0xd8, 150, 2000}", text)

    def test_chosen_parts(self):
        done = self.run_with(GOOD, "TWO")
        self.assertEqual(0, done.returncode)
        text = (self.folder / "out.c").read_text(encoding="utf-8")
        self.assertNotIn("ONE", text)
        done = self.run_with(GOOD, "THREE")
        self.assertNotEqual(0, done.returncode)
        self.assertIn("THREE", done.stderr)

    def test_only_by_name(self):
        text = GOOD.replace("size: 16 MiB", "size: 16 MiB, only_by_name: true")
        self.run_with(text)
        self.assertNotIn("TWO", (self.folder / "out.c").read_text(encoding="utf-8"))
        self.run_with(text, "TWO")
        self.assertIn("TWO", (self.folder / "out.c").read_text(encoding="utf-8"))

    def test_bad(self):
        for old, new, word in BAD:
            with self.subTest(new=new):
                self.assertIn(old, GOOD)
                done = self.run_with(GOOD.replace(old, new))
                self.assertNotEqual(0, done.returncode)
                self.assertIn(word, done.stderr)
                self.assertNotIn("Traceback", done.stderr)
                self.assertFalse((self.folder / "out.c").exists())


if __name__ == "__main__":
    unittest.main()
