"""`python -m streamstate`: the command line."""

from streamstate.cli import main

if __name__ == "__main__":
    main()
