"""`make bench-yield`: how many plans each profile makes on the recorded year."""

from __future__ import annotations

from benchmarks.profile_yield import main

if __name__ == "__main__":
    raise SystemExit(main())
