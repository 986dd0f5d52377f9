// SPDX-License-Identifier: MIT
// What PortAudio finds, the same on the mock and with the machine's libportaudio.
#pragma once

#include <memory>
#include <string>

namespace conformance {

/// In place while this object lives. By its name it is
///     alsa       ALSA with "silent", "speaker" (no inputs), "microphone" (no outputs), "default"
///     none       ALSA without devices
///     alsa+jack  those of "alsa", and after them JACK's "system", 2 in, 2 out, 48 kHz
///     jack       ALSA without devices, and JACK
class Machine {
public:
    explicit Machine(const std::string& name);
    ~Machine();
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;

    /// False where this computer lacks what it takes: jackd.
    [[nodiscard]] explicit operator bool() const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

/// A while passes, in which running streams run; the mock's have to be pumped.
void let_time_pass();

/// The device of the stream that was opened last is pulled out, and every call on the stream fails;
/// nothing happens where it is no mock.
void lose_device();

/// Host APIs that no Linux computer has for a test; nothing changes where it is no mock.
class Elsewhere {
public:
    enum class Is { without_host_apis, core_audio };

    /// Before Pa_Initialize.
    explicit Elsewhere(Is what);
    ~Elsewhere();
    Elsewhere(const Elsewhere&) = delete;
    Elsewhere& operator=(const Elsewhere&) = delete;
};

/// A JACK client that PortAudio lists as a device is gone when a stream wants it.
class VanishingDevice {
public:
    static constexpr const char* name = "vanishing";

    /// The next first Pa_Initialize finds it.
    VanishingDevice();
    ~VanishingDevice();
    VanishingDevice(const VanishingDevice&) = delete;
    VanishingDevice& operator=(const VanishingDevice&) = delete;

    void vanish();

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace conformance
