#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Breaks the device library in listed ways; the power-cut campaign must notice each.

    mutants.py --build DIR [--json FILE] [--only NAME]

Works on a copy of the sources. DIR is a host build with the libraries the campaign links.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

J, R, F = "src/store/journal.c", "src/store/record.c", "src/store/floor.c"
B, C, D = "src/boot/boot.c", "src/boot/copy.c", "src/boot/decide.c"
U, V, I = "src/update/update.c", "src/update/receive.c", "src/update/idle.c"
S, X = "src/store/state.c", "src/image/verify.c"

# name, file, text, replacement; "!" before the name: equivalent, with the reason as a fifth field.
MUTANTS = [
    ("no CRC of records", R, "record->crc == record_crc(record) &&", "", None),
    ("no settling before an install", B, "if (!d->unrecorded && !settle(b))", "if (0)", None),
    ("no settling before a backup", B, "    if (!settle(b))\n        return;\n    ferry_retained_log_number(b->retained, \"backup",
     "    ferry_retained_log_number(b->retained, \"backup",
     "the begin record of the backup precedes it in the same life or in settle of the resume"),
    ("no settling before the floor rises", B,
     "if (floor != b->floor && ferry_journal_settle(&b->store.journal) != FERRY_OK)", "if (0)", None),
    ("no settling before idle erases", I, "int status = ferry_journal_settle(&u->store.journal);",
     "int status = FERRY_OK;", None),
    ("settling appends nothing", J, "    int status = append_settled(j, &j->state);\n    j->settled",
     "    int status = FERRY_OK;\n    j->settled", None),
    ("torn positions are not killed", J, "        kill_position(j, at);\n    j->next", "        ;\n    j->next", None),
    ("no position is skipped", J, "j->next = weak + 1;", "j->next = weak;", None),
    ("scanning stops at the first blank", J, "    uint32_t weak = j->end;", "    uint32_t weak = j->newest + 1;",
     None),
    ("an erased mark is trusted after a reset", J, "        j->state.next_erased = false;\n        if (enter",
     "        if (enter", None),
    ("a new block is entered without an erase", J, "if (!j->state.next_erased && erase_next(j) != FERRY_OK)",
     "if (0)", None),
    ("the next block's erase is not checked", J,
     "    if (status == FERRY_OK)\n        status = ferry_region_compare(&j->region, offset, NULL, j->block);\n    j->state",
     "    j->state", None),
    ("records are not read back", J,
     "        status = ferry_region_compare(&j->region, offset, record, sizeof *record);", "        ;", None),
    ("sequence numbers stand still", J, "record.sequence = ++j->state.sequence;",
     "record.sequence = j->state.sequence;", None),
    ("the older of two records wins", J, "record->sequence > j->state.sequence)",
     "record->sequence < j->state.sequence)", None),
    ("the newest block is erased ahead", J, "uint32_t offset = next_block(j, j->newest) * FERRY_RECORD_SIZE;",
     "uint32_t offset = (j->newest / per_block(j)) * per_block(j) * FERRY_RECORD_SIZE;", None),
    ("equal pages are skipped on resume", D, "&& f->install_is_fresh", "", None),
    ("a resume begins one window late", B, "f->state.installed,",
     "f->state.installed + (f->state.installed || !f->install_is_fresh),", None),
    ("windows are recorded before they are done", C, "    for (uint32_t at = c->from_window",
     "    if (c->window_done && c->size > FERRY_WINDOW)\n        c->window_done(c->context, c->from_window + 1);\n    for (uint32_t at = c->from_window", None),
    ("the fallback is not verified", D, "    if (must_verify(f, d, fallback))\n        return;\n    s->phase",
     "    s->phase", None),
    ("the source is not verified", D, "    if (must_verify(f, d, target))\n        return;\n    uint8_t fallback",
     "    uint8_t fallback", None),
    ("a resume does not verify the fallback", D, "!f->primary_valid || may_be_overwritten(f, d)", "true", None),
    ("a resume does not verify the source", D, "    if (usable && must_verify(f, d, target))\n        return;\n",
     "", None),
    ("no backup is made", D, "        make_fallback(f, d);\n        return;", "        fallback = target;", None),
    ("a backup is complete before it is made", D, "if (recorded && !copied) {", "if (0) {", None),
    ("a backup is not verified", B, "    if (status == FERRY_OK)\n        verify_slot(b, slot);",
     "    f->slot[slot].known = FERRY_GOOD;\n    memcpy(f->slot[slot].id, f->primary, FERRY_ID_SIZE);\n    f->slot[slot].size = f->primary_size;", None),
    ("a backup goes over what is there", B, ".erased = (b->slots_erased >> slot & 1) != 0,", ".erased = true,",
     None),
    ("attempts are not recorded", D, "    if (f->attempt_recorded)\n        boot(d, 0);", "    if (true)\n        boot(d, 0);", None),
    ("attempts count double", D, "            s->attempts++;\n", "            s->attempts = (uint8_t)(s->attempts + 2);\n", None),
    ("one attempt more than allowed", D, "s->attempts >= f->attempts_max)", "s->attempts > f->attempts_max)", None),
    ("a power loss counts like a crash", D, "if (f->cause == FERRY_RESET_POWER)", "if (0)", None),
    ("a trial never ends", D, "else if (s->attempts >= f->attempts_max)", "else if (0)", None),
    ("a new image is taken for good", D, "        s->phase = FERRY_PHASE_TRIAL;\n        return;",
     "        s->phase = FERRY_PHASE_IDLE;\n        s->target = FERRY_NO_SLOT;\n        s->flags = FERRY_STATE_CONFIRMED;\n        return;", None),
    ("a rollback forgets that it was confirmed", D, "FERRY_STATE_SKIP | FERRY_STATE_CONFIRMED);",
     "FERRY_STATE_SKIP);", None),
    ("an arrived image is not written again", D, "(f->installed == target || !usable)", "(true || !usable)", None),
    ("the floor rises at install", B, "s->phase == FERRY_PHASE_IDLE &&\n        (s->flags & FERRY_STATE_CONFIRMED) && ", "", None),
    ("the floor is written once", F, "    if (status == FERRY_OK && copy[first ^ 1] < floor)", "    if (0)", None),
    ("the floor's block is not erased", F, "int status = ferry_region_erase(region, start, start + ferry_region_block(region));",
     "int status = FERRY_OK;", None),
    ("the lower floor is always written first", F, "bool is_cut = copy[low] != 0 && copy[low] != copy[high];",
     "bool is_cut = false;", None),
    ("a floor without CRC", F, "record->crc == record_crc(record)", "true", None),
    ("images below the floor boot", X, "image->security_counter < rules->floor", "false", None),
    ("the hash is not checked", X, "ferry_compare(digest, image->hash, sizeof(digest)) == 0", "true", None),
    ("an upload resumes on what is there", V, "u->erased_to = u->received;", "u->erased_to = u->store.slot[u->slot].length;", None),
    ("an upload is certain before it is written", V, "s.received = (uint16_t)(u->received / FERRY_WINDOW);",
     "s.received = (uint16_t)(u->received / FERRY_WINDOW + 1);", None),
    ("no begin record", V, "    return update_record(u, &s);\n}\n\nstatic int begin_in_slot",
     "    u->store.journal.state = s;\n    return FERRY_OK;\n}\n\nstatic int begin_in_slot", None),
    ("an upload that resumes does not settle", V, "        return ferry_journal_settle(&u->store.journal);", "        return FERRY_OK;", None),
    ("a slot is erased after one block", I, "if (status == FERRY_OK && u->idle_erased < slot->length)\n            return true;",
     "", None),
    ("the way back may be overwritten", U, "if (s->phase == FERRY_PHASE_TRIAL && (slot == s->fallback || slot == s->target))",
     "if (0)", None),
    ("the running image may be overwritten", U, "return e->state == FERRY_SLOT_COMPLETE && ferry_id_equal(e->id, s->running);",
     "return false;", None),
    ("confirm says yes and writes nothing", U, "    s.flags |= FERRY_STATE_CONFIRMED;\n    s.attempts = 0;",
     "    return FERRY_OK;\n    s.flags |= FERRY_STATE_CONFIRMED;\n    s.attempts = 0;", None),
    ("a copy is not read back", C, "status = ferry_region_compare(c->destination, at + done, half[now], part);", ";",
     "the signature check of the whole destination that follows sees the same mistakes, later"),
    ("foreign records are acted upon", S, "    if (ferry_id_equal(state->running, primary))\n        return true;", "    return true;",
     "without the check a foreign record still needs verified images; unit tests hold the rule"),
]

