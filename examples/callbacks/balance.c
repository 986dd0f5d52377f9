/* SPDX-License-Identifier: MIT */
/* Left and right at levels of their own: a callback in C that says what it works on. */
#include <portaudio.h>
#include <portspan/description.h>
#include <stddef.h>

struct balance {
    float left;
    float right;
};

PORTSPAN_EXPORT int balance(const void* input, void* output, unsigned long frames,
                            const PaStreamCallbackTimeInfo* time, PaStreamCallbackFlags status,
                            void* user_data) {
    const struct balance* levels = user_data;
    const float left = levels ? levels->left : 0.25f;
    const float right = levels ? levels->right : 1;
    const float* in = input;
    float* out = output;
    (void)time, (void)status;
    for (size_t frame = 0; frame < frames; ++frame) {
        out[2 * frame] = in ? left * in[2 * frame] : 0; /* PortAudio may pass no input */
        out[2 * frame + 1] = in ? right * in[2 * frame + 1] : 0;
    }
    return paContinue;
}

PORTSPAN_DESCRIBE(balance, .input_format = paFloat32, .output_format = paFloat32,
                  .layout = PORTSPAN_INTERLEAVED, .properties = PORTSPAN_IN_PLACE,
                  .input_channels = 2, .output_channels = 2, .state_size = sizeof(struct balance));
PORTSPAN_DESCRIBE_STATE(balance, struct balance, "left:f4:0;right:f4:4;size:8", .left = 0.25f,
                        .right = 1);
