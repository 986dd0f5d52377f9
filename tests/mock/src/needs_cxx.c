/* SPDX-License-Identifier: MIT
   Compiled in a project without C++, where the mock's sources would be left out and missed by the
   linker only. */
#error "portspan::mock is C++: enable the language in the project, as project(name LANGUAGES C CXX)"