SOURCES = ["src/store/*.c", "src/boot/*.c", "src/update/*.c", "src/flash/region.c", "src/image/*.c",
           "sim/memflash.c", "sim/machine.c", "sim/machine_flash.c", "tests/powercut/*.c"]
WRAPPED = ["p256_verify", "sha256_start", "sha256_update", "sha256_finish"]


class Tree:
    """A copy of the sources with one object per file."""

    def __init__(self, root, build, work):
        self.root, self.build, self.work = root, build, work
        for room in ("include", "src", "sim", "host", "tests/powercut", "tests/vectors"):
            shutil.copytree(root / room, work / room)
        self.sources = sorted(p for glob in SOURCES for p in work.glob(glob))
        self.flags = ["-O1", "-std=gnu11", "-w", f"-I{work}/include", f"-I{work}", f"-I{work}/src/store"]

    def compile(self, source):
        subprocess.run(["gcc", *self.flags, "-c", source, "-o", f"{source}.o"], check=True,
                       stderr=subprocess.DEVNULL)

    def link(self):
        b = self.build
        libraries = [b / "host/libferry_host_image.a", b / "src/crypto/libferry_crypto.a",
                     b / "libmbedtls_host.a", b / "libmbedtls_device.a"]
        wraps = [f"-Wl,--wrap=ferry_{name}" for name in WRAPPED]
        program = self.work / "powercut"
        subprocess.run(["gcc", *[f"{s}.o" for s in self.sources], *libraries, *wraps, "-o", program],
                       check=True)
        return program

    def campaign(self, jobs):
        run = subprocess.run([self.link(), "--sharp", "--jobs", str(jobs)], capture_output=True,
                             text=True, errors="replace", timeout=1200)
        why = re.search(r"FAILED: (.*)", run.stdout)
        if why:
            return why.group(1)
        return "" if run.returncode == 0 else f"ended with {run.returncode}"


