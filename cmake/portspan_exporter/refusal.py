# SPDX-License-Identifier: MIT
"""How the exporter says no."""

class Refusal(Exception):
    """One mistake of the user's: where, why, and the cure. Unless it says otherwise, the callback's file is meant."""

    def __init__(self, reason, cure, line=None, file=None):
        super().__init__(reason)
        self.reason, self.cure, self.line, self.file = reason, cure, line, file
