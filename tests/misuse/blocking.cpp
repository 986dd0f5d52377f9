// SPDX-License-Identifier: MIT
// Reads and writes where there is a callback, a callback where there are reads and writes.
#include <array>
#include <deque>
#include <portspan/blocking.hpp>
#include <portspan/play.hpp>
#include <portspan/record.hpp>
#include <portspan/stream.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace {
[[maybe_unused]] const auto silent = [](auto&) noexcept {};
[[maybe_unused]] std::array<float, 2> frame{};
[[maybe_unused]] const std::array<float, 2> constant{};
}  // namespace

void which_kind_of_stream() {
#if defined(READING_FROM_A_CALLBACK_STREAM)
    // error: has no member named 'read'|no member named 'read'
    portspan::Stream<float> stream{silent};
    stream.read(frame);
#elif defined(WRITING_TO_A_CALLBACK_STREAM)
    // error: has no member named 'write'|no member named 'write'
    portspan::Stream<float> stream{silent};
    stream.write(frame);
#elif defined(A_CALLBACK_IN_A_BLOCKING_STREAM)
    // error: use of deleted function|call to deleted constructor
    portspan::BlockingStream<float> stream{silent};
#elif defined(A_CONFIGURED_CALLBACK_IN_A_BLOCKING_STREAM)
    // error: use of deleted function|call to deleted constructor
    portspan::BlockingStream<float> stream{{.sample_rate = 48000}, silent};
#elif defined(WAITING_FOR_A_BLOCKING_STREAM)
    // error: is inaccessible|is a private member|declared private|not accessible
    portspan::BlockingStream<float> stream;
    stream.wait();
#else
    portspan::BlockingStream<float> stream{{.sample_rate = 48000}};
    stream.read(frame);
    stream.write(frame);
#endif
}

void which_direction() {
#if defined(READING_FROM_AN_OUTPUT)
    // error: use of deleted function|deleted member function
    portspan::BlockingOutputStream<float> stream;
    stream.read(frame);
#elif defined(WRITING_TO_AN_INPUT)
    // error: use of deleted function|deleted member function
    portspan::BlockingInputStream<float> stream;
    stream.write(frame);
#elif defined(NO_DIRECTION_AT_ALL)
    // error: a stream needs a direction
    portspan::BlockingStream<void, void> stream;
#elif defined(SAMPLES_OF_DOUBLE)
    // error: In and Out are sample types of PortAudio's
    portspan::BlockingStream<double> stream;
#else
    portspan::BlockingInputStream<float> input;
    input.read(frame);
    portspan::BlockingOutputStream<float> output;
    output.write(constant);
#endif
}

void which_samples() {
    portspan::BlockingStream<float> stream;
#if defined(READING_INTO_CONSTANTS)
    // error: no matching function|no matching member function
    stream.read(constant);
#elif defined(READING_OTHER_SAMPLES)
    // error: no matching function|no matching member function
    std::vector<int> samples(2);
    stream.read(samples);
#elif defined(READING_ANOTHER_LAYOUT)
    // error: no matching function|no matching member function
    stream.read(portspan::PlanarView<float>{});
#elif defined(FORGETTING_THE_ERROR_OF_A_READ)
    // error: ignoring return value
    stream.read({frame, 2}, std::nothrow);
#else
    stream.read(portspan::InterleavedView<float, 2>{frame});
    if (stream.read({frame, 2}, std::nothrow).error) return;
#endif
}

void arrays() {
#if defined(PLAYING_WHAT_IS_GONE)
    // error: a temporary is gone by then: keep it in a variable
    const auto playback = portspan::play(std::vector<float>(2));
#elif defined(PLAYING_DOUBLES)
    // error: only samples of PortAudio's are played and recorded: float
    const std::vector<double> doubles(2);
    const auto playback = portspan::play(doubles);
#elif defined(PLAYING_WHAT_IS_NOT_SIDE_BY_SIDE)
    // error: only samples that are side by side are played
    const std::deque<float> scattered(2);
    const auto playback = portspan::play(scattered);
#elif defined(A_DEVICE_BY_A_STRING)
    // error: a device is no string: find_device
    const auto playback = portspan::play(frame, {.output = {.device = "USB"}});
#elif defined(A_DEVICE_BY_A_NAME)
    // error: a device is no string: find_device
    const std::string name = "USB";
    portspan::Endpoint endpoint;
    endpoint.device = name;
#elif defined(FORGETTING_A_PLAYBACK)
    // error: ignoring return
    portspan::play(frame);
#elif defined(RECORDING_INTO_CONSTANTS)
    // error: its samples must not be const
    auto recording = portspan::record(portspan::InterleavedView<const float>{constant, 2});
#elif defined(RECORDING_DOUBLES)
    // error: no matching function
    auto recording = portspan::record<double>(1);
#else
    const auto playback = portspan::play(frame);
    auto recording = portspan::record(portspan::InterleavedView<float>{frame, 2});
#endif
}