def try_mutant(tree, mutant, jobs):
    name, file, old, new, equivalent = mutant
    path = tree.work / file
    original = path.read_text()
    if old not in original:
        return {"name": name, "file": file, "result": "stale", "why": "the text is not in the file"}
    try:
        path.write_text(original.replace(old, new, 1))
        tree.compile(path)
        why = tree.campaign(jobs)
    except subprocess.CalledProcessError:
        return {"name": name, "file": file, "result": "stale", "why": "it does not build"}
    except subprocess.TimeoutExpired:
        why = "it does not end"
    finally:
        path.write_text(original)
        tree.compile(path)
    result = "killed" if why else "equivalent" if equivalent else "survived"
    return {"name": name, "file": file, "result": result, "why": why or equivalent or ""}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--only")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    args = parser.parse_args()
    root = pathlib.Path(__file__).resolve().parents[2]
    with tempfile.TemporaryDirectory() as work:
        tree = Tree(root, args.build.resolve(), pathlib.Path(work))
        for source in tree.sources:
            tree.compile(source)
        if not args.only and (why := tree.campaign(args.jobs)):
            sys.exit(f"the campaign fails without a mutant: {why}")
        results = []
        for mutant in MUTANTS:
            if args.only and args.only not in mutant[0]:
                continue
            start = time.time()
            results.append(try_mutant(tree, mutant, args.jobs))
            r = results[-1]
            print(f"{r['result']:10} {r['name']}: {r['why']} ({time.time() - start:.0f} s)", flush=True)
            if args.json:
                args.json.write_text(json.dumps(results, indent=1) + "\n")
    bad = [r for r in results if r["result"] in ("survived", "stale")]
    print(f"{len(results)} mutants, {sum(r['result'] == 'killed' for r in results)} killed, {len(bad)} not")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
