// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#if defined(__GNUC__)
#define APPLICATION_API __attribute__((visibility("default")))
#else
#define APPLICATION_API
#endif

// Names that the mock has as well, in a unity build before its sources.
class Stream;
class Engine;
class Clock;
class Script;
class Lock;

/// Plays ones as long as it lives.
class APPLICATION_API Application {
public:
    Application();
    ~Application();

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};
