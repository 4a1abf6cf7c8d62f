"""The solver HiGHS as this program uses it: nothing comes in, a solver that is silent goes out."""

from __future__ import annotations

import highspy


class Quiet(highspy.Highs):
    """HiGHS that writes nothing to standard output; enabling its callbacks, which nobody uses here, prints a banner."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.setOptionValue("output_flag", False)

    def enableCallbacks(self) -> None:  # noqa: N802 - the name is HiGHS's
        """Nothing: see above."""
