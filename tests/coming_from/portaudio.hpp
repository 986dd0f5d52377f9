// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "coming_from/portaudio_tasks.h"

/// The tasks in C, between Pa_Initialize() and Pa_Terminate().
struct Tasks {
    Tasks() { Pa_Initialize(); }
    ~Tasks() { Pa_Terminate(); }
    Tasks(const Tasks&) = delete;
    Tasks& operator=(const Tasks&) = delete;

    static void list_devices() { ::list_devices(); }
    static int find_output(const std::string& name) { return ::find_output(name.c_str()); }
    static void play_array(const std::vector<float>& audio) {
        ::play_array(audio.data(), audio.size());
    }
    static std::vector<float> record_array(std::size_t frames) {
        std::vector<float> audio(frames);
        ::record_array(audio.data(), frames);
        return audio;
    }
    static void pan(std::chrono::milliseconds time) { ::pan(time.count()); }
    static void halve(std::chrono::milliseconds time) { ::halve(time.count()); }
    static void run_c_callback(std::chrono::milliseconds time) { ::run_c_callback(time.count()); }
    static void echo(int blocks) { ::echo(blocks); }
    static void beep(unsigned long frames) { ::beep(frames); }
    static void watch(std::chrono::milliseconds time) { ::watch(time.count()); }
};
