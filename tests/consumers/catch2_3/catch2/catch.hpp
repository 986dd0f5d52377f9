// SPDX-License-Identifier: MIT
#error "Catch2 3 does not have this header"
