"""`python -m snipersight`: the same as the `snipersight` command."""

from snipersight.cli.app import main

if __name__ == "__main__":
    main()
