// SPDX-License-Identifier: MIT
/*
libportaudio.so.2 without hardware: a program that was built against PortAudio runs on it unchanged,

    LD_LIBRARY_PATH=<its folder> PORTSPAN_MOCK_INPUT=speech.wav PORTSPAN_MOCK_OUTPUT=out.wav program

or with LD_PRELOAD=<its folder>/libportaudio.so.2. The environment is read at the first
Pa_Initialize, the speed when the library is loaded. A wrong value is a line on stderr, and
Pa_Initialize fails with paInternalError.

PORTSPAN_MOCK_INPUT: a sound file that every input device records, from each stream's first start,
then silence. A mono file goes to all channels; with another number of them missing channels are
silent and further ones left out. Nothing is resampled: a stream at another rate than the file's
gets a line on stderr.

PORTSPAN_MOCK_OUTPUT: what is played, as name.wav (float) or name.flac (24 bit). The first stream
with an output writes name.wav, further ones name-1.wav, name-2.wav ... A file is complete when its
stream is closed and when the program ends. A WAV file, which ends at 4 GB, can be read at any
moment, even if the program was killed.

PORTSPAN_MOCK_SPEED: how much faster than real time, 0.001 to 1000; 1 unless given. max: callbacks
are called without a pause, a blocking stream waits for the program, Pa_Sleep ends when so much
audio has passed. For programs that end by themselves: one that waits for Enter plays gigabytes.

PORTSPAN_MOCK_DEVICES: name:inputs:outputs[:rate],... or none. Default: one device with two outputs
and two inputs, or as many as the input file has channels if those are more. The default rate is the
input file's, else 48000. The first device with inputs is the default input, the first with outputs
the default output.

PORTSPAN_MOCK_BLOCK: frames in each call of a callback whose stream leaves that to the host; 256
unless given.

PORTSPAN_MOCK_LOSE: seconds[:silence|:finished|:error]. When a stream has come that far, all streams
lose their devices, as portspan::mock::Loss says; finished unless given. Streams that are opened
later run.

PORTSPAN_MOCK_BACK_TO_BACK: seconds, or a number of calls as in 1000calls. What one call of a
callback takes: when a stream starts for the first time, its callback is called without a pause for
so long before that, with blocks of the size that the stream asked for (PORTSPAN_MOCK_BLOCK where it
left that to the host), and a line on stderr says the nanoseconds of one call. It hears the input
file, where that has its channels and its samples are float32, else silence; nobody hears what it
plays. A number of calls is for a tool that counts what happens: after as many calls to warm up they
are made by the function count_these_calls.

PORTSPAN_MOCK_FAIL: function:code[:n],... The call number n of a function, 0 unless given, does
nothing and answers code, as in Pa_OpenStream:-9985.
*/
#include <sndfile.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <portspan/mock.hpp>
#include <stdexcept>
#include <thread>
#include <utility>

#include "back_to_back.hpp"
#include "environment.hpp"

namespace drop_in {

namespace {

void say(const std::string& line) { std::fprintf(stderr, "portspan mock: %s\n", line.c_str()); }

/// The files of what is played.
class Recorder {
public:
    void open(std::size_t stream, std::string name, int channels, double sample_rate) {
        const bool is_flac = name.ends_with(".flac");
        if (const int number = files_++; number > 0) {
            name.insert(name.rfind('.'), std::string{"-"} += std::to_string(number));
        }
        SF_INFO info{};
        info.channels = channels;
        info.samplerate = static_cast<int>(std::lround(sample_rate));
        info.format = is_flac ? SF_FORMAT_FLAC | SF_FORMAT_PCM_24 : SF_FORMAT_WAV | SF_FORMAT_FLOAT;
        SNDFILE* file = sf_open(name.c_str(), SFM_WRITE, &info);
        if (!file)
            throw std::runtime_error("PORTSPAN_MOCK_OUTPUT: cannot write " + name + ": " +
                                     sf_strerror(nullptr));
        // It holds the time of day: the same audio should give the same file.
        sf_command(file, SFC_SET_ADD_PEAK_CHUNK, nullptr, SF_FALSE);
        sf_command(file, SFC_SET_CLIPPING, nullptr, SF_TRUE);
        // After each block: whatever kills the program, the file can be read.
        sf_command(file, SFC_SET_UPDATE_HEADER_AUTO, nullptr, SF_TRUE);
        const std::lock_guard lock{mutex_};
        process_ = getpid();
        open_[stream] = {name, {file, sf_close}, is_flac ? SF_COUNT_MAX : wav_bytes};
    }
    /// No samples: the stream is closed.
    void write(std::size_t stream, std::span<const float> samples) {
        const std::lock_guard lock{mutex_};
        const auto file = open_.find(stream);
        if (file == open_.end()) return;
        const auto count = static_cast<sf_count_t>(samples.size());
        auto& [name, handle, bytes] = file->second;
        bytes -= static_cast<sf_count_t>(samples.size_bytes());
        const bool fits = bytes >= 0;
        if (fits && count > 0 && sf_write_float(handle.get(), samples.data(), count) == count) {
            return;
        }
        if (count > 0) say(name + (fits ? ": cannot be written any more" : " is full at 4 GB"));
        open_.erase(file);
    }
    /// The program ends; its streams may still run.
    void close() {
        // A child that was forked off has the files, too, but they are not its own to finish.
        if (process_ != getpid()) return;
        const std::lock_guard lock{mutex_};
        open_.clear();
    }

private:
    static constexpr sf_count_t wav_bytes = 4'000'000'000;
    struct File {
        std::string name;
        std::unique_ptr<SNDFILE, int (*)(SNDFILE*)> handle{nullptr, sf_close};
        sf_count_t bytes;  ///< that it may still take
    };
    std::mutex mutex_;  // the mock's clock writes while the program ends
    std::map<std::size_t, File> open_;
    int files_ = 0;
    std::atomic<pid_t> process_{0};
};

/// The script: it lives from the loading of the library on, and works when the program calls.
class DropIn {
public:
    DropIn() {
        scope_.run(speed_in_environment());
        scope_.capture(false);
        scope_.record_calls(false);
        scope_.intercept([this](std::string_view function) { return at_call(function); });
    }
    void end() { recorder_.close(); }

private:
    std::optional<PaError> at_call(std::string_view function) try {
        if (function == "Pa_Initialize" && !environment_) set_up();
        if (!environment_) return std::nullopt;
        for (Fault& fault : environment_->faults) {
            if (fault.function == function && fault.calls_before-- == 0) return fault.code;
        }
        if (function == "Pa_StartStream") prepare_streams();
        return std::nullopt;
    } catch (const std::exception& error) {
        say(error.what());
        return paInternalError;
    }

