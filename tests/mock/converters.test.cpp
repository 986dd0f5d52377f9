// SPDX-License-Identifier: MIT
// The mock's conversions against PortAudio's own converters, which its static library has.
#include <portaudio.h>

#include <algorithm>
#include <bit>
#include <cfloat>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "catch.hpp"
#include "src/convert.hpp"

// Of PortAudio's pa_converters.h, which is not installed.
extern "C" {
struct PaUtilTriangularDitherGenerator;
typedef void PaUtilConverter(void* to, signed int to_stride, void* from, signed int from_stride,
                             unsigned int count, PaUtilTriangularDitherGenerator* dither);
PaUtilConverter* PaUtil_SelectConverter(PaSampleFormat source, PaSampleFormat destination,
                                        PaStreamFlags flags);
}

namespace {

using Bytes = std::vector<std::byte>;

// Samples converted at once; at both strides the buffers stay in the cache.
constexpr std::size_t chunk = 4096;

struct Format {
    const char* name;
    PaSampleFormat format;
    int bits;
};
constexpr Format formats[] = {{"paFloat32", paFloat32, 32}, {"paInt32", paInt32, 32},
                              {"paInt24", paInt24, 24},     {"paInt16", paInt16, 16},
                              {"paInt8", paInt8, 8},        {"paUInt8", paUInt8, 8}};

/// Every `step`-th element of `samples` is one of them, the others have to stay unread.
template <class T>
std::vector<T> spread(const std::vector<T>& samples, std::size_t size, std::size_t step) {
    const std::size_t count = samples.size() / size;
    std::vector<T> spread(count * size * step, T(0x7f));
    for (std::size_t i = 0; i < count; ++i) {
        std::copy_n(samples.begin() + static_cast<std::ptrdiff_t>(i * size), size,
                    spread.begin() + static_cast<std::ptrdiff_t>(i * size * step));
    }
    return spread;
}

/// Fails at the first float that the mock makes another code of than PortAudio.
void compare_from_floats(const Format& format, const std::vector<float>& all, std::size_t step) {
    PaUtilConverter* const converter =
        PaUtil_SelectConverter(paFloat32, format.format, paDitherOff);
    REQUIRE(converter);
    const std::size_t size = portspan::mock::bytes_per_sample(format.format);
    for (std::size_t first = 0; first < all.size(); first += chunk) {
        const std::size_t count = std::min(chunk, all.size() - first);
        const auto begin = all.begin() + static_cast<std::ptrdiff_t>(first);
        const std::vector<float> floats(begin, begin + static_cast<std::ptrdiff_t>(count));
        std::vector<float> source = spread(floats, 1, step);
        Bytes expected(count * size), made(count * size);
        converter(expected.data(), 1, source.data(), static_cast<int>(step),
                  static_cast<unsigned>(count), nullptr);
        portspan::mock::from_floats(source.data(), step, format.format, made.data(), count);
        if (made == expected) continue;
        const auto place = std::ranges::mismatch(made, expected).in1 - made.begin();
        const std::size_t sample = static_cast<std::size_t>(place) / size;
        std::uint32_t ours = 0, theirs = 0;
        std::memcpy(&ours, &made[sample * size], size);
        std::memcpy(&theirs, &expected[sample * size], size);
        FAIL(format.name << ": " << std::hexfloat << floats[sample] << std::hex << " becomes 0x"
                         << ours << ", PortAudio makes 0x" << theirs);
    }
}

/// The reverse; `all` are codes of the format, one after the other.
void compare_to_floats(const Format& format, const Bytes& all, std::size_t step) {
    PaUtilConverter* const converter =
        PaUtil_SelectConverter(format.format, paFloat32, paDitherOff);
    REQUIRE(converter);
    const std::size_t size = portspan::mock::bytes_per_sample(format.format);
    std::vector<float> expected(chunk * step), made(chunk * step);
    for (std::size_t first = 0; first < all.size(); first += chunk * size) {
        const std::size_t count = std::min(chunk, (all.size() - first) / size);
        Bytes source{all.begin() + static_cast<std::ptrdiff_t>(first),
                     all.begin() + static_cast<std::ptrdiff_t>(first + count * size)};
        // What stands between the samples has to stay as it was.
        std::ranges::fill(expected, 7.0f);
        std::ranges::fill(made, 7.0f);
        converter(expected.data(), static_cast<int>(step), source.data(), 1,
                  static_cast<unsigned>(count), nullptr);
        portspan::mock::to_floats(source.data(), format.format, made.data(), step, count);
        if (std::memcmp(made.data(), expected.data(), made.size() * sizeof(float)) == 0) continue;
        const auto place = std::ranges::mismatch(made, expected).in1 - made.begin();
        FAIL(format.name << ": sample " << first / size + static_cast<std::size_t>(place) / step
                         << " becomes " << made[static_cast<std::size_t>(place)]
                         << ", PortAudio makes " << expected[static_cast<std::size_t>(place)]);
    }
}

/// Floats in [-1.5, 1.5]: evenly spaced ones, and every 1009th that there is, denormals among them.
std::vector<float> sweep() {
    std::vector<float> floats;
    constexpr int steps = 1 << 20;
    for (int i = -3 * steps / 2; i <= 3 * steps / 2; ++i) {
        floats.push_back(static_cast<float>(i) / static_cast<float>(steps));
    }
    for (auto bits = std::uint32_t{0}; bits <= std::bit_cast<std::uint32_t>(1.5f); bits += 1009) {
        floats.push_back(std::bit_cast<float>(bits));
        floats.push_back(-floats.back());
    }
    return floats;
}

/// A float and its neighbours, of both signs.
void add_around(std::vector<float>& floats, float x) {
    const float down = std::nextafter(x, 0.0f), up = std::nextafter(x, FLT_MAX);
    for (const float y : {std::nextafter(down, 0.0f), down, x, up, std::nextafter(up, FLT_MAX)}) {
        floats.insert(floats.end(), {y, -y});
    }
}

/// Where one code ends and the next begins, at both scales that are in use.
std::vector<float> boundaries(const Format& format) {
    std::vector<float> floats;
    const double half = std::ldexp(1.0, format.bits - 1);
    const double step = std::max(1.0, half / 32768);
    for (double code = 0; code <= half; code += step) {
        add_around(floats, static_cast<float>(code / (half - 1)));
        add_around(floats, static_cast<float>(code / half));
    }
    for (const float x : {0.0f, 1.0f, FLT_MIN, std::numeric_limits<float>::denorm_min()}) {
        add_around(floats, x);
    }
    return floats;
}

/// Every code of 8 and 16 bits; of the others the outermost ones and a sample of primes.
Bytes codes(const Format& format) {
    const std::size_t size = portspan::mock::bytes_per_sample(format.format);
    const std::uint64_t count = std::uint64_t{1} << format.bits;
    Bytes bytes;
    const auto add = [&](std::uint64_t code) {
        const auto low = static_cast<std::uint32_t>(code);
        const auto* const begin = reinterpret_cast<const std::byte*>(&low);
        bytes.insert(bytes.end(), begin, begin + size);
    };
    const std::uint64_t step = format.bits == 32 ? 2003 : format.bits == 24 ? 7 : 1;
    for (std::uint64_t code = 0; code < count; code += step) add(code);
    for (const std::uint64_t middle : {std::uint64_t{0}, count / 2, count}) {
        for (std::uint64_t away = 0; away < 300; ++away) {
            if (middle + away < count) add(middle + away);
            if (middle > away) add(middle - away - 1);
        }
    }
    return bytes;
}

}  // namespace

