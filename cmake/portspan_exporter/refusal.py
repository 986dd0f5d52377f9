# SPDX-License-Identifier: MIT
"""How the exporter says no."""

class Refusal(Exception):
    """One mistake of the user's: where, why, and the cure."""

    def __init__(self, reason, cure, line=None):
        super().__init__(reason)
        self.reason, self.cure, self.line = reason, cure, line
