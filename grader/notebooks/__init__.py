"""Notebooks: read without a kernel and graded like files; made from exercises; checked in the running kernel."""
