# SPDX-License-Identifier: MIT
# What a program or library needs: -DREADELF= -DFILE= -DLIBRARY=<name> -DEXPECTED=<TRUE or FALSE>
execute_process(COMMAND "${READELF}" --wide --dynamic "${FILE}" OUTPUT_VARIABLE dynamic COMMAND_ERROR_IS_FATAL ANY)
string(FIND "${dynamic}" "[${LIBRARY}]" at)
if(EXPECTED AND at EQUAL -1 OR NOT EXPECTED AND NOT at EQUAL -1)
    message(FATAL_ERROR "${FILE} and ${LIBRARY}, expected to be needed: ${EXPECTED}\n${dynamic}")
endif()
