// SPDX-License-Identifier: MIT
// PortAudio's declarations, visible to shared libraries even in a program that hides its symbols:
// a library of the program's that uses PortAudio has to find the mock's functions. Included before
// their definitions. They are declared once more, because a precompiled header or a unity build may
// have brought portaudio.h before, hidden.
#pragma once

#include <portaudio.h>

#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wredundant-decls"
#pragma GCC visibility push(default)
#endif
#include "host_apis.hpp"

extern "C" {

extern decltype(Pa_GetVersion) Pa_GetVersion;
extern decltype(Pa_GetVersionText) Pa_GetVersionText;
extern decltype(Pa_GetVersionInfo) Pa_GetVersionInfo;
extern decltype(Pa_GetErrorText) Pa_GetErrorText;
extern decltype(Pa_Initialize) Pa_Initialize;
extern decltype(Pa_Terminate) Pa_Terminate;
extern decltype(Pa_GetHostApiCount) Pa_GetHostApiCount;
extern decltype(Pa_GetDefaultHostApi) Pa_GetDefaultHostApi;
extern decltype(Pa_GetHostApiInfo) Pa_GetHostApiInfo;
extern decltype(Pa_HostApiTypeIdToHostApiIndex) Pa_HostApiTypeIdToHostApiIndex;
extern decltype(Pa_HostApiDeviceIndexToDeviceIndex) Pa_HostApiDeviceIndexToDeviceIndex;
extern decltype(Pa_GetLastHostErrorInfo) Pa_GetLastHostErrorInfo;
extern decltype(Pa_GetDeviceCount) Pa_GetDeviceCount;
extern decltype(Pa_GetDefaultInputDevice) Pa_GetDefaultInputDevice;
extern decltype(Pa_GetDefaultOutputDevice) Pa_GetDefaultOutputDevice;
extern decltype(Pa_GetDeviceInfo) Pa_GetDeviceInfo;
extern decltype(Pa_IsFormatSupported) Pa_IsFormatSupported;
extern decltype(Pa_OpenStream) Pa_OpenStream;
extern decltype(Pa_OpenDefaultStream) Pa_OpenDefaultStream;
extern decltype(Pa_CloseStream) Pa_CloseStream;
extern decltype(Pa_SetStreamFinishedCallback) Pa_SetStreamFinishedCallback;
extern decltype(Pa_StartStream) Pa_StartStream;
extern decltype(Pa_StopStream) Pa_StopStream;
extern decltype(Pa_AbortStream) Pa_AbortStream;
extern decltype(Pa_IsStreamStopped) Pa_IsStreamStopped;
extern decltype(Pa_IsStreamActive) Pa_IsStreamActive;
extern decltype(Pa_GetStreamInfo) Pa_GetStreamInfo;
extern decltype(Pa_GetStreamTime) Pa_GetStreamTime;
extern decltype(Pa_GetStreamCpuLoad) Pa_GetStreamCpuLoad;
extern decltype(Pa_ReadStream) Pa_ReadStream;
extern decltype(Pa_WriteStream) Pa_WriteStream;
extern decltype(Pa_GetStreamReadAvailable) Pa_GetStreamReadAvailable;
extern decltype(Pa_GetStreamWriteAvailable) Pa_GetStreamWriteAvailable;
extern decltype(Pa_GetSampleSize) Pa_GetSampleSize;
extern decltype(Pa_Sleep) Pa_Sleep;
}
#if defined(__GNUC__)
#pragma GCC visibility pop
#pragma GCC diagnostic pop
#endif
