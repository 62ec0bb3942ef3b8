import codecs
import sys
from pathlib import Path

import pytest

from grader.worker import source
from grader.worker.decoding import LoadError
from grader.worker.source import read

sys.path.insert(0, str(Path(__file__).parent))
from loading import run


def _text(data):
    """The value of the file's last statement `x = "..."`, and the notes."""
    found = read(data, "conv.py")
    return found.tree.body[-1].value.value, found.notes


@pytest.mark.parametrize(
    "data, noted",
    [
        ('x = "ä"'.encode(), False),
        (codecs.BOM_UTF8 + 'x = "ä"'.encode(), False),
        ('\r\n\rx = "ä"\r\n'.encode(), False),
        ('# -*- coding: latin-1 -*-\nx = "ä"'.encode("latin-1"), False),
        ('#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\nx = "ä"'.encode("cp1252"), False),
        ('x = "ä"\n\0\0\0'.encode(), False),
        ('x = "ä"'.encode("utf-16"), True),
        ('x = "ä"'.encode("utf-16-le"), True),
        ('x = "ä"'.encode("utf-32"), True),
        ('x = "ä"'.encode("cp1252"), True),
        ('# coding: utf-8\nx = "ä"'.encode("cp1252"), True),
        ('# coding: nonsense\nx = "ä"'.encode(), True),
        ('# coding: hex\nx = "ä"'.encode(), True),
    ],
)
def test_text_is_read_in_the_encoding_that_it_has(data, noted):
    text, notes = _text(data)
    assert text == "ä" and bool(notes) is noted


def test_the_note_about_windows_text_names_the_line():
    assert read(b"x = 1\n# gr\xf6\xdfe\n", "a.py").notes[0].startswith("line 2 is not UTF-8")


TOLD = [
    (b"x = 1\n\0y = 2\n", "encoding", 2, "NUL bytes"),
    (codecs.BOM_UTF16_LE + b"\x00\xd8x", "encoding", 0, "UTF-16"),
    (b"x = 1\nprint 'x'\n", "python2", 2, "line 2 is Python 2 (print statement)"),
    (b"print x, y\n", "python2", 1, "print statement"),
    (b"exec 'x = 1'\n", "python2", 1, "exec statement"),
    (b"try:\n    pass\nexcept ValueError, e:\n    pass\n", "python2", 3, "except X, e"),
    (b"raise ValueError, 'no'\n", "python2", 1, "raise X"),
    (b"if 1 <> 2:\n    pass\n", "python2", 1, "<>"),
    (b"x = 10L\n", "python2", 1, "number with L"),
    (b"if 1:\n        x = 1\n\ty = 2\n", "tabs", 3, "line 3 mixes tabs and spaces"),
    (b"class A:\n\tx = 1\n    y = 2\n", "tabs", 3, "replace every tab by four spaces"),
    (b"if 1:\n    x = 1\n  y = 2\n", "syntax", 3, "unindent does not match"),
    (b"x = 1\ny = (1,\nz = 2\n", "syntax", 2, "'(' was never closed"),
    (b"x = 1 +\n", "syntax", 1, "invalid syntax"),
    (b"return 3\n", "syntax", 1, "'return' outside function"),
    (b"def f():\n    x = 1\n    global x\n", "syntax", 3, "global"),
    (b"x = 1\n<<<<<<< HEAD\ny = 1\n=======\ny = 2\n>>>>>>> b\n", "syntax", 2, "git conflict marker"),
    (b"```python\nx = 1\n```\n", "syntax", 1, "Markdown fence"),
    (b'{"cells": [], "nbformat": 4}', "syntax", 1, "notebook"),
    (b"x = " + b"-" * 100_000 + b"1", "too deep", 0, "nested too deeply"),
    (b"x" + b".a" * 100_000, "too deep", 0, "nested too deeply"),
    (b"x = " + b"(" * 300 + b")" * 300, "syntax", 1, "too many nested parentheses"),
    (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "encoding", 3, "NUL"),
]


