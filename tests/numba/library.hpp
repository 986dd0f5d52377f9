// SPDX-License-Identifier: MIT
// What the tests of exported callbacks share: their libraries, and something to compare with.
#pragma once

#include "catch.hpp"

#include <portspan/description.h>

#include <dlfcn.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

/// A compiled callback in its own library, typed by the generated header.
template <class Function>
class Library {
public:
    Library(const char* path, const char* name) : handle_{dlopen(path, RTLD_NOW | RTLD_LOCAL)} {
        INFO((handle_ != nullptr ? "loaded" : dlerror()));
        REQUIRE(handle_ != nullptr);
        call = reinterpret_cast<Function*>(dlsym(handle_, name));
        error = reinterpret_cast<const char* (*)()>(
            dlsym(handle_, (std::string{name} + "_error").c_str()));
        last_failure_ = reinterpret_cast<const char* (*)(unsigned long*)>(
            dlsym(handle_, (std::string{name} + "_portspan_error").c_str()));
        description = static_cast<const portspan_description*>(
            dlsym(handle_, (std::string{name} + "_portspan").c_str()));
        REQUIRE(call != nullptr);
        REQUIRE(error != nullptr);
        REQUIRE(last_failure_ != nullptr);
        REQUIRE(description != nullptr);
    }
    Library(const Library&) = delete;
    Library& operator=(const Library&) = delete;
    ~Library() { dlclose(handle_); }

    std::string text() const { return error() != nullptr ? error() : ""; }

    /// How often it has failed, as it tells portspan.
    unsigned long failures() const {
        unsigned long count = 99;
        CHECK(last_failure_(&count) == error());
        return count;
    }

    Function* call = nullptr;
    const char* (*error)() = nullptr;
    const portspan_description* description = nullptr;

private:
    void* handle_;
    const char* (*last_failure_)(unsigned long*) = nullptr;
};

inline std::vector<float> noise(std::size_t count) {
    std::vector<float> samples(count);
    unsigned seed = 7;
    for (float& x : samples) {
        seed = seed * 1664525u + 1013904223u;
        x = static_cast<float>(seed >> 8) / float(1 << 23) - 1.0f;
    }
    return samples;
}

inline double distance(const std::vector<float>& a, const std::vector<double>& b) {
    REQUIRE(a.size() == b.size());
    double worst = 0;
    for (std::size_t i = 0; i < a.size(); ++i) worst = std::max(worst, std::abs(a[i] - b[i]));
    return worst;
}

inline std::vector<double> each(const std::vector<float>& x, double (*f)(double)) {
    std::vector<double> result;
    for (const float value : x) result.push_back(f(value));
    return result;
}

/// All that a description says, in the order of the struct.
inline std::vector<std::uint64_t> values(const portspan_description& says) {
    return {says.abi_version,
            says.size,
            says.input_format,
            says.output_format,
            says.layout,
            says.properties,
            static_cast<std::uint64_t>(says.input_channels),
            static_cast<std::uint64_t>(says.output_channels),
            says.state_size,
            says.state_hash,
            says.largest_block,
            says.reserved};
}
