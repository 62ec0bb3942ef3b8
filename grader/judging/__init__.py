"""Judges traces: pure functions from a bundle and what came back to verdicts, scores and explanations."""