@pytest.mark.parametrize("data, code, line, words", TOLD)
def test_what_is_wrong_with_a_text_is_told_in_one_sentence(data, code, line, words):
    with pytest.raises(LoadError) as caught:
        read(data, "conv.py")
    error = caught.value
    assert (error.code, error.line) == (code, line) and words in error.sentence and "\n" not in error.sentence
    if line and code not in ("encoding",):
        shown = data.decode().split("\n")[line - 1].rstrip()[:300]
        assert error.source_line == shown or words == "notebook"


def test_the_caret_points_at_the_bracket():
    with pytest.raises(LoadError) as caught:
        read(b"x = f(1,\ny = 2\n", "conv.py")
    assert caught.value.caret == "x = f(1,\n     ^"


@pytest.mark.parametrize(
    "line", ["%matplotlib inline", "!pip install numpy", "!ls it's", "?np.dot", "np.dot?", "%%time", "files = !ls"]
)
def test_notebook_commands_are_dropped_with_a_note(line):
    loaded = run(f"import numpy as np\n{line}\nif True:\n    {line}\nx = 3\n", value="x")
    assert loaded.value == 3 and any(note.startswith("line 2 is a notebook command") for note in loaded.notes)


def test_a_percent_sign_that_is_python_stays():
    source = "a, b = 7, 4\nx = (a\n%b)\ny = '''\n%matplotlib inline\n!ls\n'''\nz = '%d' \\\n%a\n"
    loaded = run(source, value="(x, y, z)")
    assert loaded.value == [3, "\n%matplotlib inline\n!ls\n", "7"] and loaded.notes == []


@pytest.fixture
def compiled(monkeypatch):
    """The lengths of all texts that were compiled or parsed."""
    lengths = []

    def counted(original):
        def count(text, path):
            lengths.append(len(text))
            return original(text, path)

        return count

    for name in ("_compiled", "syntax_tree"):
        monkeypatch.setattr(source, name, counted(getattr(source, name)))
    return lengths


FILLING = "x = [1, 2]\n" * 1000


@pytest.mark.parametrize("command", ["!ls", "files = !ls", "a[0] = %pwd", "np.dot?", "!ls \\\n  -l"])
def test_many_commands_cost_no_more_than_one(compiled, command):
    read_in = read((FILLING + f"{command}\nx = 1\n" * 100).encode(), "a.py")
    assert len(read_in.notes) == 100 and len(compiled) == 3
    assert read_in.notes[1].startswith(f"line {1003 + command.count(chr(10))} is a notebook command")


@pytest.mark.parametrize("command", ["!ls", "x = '=' + y =!ls", "(a\n%b"])
def test_what_is_wrong_beside_many_commands_is_told_at_bounded_cost(compiled, command):
    with pytest.raises(LoadError) as caught:
        read((FILLING + f"{command}\nx = 1\n" * 100 + "x = = 2\n").encode(), "a.py")
    assert "is not valid Python" in caught.value.sentence
    assert sum(compiled) < 15 * (len(FILLING) + 4000)


def test_more_commands_than_a_notebook_has_are_refused():
    assert len(read(b"!ls\n" * 100, "a.py").notes) == 100
    with pytest.raises(LoadError, match="more than 100 lines that are no Python"):
        read(b"!ls\n" * 101, "a.py")


def test_beside_commands_what_is_python_stays():
    text = "a, b = 7, 4\n%time\ny = '''\n%matplotlib inline\n!ls\nz =!d '''\n!ls\n"
    loaded = run(text, value="y")
    assert loaded.value == "\n%matplotlib inline\n!ls\nz =!d " and len(loaded.notes) == 2
    loaded = run("a, b = 7, 4\n!ls\nx = (a\n%b)\nz = '%d' \\\n%a\nnp.dot?\n", value="(x, z)")
    assert loaded.value == [3, "7"] and len(loaded.notes) == 2
    text = "y = '''\n!ls '''\n%time\nz = '''\n%pwd\n'''\n"
    loaded = run(text, value="(y, z)")
    assert loaded.value == ["\n!ls ", "\n%pwd\n"] and len(loaded.notes) == 1


def test_conflict_markers_in_a_string_are_no_conflict():
    assert run("x = '''\n=======\n'''\n").error is None


def test_line_numbers_are_those_of_the_students_file():
    assert run("%matplotlib inline\r\n\r\nx = 1 / 0\r\n").error["line"] == 3
