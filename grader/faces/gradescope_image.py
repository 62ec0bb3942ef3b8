"""`grader export gradescope-image`: the zip that Gradescope builds an autograder from.

It holds this grader, the course file and the hidden bundles; not the course secret, no spec and no reference.
"""

from __future__ import annotations

import importlib.metadata
import json
import zipfile
from pathlib import Path

import grader
from grader import packages
from grader.course import FILE_NAME
from grader.errors import GraderError
from grader.workspace import Workspace, open_workspace, read_bundles

from .check import say_notes
from .grade import prepare_bundles
from .terminal import console, say

ZIP = "autograder.zip"
OLDEST = (1980, 1, 1, 0, 0, 0)  # that a zip can tell: the same files give the same zip
SETUP = """\
#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the image.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
home=${GRADER_HOME:-/opt/cnn-grader}
export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install -y --no-install-recommends bubblewrap python3 python3-venv
python=python3
if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    apt-get install -y --no-install-recommends python3.11 python3.11-venv
    python=python3.11
fi
"$python" -m venv "$home"
"$home/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt"
"""
RUN = """\
#!/usr/bin/env bash
# Gradescope runs this for each submission. There are valid results from the first moment on.
set -u
root=$(cd "$(dirname "$0")" && pwd)
python=${GRADER_HOME:-/opt/cnn-grader}/bin/python
mkdir -p "$root/results"
printf '%s\\n' '{"score": 0, "output": "The autograder itself failed: your instructor will run it again."}' \\
    > "$root/results/results.json"
chmod -R go= "$root/source/course" "$root/results" || true
cd /
PYTHONPATH="$root/source/package" exec "$python" -P -m grader.faces.gradescope "$root"
"""


def run(folder: Path, course: Path | None, visibility: str, allow_weak_isolation: bool) -> int:
    """Write the zip; hidden bundles are made first where there are none."""
    workspace = open_workspace(course)
    out = console()
    prepare_bundles(workspace, out)
    say_notes(out, packages.notes(workspace.course, read_bundles(workspace.hidden)))
    files = contents(workspace, {"visibility": visibility, "allow_weak_isolation": allow_weak_isolation})
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / ZIP, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, OLDEST)
            entry.external_attr = (0o755 if content.startswith(b"#!") else 0o644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, content)
    say(
        out,
        f"{folder / ZIP}: upload it to Gradescope as the autograder. It holds hidden cases: give it to nobody else.",
    )
    return 0


def contents(workspace: Workspace, settings: dict[str, object]) -> dict[str, bytes]:
    """Name to content of everything in the zip."""
    package = Path(grader.__file__).parent
    own = {path: f"package/grader/{path.relative_to(package).as_posix()}" for path in sorted(package.rglob("*"))}
    return {
        "setup.sh": SETUP.encode(),
        "run_autograder": RUN.encode(),
        "requirements.txt": "".join(f"{line}\n" for line in requirements(workspace)).encode(),
        "settings.json": json.dumps(settings).encode(),
        f"course/{FILE_NAME}": workspace.file.read_bytes(),
        **{f"course/bundles/{path.name}": path.read_bytes() for path in sorted(workspace.hidden.iterdir())},
        **{name: path.read_bytes() for path, name in own.items() if path.is_file() and "__pycache__" not in path.parts},
    }


def requirements(workspace: Workspace) -> list[str]:
    """What grading needs, and the packages that students may use."""
    try:
        needed = importlib.metadata.requires("cnn-grader") or []
    except importlib.metadata.PackageNotFoundError as error:
        raise GraderError("The grader is not installed: install it with pip and try again.") from error
    plain = [line for line in needed if "extra ==" not in line]
    course, bundles = workspace.course, read_bundles(workspace.hidden)
    asked = [b for b in bundles if course.asks_for(b.exercise, b.topic) and b.plans]
    more = (*course.modules.allowed, *(name for bundle in asked for name in bundle.packages))
    return [*plain, *dict.fromkeys(name for name in more if name != "numpy")]
