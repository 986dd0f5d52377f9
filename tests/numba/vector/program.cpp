// SPDX-License-Identifier: MIT
// A program with a callback linked in: whether it needs libmvec is the callback's doing.
#include CALLBACK_HEADER

int main() {
    float x = 0.5f, y = 0.0f;
    return CALLBACK(&x, &y, 1, nullptr, 0, nullptr) == 0 && y > 0.2499f && y < 0.2501f ? 0 : 1;
}
