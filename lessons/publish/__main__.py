"""python -m lessons.publish: the command, and what Ctrl+C says at any moment of it."""

import sys


def main() -> int:
    """Run the command; return its exit code."""
    try:
        # Imports for a second or two, in which Ctrl+C is heard as well.
        from lessons.publish import command

        return command.main()
    except KeyboardInterrupt:
        print("Interrupted; what was there before is still there.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
