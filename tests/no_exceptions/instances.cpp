// SPDX-License-Identifier: MIT
// Every class template of the library, with all of its members.
#include <portspan/portspan.hpp>

#include <cstdint>

namespace portspan {

template class Stream<float>;
template class Stream<std::byte, std::byte, Planar>;
template class BlockingStream<float, std::int16_t>;
template class WatchedStream<float>;
template class Renderer<float>;
template class Mixer<float>;
template class Slot<float>;
template class EventQueue<int>;
template class LiveState<int>;
template class RingBuffer<float>;
template class Recording<float>;

namespace {
const auto nothing = [](auto&) {};
}

CheckReport checked() { return check<float, float>(nothing); }
std::error_code supported() { return check_supported<float>({}, std::nothrow); }

}  // namespace portspan
