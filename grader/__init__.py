"""Autograder and exercise framework for courses on convolutional networks."""

__version__ = "0.1.0"