    void set_up() {
        environment_ = read_environment();
        scope_.machine(environment_->machine);
        scope_.blocks({environment_->block});
        if (const Sound& sound = environment_->input; sound.channels > 0) {
            scope_.feed([&sound](std::size_t frame, std::size_t channel) {
                if (sound.channels == 1) channel = 0;
                const std::size_t place = frame * sound.channels + channel;
                return channel < sound.channels && place < sound.samples.size()
                           ? sound.samples[place]
                           : 0.0f;
            });
        }
        if (!environment_->output.empty()) {
            scope_.listen([this](std::size_t stream, std::span<const float> samples) {
                recorder_.write(stream, samples);
            });
        }
    }

    /// Before one of them starts: the files of those that were opened since the last time.
    void prepare_streams() {
        const Sound& sound = environment_->input;
        for (; streams_ < scope_.streams(); ++streams_) {
            const portspan::mock::Opened stream = scope_.opened(streams_);
            if (stream.input && sound.channels > 0 && stream.sample_rate != sound.sample_rate) {
                say(sound.name + " is made for " + std::to_string(sound.sample_rate) +
                    " Hz, a stream records it at " +
                    std::to_string(std::lround(stream.sample_rate)) + " Hz");
            }
            if (stream.output && !environment_->output.empty()) {
                recorder_.open(streams_, environment_->output, stream.output->channelCount,
                               stream.sample_rate);
            }
            if (environment_->back_to_back) {
                const unsigned long asked = stream.frames_per_buffer;
                say("stream " + std::to_string(streams_) + ": " +
                    call_back_to_back(stream, asked != 0 ? asked : environment_->block, sound,
                                      *environment_->back_to_back));
            }
        }
        // Not earlier: a program may fork before it plays, and threads do not survive that.
        if (streams_ == 0 || std::exchange(runs_, true)) return;
        if (environment_->loss) std::thread{[this] { lose_devices(); }}.detach();
    }

    /// On a thread of its own, because the program's finished callbacks may wait for its threads.
    void lose_devices() {
        const auto has_come = [this](std::size_t stream) {
            constexpr PaTime first_second = 1;
            return Pa_GetStreamTime(scope_.opened(stream).handle) >=
                   first_second + environment_->loss->seconds;
        };
        for (std::size_t stream = 0; !has_come(stream);) {
            if (++stream < streams_) continue;
            stream = 0;
            std::this_thread::sleep_for(std::chrono::milliseconds{1});
        }
        for (std::size_t stream = 0; stream < streams_; ++stream) {
            scope_.lose_device(stream, environment_->loss->how);
        }
    }

    portspan::mock::Scope scope_;
    std::optional<Environment> environment_;
    Recorder recorder_;
    std::atomic<std::size_t> streams_{0};  ///< whose files are open
    bool runs_ = false;
};

// Never destroyed: the clock runs until the process is gone.
DropIn& drop_in = *new DropIn;

// After the destructors of the program's statics, which may close streams.
[[gnu::destructor]] void end() { drop_in.end(); }

}  // namespace

}  // namespace drop_in
