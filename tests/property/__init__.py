"""Laws that hold for all input."""
