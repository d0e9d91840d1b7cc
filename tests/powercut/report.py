#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes docs/proof.md and a self-contained HTML page from what the campaign and the mutants left.

    report.py CAMPAIGN.json MUTANTS.json PROOF.md PROOF.html
"""
import html
import json
import pathlib
import sys

MISSING = [
    "the trailer request of an MCUboot application: not built yet",
    "neighbours disturbed by an interrupted erase",
    "a file system that uses the same chip meanwhile",
    "the ARM binaries and silicon: this ran the device library on the host",
]


def tables(jobs):
    scenarios = list(dict.fromkeys(j["scenario"] for j in jobs))
    geometries = sorted({j["geometry"] for j in jobs})
    for scenario in sorted(scenarios):
        cells = []
        for geometry in geometries:
            mine = [j for j in jobs if (j["scenario"], j["geometry"]) == (scenario, geometry)]
            cuts, failed = sum(j["cut_boots"] for j in mine), sum(j["failures"] for j in mine)
            cells.append((cuts, failed))
        yield scenario, cells
    return


def main():
    campaign = json.loads(pathlib.Path(sys.argv[1]).read_text())
    mutants = json.loads(pathlib.Path(sys.argv[2]).read_text())
    jobs = campaign["jobs"]
    geometries = sorted({j["geometry"] for j in jobs})
    total = {k: sum(j[k] for j in jobs) for k in ("cases", "cut_boots", "failures", "seconds")}
    rows = list(tables(jobs))
    killed = sum(m["result"] == "killed" for m in mutants)
    out = ["<!-- SPDX-License-Identifier: Apache-2.0. Written by tests/powercut/report.py. -->", "",
           "# Proof", "",
           f"{total['cut_boots']:,} boots after a cut, {total['cases']:,} cases, "
           f"{campaign['states']:,} different device states, {total['failures']} failures; "
           f"{total['seconds']:.0f} s of CPU time. {campaign['patterns']} torn patterns.", "",
           "A cell: boots after a cut / failures.", "",
           "| scenario | " + " | ".join(geometries) + " |", "|---|" + "---:|" * len(geometries)]
    for scenario, cells in rows:
        out.append(f"| {scenario} | " + " | ".join(f"{c:,} / {f}" if c or f else "-" for c, f in cells) + " |")
    failures = [j for j in jobs if j["failures"]]
    if failures:
        out += ["", "## Failures", ""]
        out += [f"* {j['failure']}: `powercut replay {j['replay']}`" for j in failures]
    out += ["", "## Mutants", "", f"{len(mutants)} mistakes put into the code, {killed} noticed.", "",
            "| mistake | file | result | what noticed it, or why not |", "|---|---|---|---|"]
    out += [f"| {m['name']} | {m['file']} | {m['result']} | {m['why']} |" for m in mutants]
    out += ["", "## Not covered", ""] + [f"* {m}" for m in MISSING]
    pathlib.Path(sys.argv[3]).write_text("\n".join(out) + "\n")
    pathlib.Path(sys.argv[4]).write_text(page(total, campaign, rows, geometries, mutants))


def page(total, campaign, rows, geometries, mutants):
    """One bar per scenario, and the tables."""
    most = max((sum(c for c, _ in cells) for _, cells in rows), default=1) or 1
    bars = []
    for i, (scenario, cells) in enumerate(rows):
        cuts, failed = sum(c for c, _ in cells), sum(f for _, f in cells)
        colour = "#b00" if failed else "#286"
        bars.append(f'<text x="0" y="{i * 20 + 14}">{html.escape(scenario)}</text>'
                    f'<rect x="120" y="{i * 20 + 3}" width="{cuts * 500 // most}" height="14" fill="{colour}"/>'
                    f'<text x="630" y="{i * 20 + 14}">{cuts:,}</text>')
    table = "".join(f"<tr><td>{html.escape(m['name'])}<td>{m['result']}<td>{html.escape(m['why'])}" for m in mutants)
    return (f'<!doctype html><meta charset="utf-8"><title>Ferry: proof</title>'
            f'<style>body{{font:14px sans-serif}}td{{padding:2px 8px}}</style><h1>Power cuts</h1>'
            f'<p>{total["cut_boots"]:,} boots after a cut, {campaign["states"]:,} states, '
            f'{total["failures"]} failures.</p><svg width="760" height="{len(rows) * 20 + 10}">{"".join(bars)}</svg>'
            f'<h1>Mutants</h1><table>{table}</table>\n')


if __name__ == "__main__":
    main()
