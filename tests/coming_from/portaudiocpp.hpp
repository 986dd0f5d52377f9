// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>

#include "coming_from/portaudiocpp_tasks.hpp"

/// PortAudioCpp's tasks, while it is initialised.
struct Tasks {
    portaudio::AutoSystem system;

    static void list_devices() { ::list_devices(); }
    static int find_output(const std::string& name) { return ::find_output(name).index(); }
    static void play_array(const std::vector<float>& audio) { ::play_array(audio); }
    static std::vector<float> record_array(std::size_t frames) { return ::record_array(frames); }
    static void pan(std::chrono::milliseconds time) { ::pan(time.count()); }
    static void halve(std::chrono::milliseconds time) { ::halve(time.count()); }
    static void run_c_callback(std::chrono::milliseconds time) { ::run_c_callback(time.count()); }
    static void echo(int blocks) { ::echo(blocks); }
    static void beep(unsigned long frames) { ::beep(frames); }
    static void watch(std::chrono::milliseconds time) { ::watch(time.count()); }
};
