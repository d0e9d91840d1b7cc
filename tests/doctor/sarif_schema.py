# SPDX-License-Identifier: Apache-2.0
"""The doctor's SARIF against the schema of SARIF 2.1.0: sarif_schema.py --ferry FILE --schema FILE
--golden FOLDER

Findings with and without lines, notes, and files that cannot be read. Exit status 77 where
jsonschema or the schema is not there (1 with CI=true: there they have to be).
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile


def sarif(ferry, *words):
    result = subprocess.run([ferry, "doctor", "--sarif", *map(str, words)], capture_output=True,
                            text=True, timeout=120, check=False)
    assert result.returncode in (0, 1, 2), result.stderr
    return json.loads(result.stdout)


def broken(golden, folder):
    """A project with findings of all three severities, in files with odd names, and bad YAML."""
    root = pathlib.Path(folder) / "odd name, 100%"
    root.mkdir()
    (root / "prj.conf").write_text("CONFIG_BOOTLOADER_MCUBOOT=y\nCONFIG_SPI_NOR=y\n")
    (root / "CMakeLists.txt").write_text("find_package(Zephyr)\nproject(app)\n")
    layout = (golden / "ci_nrf9160dk_http" / "pm_static.yml").read_text()
    (root / "pm_static.yml").write_text(layout.replace("address: 0xe8000", "address: 0x0"))
    (root / "pm_static_old.yml").write_text("a: [\n")
    boards = root / "child_image" / "mcuboot" / "boards"
    boards.mkdir(parents=True)
    (boards / "nrf9160dk_nrf9160_ns.overlay").write_text("/ { };\n")
    (root / "boards").mkdir()
    (root / "boards" / "nrf9160dk_nrf9160_ns.overlay").write_text("&mx25r64 { };\n")
    return root


def main():
    parser = argparse.ArgumentParser()
    for name in ("ferry", "schema", "golden"):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True)
    args = parser.parse_args()
    try:
        import jsonschema
        schema = json.loads(args.schema.read_text())
    except (ImportError, OSError) as error:
        print(f"skipped, 'make setup' brings it: {error}")
        return 1 if os.environ.get("CI") == "true" else 77
    validator = jsonschema.Draft7Validator(schema)
    results = 0
    with tempfile.TemporaryDirectory() as folder:
        logs = [sarif(args.ferry, "-a", broken(args.golden, folder)),
                sarif(args.ferry, pathlib.Path(folder) / "nothing here")]
    logs += [sarif(args.ferry, "-a", project) for project in sorted(args.golden.iterdir())]
    for log in logs:
        problems = [f"{error.json_path}: {error.message[:200]}" for error in
                    validator.iter_errors(log)]
        assert not problems, "\n".join(problems)
        results += len(log["runs"][0]["results"])
    levels = {result["level"] for result in logs[0]["runs"][0]["results"]}
    assert "error" in levels and "warning" in levels, levels
    assert logs[1]["runs"][0]["invocations"][0]["toolExecutionNotifications"], "no notification"
    del logs[0]["runs"][0]["tool"]["driver"]["name"]  # and the schema does refuse what is wrong
    assert not validator.is_valid(logs[0])
    print(f"{len(logs)} logs with {results} results keep to the schema")
    return 0


if __name__ == "__main__":
    sys.exit(main())
