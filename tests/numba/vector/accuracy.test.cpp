// SPDX-License-Identifier: MIT
// What loops over mathematics compute, compared with the next larger type: every function of
// libmvec that Numba knows, in both types, for each instruction set that this machine has.
#include "../../catch.hpp"

#include <portaudio.h>

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cfloat>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace {

struct State {
    std::int32_t function;
};

/// In the order of mathematics.py.
template <class T>
struct Function {
    const char* name;
    T (*one)(T);
    T (*two)(T, T);
};

#define ONE(name) {#name, [](T x) -> T { return std::name(x); }, nullptr}
#define TWO(name) {#name, nullptr, [](T x, T y) -> T { return std::name(x, y); }}

template <class T>
constexpr std::array<Function<T>, 24> functions{
    {ONE(acos),  ONE(acosh), ONE(asin), ONE(asinh), ONE(atan), TWO(atan2), ONE(atanh), ONE(cos),
     ONE(cosh),  ONE(erf),   ONE(erfc), ONE(exp),   ONE(exp2), ONE(expm1), TWO(hypot), ONE(log),
     ONE(log10), ONE(log1p), ONE(log2), TWO(pow),   ONE(sin),  ONE(sinh),  ONE(tan),   ONE(tanh)}};

template <class T>
T apply(const Function<T>& function, T x, T y) {
    return function.one != nullptr ? function.one(x) : function.two(x, y);
}

template <class T>
constexpr const char* symbol = sizeof(T) == 4 ? "single_precision" : "double_precision";

/// A callback of mathematics.py, compiled for one CPU.
template <class T>
class Mathematics {
public:
    explicit Mathematics(const char* path) : handle_{dlopen(path, RTLD_NOW | RTLD_LOCAL)} {
        INFO((handle_ != nullptr ? "loaded" : dlerror()));
        REQUIRE(handle_ != nullptr);
        call_ = reinterpret_cast<decltype(call_)>(dlsym(handle_, symbol<T>));
        error_ = reinterpret_cast<decltype(error_)>(
            dlsym(handle_, (std::string{symbol<T>} + "_error").c_str()));
        REQUIRE(call_ != nullptr);
        REQUIRE(error_ != nullptr);
    }
    Mathematics(const Mathematics&) = delete;
    Mathematics& operator=(const Mathematics&) = delete;
    ~Mathematics() { dlclose(handle_); }

    /// What this machine lacks for it, or nothing.
    std::string unfit() const {
        State state{0};
        call_(nullptr, nullptr, 0, nullptr, 0, &state);
        return error_() != nullptr ? error_() : "";
    }

    std::vector<T> operator()(std::size_t function, const std::vector<T>& x,
                              const std::vector<T>& y) const {
        std::vector<T> both = x, result(x.size());
        both.insert(both.end(), y.begin(), y.end());
        State state{static_cast<std::int32_t>(function)};
        REQUIRE(call_(both.data(), result.data(), x.size(), nullptr, 0, &state) == paContinue);
        return result;
    }

private:
    void* handle_;
    int (*call_)(const void*, void*, unsigned long, const void*, unsigned long, void*) = nullptr;
    const char* (*error_)() = nullptr;
};

template <class T>
T ulp(T value) {
    value = std::abs(value);
    const T next = std::nextafter(value, std::numeric_limits<T>::infinity());
    return std::isfinite(next) ? next - value : value - std::nextafter(value, T{0});
}

template <class T>
std::vector<T> special() {
    using Limits = std::numeric_limits<T>;
    std::vector<T> values;
    for (const T x : {T{0},
                      Limits::denorm_min(),
                      Limits::min() / 3,
                      Limits::min(),
                      T(1e-20),
                      Limits::epsilon(),
                      T(0.5),
                      T(1),
                      T(1) + Limits::epsilon(),
                      T(1) - Limits::epsilon(),
                      T(2),
                      T(3),
                      T(88),
                      T(104),
                      T(710),
                      T(1e10),
                      T(1e30),
                      Limits::max(),
                      Limits::infinity(),
                      Limits::quiet_NaN()}) {
        values.push_back(x);
        values.push_back(-x);
    }
    return values;
}

/// Every special value with every other; bit patterns at even distances; what music is made of.
template <class T>
std::array<std::vector<T>, 2> arguments() {
    using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
    constexpr Bits count = sizeof(T) == 4 ? 1 << 20 : 1 << 17;
    std::array<std::vector<T>, 2> result;
    for (const T x : special<T>()) {
        for (const T y : special<T>()) {
            result[0].push_back(x);
            result[1].push_back(y);
        }
    }
    constexpr Bits step = ~Bits{0} / count;
    for (Bits i = 0; i < count; ++i) {
        result[0].push_back(std::bit_cast<T>(static_cast<Bits>(i * step + i % 8191)));
        result[1].push_back(std::bit_cast<T>(static_cast<Bits>((i * 2654435761u % count) * step)));
    }
    for (Bits i = 0; i < count; ++i) {
        const T even = static_cast<T>(i) / static_cast<T>(count);
        result[0].push_back(16 * even - 8);
        result[1].push_back(8 - 20 * even * even);
    }
    return result;
}

/// The same kind of result: a number, an infinity, no number, and of what sign.
template <class T>
std::array<int, 2> kind(T x) {
    if (std::isnan(x)) return {FP_NAN, 0};
    return {std::isinf(x) ? FP_INFINITE : FP_NORMAL, std::signbit(x)};
}

template <class T, class Larger>
void check(const char* path) {
    const Mathematics<T> mathematics{path};
    if (const std::string why = mathematics.unfit(); !why.empty()) {
        WARN(why);
        return;
    }
    const auto [x, y] = arguments<T>();
    for (std::size_t number = 0; number < functions<T>.size(); ++number) {
        const std::vector<T> z = mathematics(number, x, y);
        double worst = 0;
        T at_x = 0, at_y = 0;
        std::size_t different = 0;
        for (std::size_t i = 0; i < x.size(); ++i) {
            const T scalar = apply(functions<T>[number], x[i], y[i]);
            if (kind(z[i]) != kind(scalar)) {
                if (different++ == 0) {
                    INFO(functions<T>[number].name << '(' << x[i] << ", " << y[i] << ") is " << z[i]
                                                   << ", not " << scalar);
                    CHECK(false);
                }
                continue;
            }
            if (!std::isfinite(scalar)) continue;
            const Larger exact = apply(functions<Larger>[number], Larger { x[i] }, Larger{y[i]});
            const double error =
                static_cast<double>(std::abs(z[i] - exact) / ulp(static_cast<T>(exact)));
            if (error > worst) {
                worst = error;
                at_x = x[i];
                at_y = y[i];
            }
        }
        INFO(functions<T>[number].name << ": " << worst << " ulp at " << at_x << ", " << at_y);
        CHECK(worst < 4);
        CHECK(different == 0);
    }
}

}  // namespace

TEST_CASE("a loop over float mathematics is within 4 ulp of double") {
    const auto path = GENERATE(GENERIC, AVX2, AVX512, SCALAR);
    INFO(path);
    check<float, double>(path);
}

TEST_CASE("a loop over double mathematics is within 4 ulp of long double") {
    if (LDBL_MANT_DIG <= DBL_MANT_DIG) return;
    const auto path = GENERATE(GENERIC, AVX2, AVX512, SCALAR);
    INFO(path);
    check<double, long double>(path);
}

TEST_CASE("the same functions are exact to the last place or two without vectors") {
    const Mathematics<float> mathematics{SCALAR};
    const auto [x, y] = arguments<float>();
    const std::vector<float> z = mathematics(23, x, y);
    for (std::size_t i = 0; i < x.size(); i += 101) {
        if (!std::isnan(z[i])) REQUIRE(z[i] == std::tanh(x[i]));
    }
}
