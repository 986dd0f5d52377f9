// SPDX-License-Identifier: MIT
// The ten tasks of portaudiocpp.cpp.
#pragma once

#include <cstddef>
#include <portaudiocpp/PortAudioCpp.hxx>
#include <string>
#include <vector>

void list_devices();
portaudio::Device& find_output(const std::string& name);
void play_array(const std::vector<float>& audio);
std::vector<float> record_array(std::size_t frames);
void pan(long milliseconds);
void halve(long milliseconds);
void run_c_callback(long milliseconds);
void echo(int blocks);
void beep(unsigned long frames);
void watch(long milliseconds);
