# SPDX-License-Identifier: MIT
"""The parts of portspan_export.py. Importing it settles the environment, so it comes before Numba."""
import os
import sys

# The build must not leave traces in the user's source folder, nor depend on the settings of whoever runs it.
sys.dont_write_bytecode = True
for variable in [name for name in os.environ if name.startswith("NUMBA_")]:
    del os.environ[variable]
# All optimisation is done here, for the CPU that was asked for; Numba's own would have this machine's in mind.
os.environ["NUMBA_OPT"] = "0"
