"""Grades a class, keeps the results, and writes them where people and programs read them."""
