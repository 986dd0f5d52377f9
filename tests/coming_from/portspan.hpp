// SPDX-License-Identifier: MIT
#pragma once

#include "coming_from/tasks.hpp"

/// portspan's tasks; each stream has a share of PortAudio of its own.
struct Tasks {
    static void list_devices() { ::list_devices(); }
    static int find_output(const std::string& name) { return ::find_output(name).index; }
    static void play_array(const std::vector<float>& audio) { ::play_array(audio); }
    static std::vector<float> record_array(std::size_t frames) { return ::record_array(frames); }
    static void pan(std::chrono::milliseconds time) { ::pan(time); }
    static void halve(std::chrono::milliseconds time) { ::halve(time); }
    static void run_c_callback(std::chrono::milliseconds time) { ::run_c_callback(time); }
    static void echo(int blocks) { ::echo(blocks); }
    static void beep(unsigned long frames) { ::beep(frames); }
    static void watch(std::chrono::milliseconds time) { ::watch(time); }
};
