"""Questions about quantities, and the program that records apimachinery's answers (tests/data/quantities.json)."""
