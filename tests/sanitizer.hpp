// SPDX-License-Identifier: MIT
// Which sanitizer a test is compiled with: g++ and clang tell it in different ways.
#pragma once

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PORTSPAN_TEST_ASAN
#endif
#if __has_feature(thread_sanitizer)
#define PORTSPAN_TEST_TSAN
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define PORTSPAN_TEST_ASAN
#endif
#if defined(__SANITIZE_THREAD__)
#define PORTSPAN_TEST_TSAN
#endif
