"""What can go wrong, as one tree. The message is one sentence: what, where, what to do next.

GraderError
├── InputError        the user's input is wrong: exit code 2
│   ├── CourseError   a course file or a spec is malformed
│   └── BundleError   a bundle is missing, damaged or from another version
├── StoreError        results cannot be read or written
└── ProtocolError     a worker answered something that is no answer (a finding, never a crash of ours)
"""

from __future__ import annotations


class GraderError(Exception):
    """Base of everything that the grader raises on purpose."""


class InputError(GraderError):
    """What the user gave cannot be used."""


class CourseError(InputError):
    """A course file or an exercise's spec is malformed."""


class BundleError(InputError):
    """A bundle is missing, damaged, or made by another version."""


class StoreError(GraderError):
    """Results cannot be read or written."""


class ProtocolError(GraderError):
    """A worker's reply is malformed."""
