// SPDX-License-Identifier: MIT
// Stands before the machine's PortAudio in every process that is measured, and writes down when
// each callback began and ended, for whoever opened the stream in the same way. Its default devices
// are those of JACK. PORTSPAN_LOAD_CALLS names the file that the calls are in once the stream is
// closed.
#include <dlfcn.h>
#include <portaudio.h>
#include <pthread.h>
#include <time.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <vector>

namespace {

struct Call {
    std::int64_t began, ended;  // nanoseconds of CLOCK_MONOTONIC
    unsigned long frames;
    PaStreamCallbackFlags flags;
};

// A process opens one stream.
PaStreamCallback* callback = nullptr;
void* user_data = nullptr;
std::vector<Call> calls;  // as long before the first call as it ever gets
std::size_t count = 0;
int policy = 0;
sched_param priority{};

constexpr std::size_t most_calls = 1 << 20;

std::int64_t now() noexcept {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

int observe(const void* input, void* output, unsigned long frames,
            const PaStreamCallbackTimeInfo* time, PaStreamCallbackFlags flags, void*) {
    if (count == 0) pthread_getschedparam(pthread_self(), &policy, &priority);
    const std::int64_t began = now();
    const int result = callback(input, output, frames, time, flags, user_data);
    const std::int64_t ended = now();
    if (count < most_calls) calls[count++] = {began, ended, frames, flags};
    return result;
}

void write() {
    const char* const path = std::getenv("PORTSPAN_LOAD_CALLS");
    if (!path) return;
    std::ofstream file{path};
    file << Pa_GetVersionText() << '\n' << policy << ' ' << priority.sched_priority << '\n';
    for (std::size_t i = 0; i < count; ++i) {
        const Call& call = calls[i];
        file << call.began << ' ' << call.ended << ' ' << call.frames << ' ' << call.flags << '\n';
    }
}

/// PortAudio's own one of the functions that are defined here.
template <class Function>
Function* next(Function*, const char* name) {
    return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

const PaHostApiInfo* jack() { return Pa_GetHostApiInfo(Pa_HostApiTypeIdToHostApiIndex(paJACK)); }

}  // namespace

extern "C" {

PaDeviceIndex Pa_GetDefaultInputDevice() {
    return jack() ? jack()->defaultInputDevice : paNoDevice;
}

PaDeviceIndex Pa_GetDefaultOutputDevice() {
    return jack() ? jack()->defaultOutputDevice : paNoDevice;
}

PaError Pa_OpenStream(PaStream** stream, const PaStreamParameters* input,
                      const PaStreamParameters* output, double sample_rate, unsigned long frames,
                      PaStreamFlags flags, PaStreamCallback* function, void* data) {
    callback = function;
    user_data = data;
    calls.assign(most_calls, {});
    return next(&Pa_OpenStream, "Pa_OpenStream")(stream, input, output, sample_rate, frames, flags,
                                                 &observe, nullptr);
}

PaError Pa_CloseStream(PaStream* stream) {
    const PaError error = next(&Pa_CloseStream, "Pa_CloseStream")(stream);
    write();
    return error;
}
}
