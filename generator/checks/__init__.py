"""Checks that need more than one object, or the spec as a whole."""
