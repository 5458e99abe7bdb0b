"""Runs the command line as ``python -m abckg``."""

from abckg.cli import main

if __name__ == "__main__":
    main()
