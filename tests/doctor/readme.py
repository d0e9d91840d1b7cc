# SPDX-License-Identifier: Apache-2.0
"""README.md's example of the doctor, run: readme.py --ferry FILE --readme FILE [--write]

Takes thread_004, a project with the faults of a real one, through doctor, --fix, git apply and
doctor again, and compares README.md with what the commands said; --write puts it there. What is
left out is shown as an ellipsis.
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

PROJECT = pathlib.Path(__file__).resolve().parent / "thread_004"
BEGIN, END = "<!-- written by tests/doctor/readme.py -->\n", "<!-- end -->"
LAYOUT = ("mcuboot_primary", "mcuboot_secondary", "external_flash")
BY_HAND = ["CONFIG_BUILD_WITH_TFM=n", "CONFIG_SPM=y"]  # the choice that T-02 leaves to people


def fenced(text, kind=""):
    return f"```{kind}\n{text.rstrip()}\n```\n"


class Shell:
    def __init__(self, ferry, folder):
        self.ferry, self.folder = ferry.resolve(), folder
        os.environ.update(GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_SYSTEM="/dev/null")
        self.git("init", "-q", ".")

    def run(self, *command, given=None):
        return subprocess.run(command, cwd=self.folder, input=given, capture_output=True,
                              text=True, timeout=120, check=False)

    def git(self, *words, given=None):
        result = self.run("git", *words, given=given)
        assert result.returncode == 0, result.stderr

    def doctor(self, status, *words):
        result = self.run(self.ferry, "doctor", *words)
        assert result.returncode == status, f"{words}: {result.returncode}\n{result.stdout}"
        return result.stdout


def project_text():
    """The files that matter, and the entries of the layout that do."""
    files = [str(file.relative_to(PROJECT)) for file in sorted(PROJECT.rglob("*")) if
             file.is_file() and file.name not in ("CMakeLists.txt", "main.c")]
    text = "".join(f"{file}\n" for file in files) + "\n# pm_static.yml\n…\n"
    layout = (PROJECT / "pm_static.yml").read_text()
    for name in LAYOUT:
        text += re.search(rf"^{name}:\n(?:  .*\n)+", layout, re.M).group(0)
    return text


def shortened(text):
    """Each finding's sentence whole, its evidence and its fix up to the first line."""
    shown = []
    for block in text.rstrip().split("\n\n"):
        if not re.match(r"(error|warning) ", block):
            shown.append(block)
            continue
        lines = block.splitlines()
        fix = lines.index("    fix:")
        rest = ["        …"] if len(lines) > fix + 2 else []
        shown.append("\n".join([line.rstrip() for line in lines[:fix + 2]] + rest))
    return "\n\n".join(shown)


def example(ferry):
    with tempfile.TemporaryDirectory() as folder:
        project = pathlib.Path(folder) / "project"
        shutil.copytree(PROJECT, project)
        shell = Shell(ferry, project)
        before = shell.doctor(2)
        patch = shell.doctor(2, "--fix")
        shell.git("apply", given=patch)
        left = re.findall(r"^(?:error|warning) (\S+)", shell.doctor(2), re.M)
        assert left == ["T-02"], left
        with open(project / "prj.conf", "a", encoding="utf-8") as conf:
            conf.write("".join(f"{line}\n" for line in BY_HAND))
        after = shell.doctor(0)
    hand = "".join(f"$ echo {line} >>prj.conf\n" for line in BY_HAND)
    return ("\n" + fenced(project_text()) + "\nWhat the doctor sees, without a build:\n\n" +
            fenced("$ ferry doctor\n" + shortened(before)) +
            "\nThree of the four have one possible fix, the fourth is a choice:\n\n" +
            fenced("$ ferry doctor --fix | git apply\n" + patch, "diff") + "\n" +
            fenced(hand + "$ ferry doctor\n" + after) + "\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--ferry", type=pathlib.Path, required=True)
    parser.add_argument("--readme", type=pathlib.Path, required=True)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    text = args.readme.read_text(encoding="utf-8")
    start = text.index(BEGIN) + len(BEGIN)
    new = text[:start] + example(args.ferry) + text[text.index(END, start):]
    if args.write:
        args.readme.write_text(new, encoding="utf-8")
    elif new != text:
        sys.exit("README.md's example is not what the doctor says; run this with --write")


if __name__ == "__main__":
    main()
