"""The programs, by what they are after."""