TEST_CASE("floats become the codes that PortAudio makes of them") {
    static_assert(std::endian::native == std::endian::little, "codes() writes low bytes first");
    const auto all = sweep();
    for (const Format& format : formats) {
        const auto steps = boundaries(format);
        for (const std::size_t step : {1u, 2u}) {
            INFO("stride " << step);
            compare_from_floats(format, all, step);
            compare_from_floats(format, steps, step);
        }
    }
}

TEST_CASE("codes become the floats that PortAudio makes of them") {
    for (const Format& format : formats) {
        const Bytes all = format.format == paFloat32 ? Bytes{} : codes(format);
        for (const std::size_t step : {1u, 2u}) {
            INFO("stride " << step);
            compare_to_floats(format, all, step);
        }
    }
}

TEST_CASE("floats far out of range are clipped as PortAudio does, where that is defined") {
    constexpr float inf = std::numeric_limits<float>::infinity();
    for (const Format& format : formats) {
        if (format.format == paFloat32) continue;
        // With 8 and 16 bits PortAudio makes an integer of 32 bits first and clips then.
        const float largest = format.bits >= 24 ? inf : std::ldexp(1.0f, 32 - format.bits) - 1;
        std::vector<float> floats{largest, -largest};
        for (float x = 1; x <= std::min(largest, FLT_MAX / 4); x *= 1.5f) add_around(floats, x);
        for (const std::size_t step : {1u, 2u}) compare_from_floats(format, floats, step);
    }
}

TEST_CASE("float samples pass the mock unchanged, whatever they are") {
    const std::vector<float> floats{0.0f, -0.0f,   FLT_MAX,     -FLT_MAX, INFINITY, -INFINITY,
                                    NAN,  FLT_MIN, FLT_MIN / 8, 1.5f,     -1.5f};
    std::vector<float> there(floats.size()), back(floats.size());
    portspan::mock::from_floats(floats.data(), 1, paFloat32, there.data(), floats.size());
    portspan::mock::to_floats(there.data(), paFloat32, back.data(), 1, floats.size());
    CHECK(std::memcmp(back.data(), floats.data(), floats.size() * sizeof(float)) == 0);
}
