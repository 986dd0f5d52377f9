/* SPDX-License-Identifier: MIT */
/* Stands for the library of a Python that the machine does not have. */
const char* Py_GetVersion(void);
int Py_IsInitialized(void);
void Py_InitializeEx(int handlers);

const char* Py_GetVersion(void) { return "9.8.7 (nowhere)"; }
int Py_IsInitialized(void) { return 0; }
void Py_InitializeEx(int handlers) { (void)handlers; }
