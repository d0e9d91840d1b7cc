#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compiles the chip descriptions of this folder into the table ferry_nor_parts[].

usage: generate.py OUTPUT.c [PART...]

Without PART the table has every part that is not marked `only_by_name`; with PART it has exactly
those, in the order given. Needs PyYAML (Debian: python3-yaml).
"""

import pathlib
import re
import sys

import yaml

QUIRKS = {
    "no_sfdp": "FERRY_NOR_NO_SFDP",
    "mx25r": "FERRY_NOR_MX25R",
    "opcodes_4byte": "FERRY_NOR_OPCODES_4BYTE",
    "flag_status": "FERRY_NOR_FLAG_STATUS",
    "security_status": "FERRY_NOR_SECURITY_STATUS",
    "unprotect_50h": "FERRY_NOR_UNPROTECT_50H",
}
SOURCES = {"sfdp", "header", "sheet", "model", "assumption"}
INHERITED = ("page_program", "erase", "wakeup", "block_protect", "quad_enable", "quirks")
WAKEUP_MAX_US = 100  # NOR_WAKEUP_US of src/flash/nor_private.h: what the driver waits at start
LAST_LIFE_MS = 6000  # and LAST_LIFE_US of src/flash/nor_start.c: how long it waits for an erase
UNITS = {"KiB": 1024, "MiB": 1024 * 1024}


class Mistake(Exception):
    """A description that cannot be compiled. Says where and what."""


def check(condition, where, what):
    if not condition:
        raise Mistake(f"{where}: {what}")


def source_of(node, where):
    source = node.get("source") if isinstance(node, dict) else None
    check(source in SOURCES, where, f"source is {source!r}, must be one of {sorted(SOURCES)}")


def number(value, low, high, where):
    check(isinstance(value, int) and low <= value <= high, where,
          f"{value!r} is not a number from {low} to {high}")
    return value


def size_log2(text, where):
    match = re.fullmatch(r"(\d+) (KiB|MiB)", str(text))
    check(match, where, f"size {text!r} is not like '64 KiB'")
    size = int(match[1]) * UNITS[match[2]]
    check(size & (size - 1) == 0, where, f"size {text} is not a power of two")
    return size.bit_length() - 1


OPCODES_4BYTE = {0x20: 0x21, 0x52: 0x5C, 0xD8: 0xDC}


def erase_rows(erases, part_log2, four_bytes, where):
    check(isinstance(erases, list) and 1 <= len(erases) <= 4, where, "needs 1 to 4 erase types")
    rows = []
    last = 0
    for erase in erases:
        at = f"{where}: erase {erase.get('size')}"
        source_of(erase, at)
        log2 = size_log2(erase.get("size"), at)
        check(max(last, 11) < log2 <= part_log2, at, "sizes must rise and be 4 KiB or more")
        last = log2
        typ = number(erase.get("typ_ms"), 0, 65535, at)
        longest = number(erase.get("max_ms"), max(typ, 1), LAST_LIFE_MS, at)
        opcode = number(erase.get("opcode"), 1, 254, at)
        if four_bytes:
            check(opcode in OPCODES_4BYTE, at, f"opcode {opcode:02x} has no 4-byte form")
            opcode = OPCODES_4BYTE[opcode]
        rows.append(f"{{{log2}, 0x{opcode:02x}, {typ}, {longest}}}")
    return ", ".join(rows)


def quirk_bits(quirks, where):
    for quirk in quirks:
        check(quirk.get("name") in QUIRKS, where, f"no such quirk: {quirk.get('name')!r}")
        source_of(quirk, f"{where}: quirk {quirk['name']}")
    names = {quirk["name"] for quirk in quirks}
    check(not {"flag_status", "unprotect_50h"} <= names, where,
          "50h cannot both clear the flag status register and lift the protection")
    return " | ".join(sorted(QUIRKS[name] for name in names)) or "0"


def part_row(part, where):
    source_of(part, where)
    id_text = str(part.get("id"))
    check(re.fullmatch(r"[0-9a-f]{6}", id_text), where, f"id {id_text!r} is not six hex digits")
    log2 = size_log2(part.get("size"), where)
    for key in INHERITED:
        check(key in part, where, f"{key} is missing")
        if isinstance(part[key], dict):
            source_of(part[key], f"{where}: {key}")
    program = part["page_program"]
    longest = number(program.get("max_us"), 1, 65535, where)
    number(part["wakeup"].get("us"), 1, WAKEUP_MAX_US, where)
    four_bytes = any(quirk["name"] == "opcodes_4byte" for quirk in part["quirks"])
    check(not four_bytes or log2 > 24, where, "opcodes_4byte is for parts above 16 MiB")
    id_bytes = ", ".join(f"0x{id_text[i:i + 2]}" for i in (0, 2, 4))
    return (f'    {{"{part["name"]}", {{{id_bytes}}}, {log2}, '
            f'{quirk_bits(part["quirks"], where)}, '
            f'0x{number(part["block_protect"].get("mask"), 0, 0x7C, where):02x}, '
            f'{number(part["quad_enable"].get("qer"), 0, 255, where)}, '
            f'{number(program.get("typ_us"), 0, longest, where)}, {longest},\n'
            f'     {{{erase_rows(part["erase"], log2, four_bytes, where)}}}}},\n')


def read_parts(folder):
    """name -> part with everything it takes from its family, in file order."""
    parts = {}
    for path in sorted(folder.glob("*.yaml")):
        with open(path, encoding="utf-8") as file:
            family = yaml.safe_load(file)
        check(isinstance(family, dict) and family.get("parts"), path.name, "has no parts")
        for part in family["parts"]:
            name = part.get("name") if isinstance(part, dict) else None
            check(isinstance(name, str) and re.fullmatch(r"[A-Za-z0-9_.-]+", name), path.name,
                  f"bad name {name!r}")
            check(name not in parts, path.name, f"{name} is described twice")
            merged = {key: family[key] for key in (*INHERITED, "only_by_name") if key in family}
            parts[name] = {**merged, **part, "where": f"{path.name}: {name}"}
    return parts


def choose(parts, names):
    unknown = [name for name in names if name not in parts]
    check(not unknown, "parts", f"no such part: {', '.join(unknown)}; see data/chips/*.yaml")
    if names:
        return [parts[name] for name in names]
    return [part for part in parts.values() if not part.get("only_by_name")]


def table(chosen):
    seen = {}
    text = ("// SPDX-License-Identifier: Apache-2.0\n"
            "/* Written by data/chips/generate.py from data/chips; do not edit. */\n"
            '#include <stddef.h>\n\n#include "ferry/nor.h"\n\n'
            "const struct ferry_nor_part ferry_nor_parts[] = {\n")
    for part in chosen:
        check(part["id"] not in seen, part["where"], f"has the id of {seen.get(part['id'])}")
        seen[part["id"]] = part["name"]
        text += part_row(part, part["where"])
    return text + ("    {.name = NULL},\n};\n\n"
                   "const struct ferry_nor_table ferry_nor_table = {\n"
                   "    &ferry_nor_table_api, ferry_nor_parts};\n")


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    try:
        parts = read_parts(pathlib.Path(__file__).parent)
        for part in parts.values():
            part_row(part, part["where"])
        text = table(choose(parts, sys.argv[2:]))
    except (Mistake, yaml.YAMLError, OSError) as error:
        sys.exit(f"generate.py: {error}")
    pathlib.Path(sys.argv[1]).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
