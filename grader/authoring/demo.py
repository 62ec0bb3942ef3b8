"""Makes a class to try the grader on: right and wrong submissions of every kind, from references and misconceptions."""

from __future__ import annotations

import itertools
import random
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from .exercise import Misconception, Topic
from .template import skeleton
from .variants import variant

Files = dict[str, str]
BROKEN = {
    "syntax": "def forward(self, input_tensor:\n    return input_tensor\n",
    "python2": "class Flatten:\n    def forward(self, input_tensor):\n        print 'shape', input_tensor.shape\n",
    "tabs": "class Flatten:\n    def forward(self, x):\n        self.shape = x.shape\n\treturn x\n",
}
HOSTILE = {
    "endless": "while True:\n            pass\n        ",
    "exits": "import os; os._exit(0)\n        ",
    "hog": "hog = [np.ones((1024, 1024)) for _ in range(100000)]\n        ",
}
NAMES = (
    "ada bela carla dario emil frida goran hana igor jana karim lena milan nora oskar petra quentin rosa samir tara "
    "ugo vera wei xenia yara zeno amira boris chloe dana elif felix greta henri ines jonas kofi luca maya nils"
).split()


def make_class(
    topics: Sequence[Topic], reference: Path, styles: Path | None, folder: Path, size: int = 40, seed: int = 1
) -> list[str]:
    """Write `size` submissions into the folder and return their names; the same seed makes the same class."""
    rng = random.Random(seed)
    right = {topic.file: (reference / topic.file).read_text(encoding="utf-8") for topic in topics}
    variants = {topic.name: sorted(styles.glob(f"{topic.name}/*.py")) if styles else [] for topic in topics}

    def solution() -> Files:
        chosen = dict(right)
        for topic in topics:
            if variants[topic.name] and rng.random() < 0.7:
                chosen[topic.file] = rng.choice(variants[topic.name]).read_text(encoding="utf-8")
        return chosen

    makers = _kinds(topics, right, solution, rng)
    names = NAMES[:size] if size <= len(NAMES) else [f"student{n:04d}" for n in range(size)]
    for number, (name, files) in enumerate(zip(names, makers, strict=False)):
        _write(folder, name, files, packed=number % 7 == 3, nested=number % 5 == 4)
    return names


def _kinds(topics: Sequence[Topic], right: Files, solution: object, rng: random.Random) -> Iterator[Files]:
    """One submission after the other, all kinds mixed."""
    wrong = [(topic, m) for topic in topics for m in topic.misconceptions]
    rng.shuffle(wrong)
    order = itertools.cycle(wrong)
    pattern = "right one one combo right one stub right one combo broken one right missing hostile one".split()
    broken, hostile = itertools.cycle(BROKEN), itertools.cycle(HOSTILE)
    for kind in itertools.cycle(pattern):
        files: Files = solution()  # type: ignore[operator]
        if kind == "one":
            _spoil(files, right, [next(order)])
        elif kind == "combo":
            _spoil(files, right, [next(order) for _ in range(rng.randint(2, 4))])
        elif kind == "stub":
            for name in rng.sample(sorted(files), k=max(1, len(files) // 2)):
                files[name] = skeleton(right[name])
        elif kind == "broken":
            files[rng.choice(sorted(files))] = BROKEN[next(broken)]
        elif kind == "missing":
            del files[rng.choice(sorted(files))]
        elif kind == "hostile":
            _turn_hostile(files, right, next(hostile))
        yield files


def _spoil(files: Files, right: Files, chosen: Sequence[tuple[Topic, Misconception]]) -> None:
    """Put misconceptions into the reference's files, one per file."""
    for topic, misconception in chosen:
        exercise = next(e for e in topic.exercises if e.name == misconception.exercise)
        files[topic.file] = variant(right[topic.file], misconception, exercise)


def _turn_hostile(files: Files, right: Files, kind: str) -> None:
    """Let the first forward of a file loop, exit or eat memory."""
    name = "flatten.py" if "flatten.py" in files else min(files)
    start = right[name].index("# BEGIN SOLUTION\n", right[name].index("def forward")) + len("# BEGIN SOLUTION\n")
    files[name] = right[name][:start] + "        " + HOSTILE[kind].rstrip(" ") + right[name][start:]
    if kind == "hog":
        files[name] = "import numpy as np\n" + files[name]


def _write(folder: Path, name: str, files: Files, packed: bool, nested: bool) -> None:
    """One student's folder or archive."""
    inside = "src/" if nested else ""
    folder.mkdir(parents=True, exist_ok=True)
    if packed:
        with zipfile.ZipFile(folder / f"{name}.zip", "w") as archive:
            for file, text in sorted(files.items()):
                archive.writestr(f"{name}/{inside}{file}", text)
        return
    for file, text in files.items():
        path = folder / name / inside / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
