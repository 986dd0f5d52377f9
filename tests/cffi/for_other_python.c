/* SPDX-License-Identifier: MIT */
/* Stands for an embedding module for that Python. */
void Py_InitializeEx(int handlers);
int quieter(void);

int quieter(void) {
    Py_InitializeEx(0);
    return 0;
}
