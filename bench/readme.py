#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes README.md's tables from build/bench/results.json.

Usage: bench/readme.py [--check]

Between `<!-- figures: NAME -->` and `<!-- end -->` stands what this script wrote last. --check
changes nothing and fails if the tables are not what the results say.
"""
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
RESULTS = ROOT / "build" / "bench" / "results.json"

# NAME: rows of (figure, what it is, goal). A goal is "<= n", ">= n" or "".
TABLES = {
    "size": [
        ("size.boot_no_crypto_bytes", "boot, store, image, NOR driver with SFDP; flash, bytes", "<= 10240"),
        ("size.bootloader_p256_bytes", "the same with SHA-256 and P-256; flash, bytes", "<= 16384"),
        ("size.bootloader_recovery_bytes", "the same with SMP recovery; flash, bytes", "<= 24576"),
        ("ram.bootloader_bytes", "the whole bootloader; static RAM, bytes", "<= 8192"),
        ("stack.bootloader_bytes", "deepest stack of the bootloader, bytes", ""),
    ],
    "time": [
        ("rig1.upgrade_401k_s", "upgrade, 401 KiB, s", "<= 13.1"),
        ("rig1.rollback_401k_s", "rollback, 401 KiB, s", "<= 13.1"),
        ("rig1.upgrade_902k_s", "upgrade, 902 KiB, s", "<= 29.1"),
        ("rig1.int_erases_401k", "internal erases of the upgrade", "<= 102"),
        ("rig1.ext_bytes_programmed", "image bytes the bootloader programs outside", "<= 0"),
        ("rig1.ext_blocks_erased", "image blocks the bootloader erases outside", "<= 0"),
        ("rig1.first_401k_s", "first update, the bootloader copies the running image, s", "<= 14.5"),
        ("rig1.diff10_s", "two images that differ in 10 of 101 pages, s", "<= 2.0"),
        ("boot.idle_ext_read_bytes", "a boot with nothing to do: external bytes read", "<= 1024"),
        ("boot.idle_ms", "a boot with nothing to do, 400 KiB on nRF52840, ms", "<= 900"),
    ],
    "proof": [
        ("proof.cut_boots", "boots after a cut", ">= 1000000"),
        ("proof.states", "different device states reached", ""),
        ("proof.failures", "failures", "<= 0"),
        ("proof.mutants", "ways to break the code, tried", ">= 40"),
        ("proof.mutants_survived", "of them not noticed", "<= 0"),
    ],
    "doctor": [
        ("doctor.rules", "rules", ">= 100"),
        ("doctor.mutations", "one-line mutations, each found by its rule alone", ">= 100"),
        ("doctor.build_5000_files_s", "a build folder of 5,000 files, s", "<= 1"),
    ],
}


def show(value):
    if isinstance(value, float) and not value.is_integer():
        return f"{value:.2f}"
    return f"{int(value):,}"


def table(name, results):
    rows = [(what, results[key], goal) for key, what, goal in TABLES[name] if key in results]
    if not rows:
        return "Not measured yet.\n"
    lines = ["| | measured | goal |", "|---|---:|---:|"]
    lines += [f"| {what} | {show(value)} | {goal} |" for what, value, goal in rows]
    return "\n".join(lines) + "\n"


def main():
    try:
        results = json.loads(RESULTS.read_text())
    except (OSError, ValueError) as error:
        sys.exit(f"readme.py: {RESULTS}: {error}; run 'make bench' first")
    readme = ROOT / "README.md"
    text = readme.read_text()

    def fill(match):
        return f"{match.group(1)}\n{table(match.group(2), results)}{match.group(3)}"

    new = re.sub(r"(<!-- figures: (\w+) -->)\n.*?(<!-- end -->)", fill, text, flags=re.S)
    if "--check" in sys.argv[1:]:
        sys.exit(0 if new == text else "readme.py: README.md's tables are not what was measured")
    readme.write_text(new)


if __name__ == "__main__":
    main()
