// SPDX-License-Identifier: MIT
// The class templates that a program names, with all of their members.
#include <portspan/portspan.hpp>

#include <cstdint>

namespace portspan {

template class InterleavedView<float>;
template class InterleavedView<const float, 2>;
template class PlanarView<float>;
template class PlanarView<const float, 2>;
template class InterleavedBytes<std::byte>;
template class PlanarBytes<const std::byte>;
template class Block<float, float>;
template class Block<void, Int24, Planar>;
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
