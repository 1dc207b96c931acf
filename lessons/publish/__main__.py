"""python -m lessons.publish: the command, and what it says when Ctrl+C interrupts it."""

import sys


def main() -> int:
    """Run the command; return its exit code."""
    try:
        # This import takes a second or two, and Ctrl+C has to work during it as well.
        from lessons.publish import command

        return command.main()
    except KeyboardInterrupt:
        print("Interrupted; what was there before is still there.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
