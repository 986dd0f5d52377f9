// SPDX-License-Identifier: MIT
// Frames from one thread to another: all of them, in order, and no more than there is room for.
#include <portspan/ring_buffer.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <thread>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "error_of.hpp"

using portspan::Fault;
using portspan::InterleavedView;
using portspan::PlanarView;
using portspan::RingBuffer;

namespace {

/// `count` numbers from `first` on.
std::vector<std::int32_t> numbers(std::size_t count, std::int32_t first = 0) {
    std::vector<std::int32_t> samples(count);
    std::iota(samples.begin(), samples.end(), first);
    return samples;
}

InterleavedView<std::int32_t> stereo(std::vector<std::int32_t>& samples) { return {samples, 2}; }

}  // namespace

TEST_CASE("a ring buffer holds as many frames as it was made for") {
    RingBuffer<std::int32_t> ring{5, 2};
    CHECK(ring.capacity() == 5);
    CHECK(ring.channels() == 2);
    CHECK(ring.writable() == 5);
    auto samples = numbers(16);
    CHECK(ring.write(stereo(samples)) == 5);
    CHECK(ring.readable() == 5);
    CHECK(ring.writable() == 0);
    CHECK(ring.write(stereo(samples)) == 0);

    std::vector<std::int32_t> read(16, -1);
    CHECK(ring.read(stereo(read)) == 5);
    auto expected = numbers(10);
    expected.resize(16, -1);
    CHECK(read == expected);
    CHECK(ring.read(stereo(read)) == 0);
    CHECK(ring.readable() == 0);
}

TEST_CASE("frames go round its end in order, in either layout") {
    RingBuffer<std::int32_t> ring{3, 2};
    std::int32_t written = 0;
    std::int32_t wanted = 0;
    for (std::size_t turn = 0; turn < 20; ++turn) {
        std::vector<std::int32_t> left(turn % 4), right(turn % 4);
        for (std::size_t i = 0; i < left.size(); ++i) {
            left[i] = written + static_cast<std::int32_t>(i);
            right[i] = -left[i];
        }
        const std::int32_t* const planes[]{left.data(), right.data()};
        written += static_cast<std::int32_t>(
            ring.write(PlanarView<const std::int32_t>{planes, left.size(), 2}));

        std::vector<std::int32_t> frames(4);
        const std::size_t read = ring.read(stereo(frames));
        for (std::size_t i = 0; i < read; ++i, ++wanted) {
            CHECK(frames[2 * i] == wanted);
            CHECK(frames[2 * i + 1] == -wanted);
        }
    }
    CHECK(wanted == 29);
    CHECK(written == 30);
    CHECK(ring.readable() == 1);
}

TEST_CASE("a planar reader gets its channels") {
    RingBuffer<std::int32_t> ring{4, 2};
    auto samples = numbers(8);
    ring.write(stereo(samples));
    std::vector<std::int32_t> left(4), right(4);
    std::int32_t* const planes[]{left.data(), right.data()};
    CHECK(ring.read(PlanarView<std::int32_t>{planes, 4, 2}) == 4);
    CHECK(left == std::vector<std::int32_t>{0, 2, 4, 6});
    CHECK(right == std::vector<std::int32_t>{1, 3, 5, 7});
}

TEST_CASE("copies are the same ring buffer, also of one that was moved") {
    RingBuffer<std::int32_t> ring{4, 1};
    RingBuffer<std::int32_t> copy = std::move(ring);
    auto samples = numbers(3);
    CHECK(ring.write(InterleavedView<std::int32_t>{samples, 1}) == 3);
    CHECK(copy.readable() == 3);
}

TEST_CASE("a ring buffer is finished when all is read after finish()") {
    RingBuffer<std::int32_t> ring{4, 1};
    auto samples = numbers(2);
    const InterleavedView<std::int32_t> view{samples, 1};
    ring.write(view);
    CHECK_FALSE(ring.finished());
    ring.finish();
    CHECK_FALSE(ring.finished());
    CHECK(ring.write(view) == 0);
    CHECK(ring.read(view) == 2);
    CHECK(ring.finished());
}

TEST_CASE("what a ring buffer cannot be, hold or give is an Error") {
    const auto refused = [](std::size_t frames, std::size_t channels) {
        const auto error = error_of([&] { RingBuffer<float>{frames, channels}; });
        REQUIRE(error);
        CHECK(error->code() == Fault::invalid_argument);
        return error->detail();
    };
    CHECK(refused(0, 2) == "0 frames of 2 channels");
    CHECK(refused(2, 0) == "2 frames of 0 channels");
    constexpr std::size_t most = (std::numeric_limits<std::size_t>::max)();
    CHECK_THAT(refused(most, 1), ContainsSubstring("do not fit into memory"));
    CHECK_THAT(refused(2, most / 8), ContainsSubstring("do not fit into memory"));
    CHECK_THAT(refused(most / 16 + 2, 1), ContainsSubstring("do not fit into memory"));

    RingBuffer<std::int32_t> ring{4, 1};
    auto samples = numbers(4);
    const auto wrong = error_of([&] { ring.write(stereo(samples)); });
    REQUIRE(wrong);
    CHECK(wrong->code() == Fault::channel_mismatch);
    CHECK(wrong->detail() == "2 channels in the view, the ring buffer has 1");
    CHECK(error_of([&] { ring.read(stereo(samples)); }).value().code() == Fault::channel_mismatch);
    CHECK(ring.readable() == 0);
}

TEST_CASE("a million frames go from thread to thread, whole and in order") {
    RingBuffer<std::int32_t> ring{100, 2};
    constexpr std::int32_t all = 1'000'000;
    std::thread writer{[&, writer_ring = ring]() mutable {
        std::vector<std::int32_t> samples(2 * 37);
        for (std::int32_t next = 0; next < all;) {
            const auto count = static_cast<std::size_t>((std::min)(37, all - next));
            for (std::size_t i = 0; i < count; ++i) {
                samples[2 * i] = next + static_cast<std::int32_t>(i);
                samples[2 * i + 1] = ~samples[2 * i];
            }
            const auto done = writer_ring.write(InterleavedView{samples.data(), count, 2});
            if (done == 0) std::this_thread::yield();
            next += static_cast<std::int32_t>(done);
        }
        writer_ring.finish();
    }};
    std::int32_t wanted = 0;
    std::size_t wrong = 0;
    std::vector<std::int32_t> samples(2 * 53);
    while (!ring.finished()) {
        const std::size_t count = ring.read(stereo(samples));
        if (count == 0) std::this_thread::yield();
        for (std::size_t i = 0; i < count; ++i, ++wanted) {
            wrong += samples[2 * i] != wanted || samples[2 * i + 1] != ~wanted;
        }
    }
    writer.join();
    CHECK(wanted == all);
    CHECK(wrong == 0);
}
