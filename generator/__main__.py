"""`python -m generator` is `qatgen`."""

from generator.cli import main

if __name__ == "__main__":
    main()
