# SPDX-License-Identifier: Apache-2.0
"""Runs one end-to-end scenario: run.py --board BOARD --build DIR [--seed N] SCENARIO

Exit status 0 and one line when it passed; else the reason and what the device said.
"""
import argparse
import importlib
import pathlib
import random
import shutil
import sys
import tempfile
import traceback

import scenarios


def find(board, name):
    """The scenario of this name: common, or the board's own."""
    known = list(scenarios.SCENARIOS)
    try:
        known += importlib.import_module(f"scenarios_{board}").SCENARIOS
    except ModuleNotFoundError:
        pass
    by_name = {scenario.__name__: scenario for scenario in known}
    if name not in by_name:
        sys.exit(f"no scenario {name}; there are: {', '.join(by_name)}")
    return by_name[name]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--board", required=True)
    parser.add_argument("--build", required=True, help="folder with ferry and the board's programs")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--keep", action="store_true", help="keep the folder of a test that passed")
    parser.add_argument("scenario")
    options = parser.parse_args()
    scenario = find(options.board, options.scenario)
    folder = pathlib.Path(tempfile.mkdtemp(prefix=f"ferry-{options.scenario}-"))
    device = importlib.import_module(f"device_{options.board}").Board(options.build, folder)
    device.random = random.Random(options.seed)
    try:
        scenario(device)
    except Exception:
        traceback.print_exc()
        print(f"\nseed {options.seed}, folder {folder}; the device said at last:")
        print("\n".join(device.history[-60:]))
        sys.exit(1)
    finally:
        device.close()
    print(f"{options.scenario} on {options.board}: passed (seed {options.seed})")
    if not options.keep:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
