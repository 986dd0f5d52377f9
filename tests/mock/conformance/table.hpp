// SPDX-License-Identifier: MIT
// One table of PortAudio calls, good and bad, and what each answers. Built twice: on the mock and
// on the machine's libportaudio. Both print the same lines, or the mock is wrong. Where it means to
// differ, the row itself says so, with both answers and the reason: `differs`, `only_on_mock`.
//
// No rows are what neither checks (NULL among the channel pointers of a non-interleaved buffer,
// PaAlsa_InitializeStreamInfo(NULL)), what hangs on ALSA's null device (rates that it has to
// convert, frames beyond memory), and numbers that PortAudio does not promise (version, latencies,
// times, cards).
#pragma once

#include <portaudio.h>

#include <optional>
#include <string>

namespace conformance {

#if defined(PORTSPAN_CONFORMANCE_MOCK)
inline constexpr bool on_mock = true;
#else
inline constexpr bool on_mock = false;
#endif

/// One row: what the call answered, as a name where it is an error code of PortAudio's.
void row(const std::string& call, long result);
/// A row where only "an error or not" or "some number" is PortAudio's promise.
void row_sign(const std::string& call, long result);
/// A row of words.
void row_text(const std::string& call, const std::string& result);

/// A row that the mock means to answer differently. Either side is held to its own answer.
void differs(const std::string& call, long result, long from_mock, long from_portaudio,
             const std::string& reason);

/// What only_on_mock() prints; without an answer there is nothing to hold to `expected`.
void not_asked_of_portaudio(const std::string& call, std::optional<long> result, long expected,
                            const std::string& reason);

/// A row of the mock alone: PortAudio crashes, hangs, reads freed memory or has no such function.
/// `f` is called on the mock and held to `expected`.
template <class F>
void only_on_mock(const std::string& call, [[maybe_unused]] F&& f, long expected,
                  const std::string& reason) {
    std::optional<long> result;
    if constexpr (on_mock) result = f();
    not_asked_of_portaudio(call, result, expected, reason);
}

/// How many rows there were, and whether each side gave the answers that differs() holds it to.
int rows();
bool as_expected();

// What rows are made of

using Time = const PaStreamCallbackTimeInfo*;
int keep_going(const void*, void*, unsigned long, Time, PaStreamCallbackFlags, void*);
int complete(const void*, void*, unsigned long, Time, PaStreamCallbackFlags, void*);
int abort_at_once(const void*, void*, unsigned long, Time, PaStreamCallbackFlags, void*);
int nonsense(const void*, void*, unsigned long, Time, PaStreamCallbackFlags, void*);

PaStreamParameters stereo(PaDeviceIndex device, PaSampleFormat format = paFloat32,
                          int channels = 2);
/// A stream of 48 kHz and 64 frames, of one direction or both; null where it does not open.
PaStream* opened(PaDeviceIndex device, PaStreamCallback* callback, bool input = true,
                 bool output = true, PaSampleFormat format = paFloat32, void* user_data = nullptr);
void wait_until_inactive(PaStream* stream);

/// A host API's device by its place; ends the program where there is none.
PaDeviceIndex device_of(PaHostApiTypeId type, int place = 0);

// The rows, by topic

void not_initialized();
void constants();
void counting();
void enumeration();
void two_host_apis();
void found_once();
void second_host_api_is_default();
void no_devices();
void no_host_apis();

void parameters_of_alsa();
void parameters_of_jack();
void combinations_of_host_apis();
void host_specific_devices();
void default_stream();

/// Streams of one device, whose host API goes by `name`.
void lives(const std::string& name, PaDeviceIndex device);
void finished_callbacks(const std::string& name, PaDeviceIndex device);
void blocking(const std::string& name, PaDeviceIndex device);
void directions_of_blocking_streams();
void lost_audio();
void lost_device();
void bad_streams();
void terminating(const std::string& name, PaHostApiTypeId type);
void stale_streams();
void ended_by_its_own_callback();
void ended_by_another_thread(const std::string& name, PaDeviceIndex device);

void extensions_of_alsa();
void extensions_without_jack();
void extensions_of_jack();
void extensions_elsewhere();
void no_host_errors();
void host_errors();

}  // namespace conformance
