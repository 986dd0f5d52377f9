// SPDX-License-Identifier: MIT
// The ten tasks of portspan.cpp.
#pragma once

#include <chrono>
#include <cstddef>
#include <portspan/device.hpp>
#include <string>
#include <vector>

void list_devices();
portspan::Device find_output(const std::string& name);
void play_array(const std::vector<float>& audio);
std::vector<float> record_array(std::size_t frames);
void pan(std::chrono::milliseconds time);
void halve(std::chrono::milliseconds time);
void run_c_callback(std::chrono::milliseconds time);
void echo(int blocks);
void beep(unsigned long frames);
void watch(std::chrono::milliseconds time);
