"""The student's side of the wall: runs probes on the student's code and returns what came back.

Nothing in this package imports the judge, and nothing in it ever holds an expected value.
"""
