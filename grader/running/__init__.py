"""Runs a student's code in processes of its own and brings back traces."""
