// SPDX-License-Identifier: MIT
// A state that is made of what a library says: its layout, what it holds at first, its fields by
// name.
#include <portspan/library.hpp>

#include <cmath>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "catch.hpp"
#include "error_of.hpp"

using portspan::CallbackState;
using portspan::Error;
using portspan::Fault;
using portspan::field_text;
using portspan::parse_layout;
using portspan::RawCallback;
using portspan::set_field;
using portspan::SharedLibrary;
using portspan::StateField;
using portspan::StateLayout;

namespace {

const std::string described_library = PORTSPAN_DESCRIBED;
const std::string misdescribed_library = PORTSPAN_MISDESCRIBED;

/// The Error's own part of its text; empty where there is none.
template <class F>
std::string refusal(Fault fault, F&& f) {
    const auto error = error_of(f);
    if (!error) return {};
    CHECK(error->code() == fault);
    return error->detail();
}

std::string parse_refusal(const std::string& text) {
    const std::string why = refusal(Fault::unknown_description, [&] { (void)parse_layout(text); });
    const auto colon = why.rfind("\": ");
    return colon == why.npos ? why : why.substr(colon + 3);
}

/// Everything that description.h has.
const std::string everything =
    "f:f4:0;d:f8:8;a:i1:16;b:i2:18;c:i4:20;e:i8:24;g:u1:32;h:u2:34;i:u4:36;j:u8:40;k:b1:48;"
    "l:c8:52;m:c16:64;n:p8:80;size:88";

struct Memory {
    explicit Memory(const std::string& text) : layout(parse_layout(text)), bytes(layout.size) {}

    void set(const char* field, double value) { set_field(bytes, layout, field, value); }
    std::string text(const char* field) const { return field_text(bytes, layout, field); }
    template <class T>
    T at(std::size_t offset) const {
        T value;
        std::memcpy(&value, bytes.data() + offset, sizeof value);
        return value;
    }
    std::string refused(const char* field, double value) {
        const auto before = bytes;
        const std::string why = refusal(Fault::invalid_argument, [&] { set(field, value); });
        CHECK((why.empty() || bytes == before));
        return why;
    }

    StateLayout layout;
    std::vector<std::byte> bytes;
};

}  // namespace

TEST_CASE("a layout is taken apart") {
    const StateLayout gain = parse_layout("gain:f4:0;channels:i4:4;size:8");
    CHECK(gain.size == 8);
    REQUIRE(gain.fields.size() == 2);
    CHECK(gain.fields[1].name == "channels");
    CHECK(gain.fields[1].type == "i4");
    CHECK(gain.fields[1].size == 4);
    CHECK(gain.fields[1].offset == 4);
    CHECK(gain.fields[1].count() == 1);

    const StateLayout band = parse_layout(
        "gain:f4:0;band:{f:f8:0;q:f4:8;on:b1:12;size:16}[2]:8;past:i2[4][2]:40;size:56");
    REQUIRE(band.fields.size() == 3);
    const StateField& bands = band.fields[1];
    CHECK(bands.type == "{f:f8:0;q:f4:8;on:b1:12;size:16}");
    CHECK(bands.size == 16);
    CHECK(bands.extents == std::vector<std::size_t>{2});
    REQUIRE(bands.fields.size() == 3);
    CHECK(bands.fields[2].name == "on");
    CHECK(bands.fields[2].offset == 12);
    CHECK(band.fields[2].extents == std::vector<std::size_t>{4, 2});
    CHECK(band.fields[2].count() == 8);

    CHECK(parse_layout(everything).fields.size() == 14);
    CHECK(parse_layout(everything).fields[12].size == 16);
    CHECK(parse_layout("size:8").size == 8);
    // A field may have the name that the end has.
    CHECK(parse_layout("size:f4:0;size:4").fields[0].name == "size");
}

TEST_CASE("what is no layout is refused with its place") {
    CHECK(refusal(Fault::unknown_description, [] { (void)parse_layout("gain:f4;size:4"); }) ==
          "the layout of its state, character 8 after \"gain:f4\": a : is missing");
    CHECK(parse_refusal("") == "a name is missing");
    CHECK(parse_refusal("gain:f4:0;") == "a name is missing");
    CHECK(parse_refusal("1:f4:0;size:4") == "a name is missing");
    CHECK(parse_refusal("gain:f4:0") == "a ; is missing");
    CHECK(parse_refusal("gain:f4:;size:4") == "a number is missing");
    CHECK(parse_refusal("gain:f4:-1;size:4") == "a number is missing");
    CHECK(parse_refusal("gain:f3:0;size:4") == "there is no such type");
    CHECK(parse_refusal("gain:f40:0;size:4") == "there is no such type");
    CHECK(parse_refusal("gain:f4:99999999999999999999;size:4") == "a number is too large");
    CHECK(parse_refusal("gain:f4:9223372036854775807;size:4") == "it is too large");
    CHECK(parse_refusal("gain:f4[4611686018427387904][4]:0;size:4") == "an array is too large");
    CHECK(parse_refusal("gain:f4[0]:0;size:4") == "an array has no elements");
    CHECK(parse_refusal("lines:{size:0}[8][8][8]:0;size:0") == "an array has no bytes");
    CHECK(parse_layout("nothing:{size:0}:0;size:0").fields[0].size == 0);
    CHECK(parse_refusal("gain:f4[2:0;size:4") == "a ] is missing");
    CHECK(parse_refusal("a:f4:0;a:f4:4;size:8") == "it has that name twice");
    CHECK(parse_refusal("a:f4:0;b:f4:3;size:8") ==
          "a field begins before the one in front of it ends");
    CHECK(parse_refusal("a:f4:0;b:f4:4;size:7") == "its fields have more bytes");
    CHECK(parse_refusal("a:{b:f4:0;size:4:0;size:4") == "a } is missing");
    CHECK(parse_refusal("a:f4:0;size:4;") == "it does not end there");
    std::string deep;
    for (int i = 0; i < 100000; ++i) deep += "a:{";
    CHECK(parse_refusal(deep) == "it is nested too deeply");
    // No part of one is one.
    for (std::size_t length = 0; length < everything.size(); ++length) {
        CHECK_FALSE(parse_refusal(everything.substr(0, length)).empty());
    }
}

TEST_CASE("numbers of every type are set and shown by name") {
    Memory memory{everything};
    memory.set("f", 0.1);
    CHECK(memory.at<float>(0) == 0.1f);
    CHECK(memory.text("f") == "0.1");
    memory.set("d", 0.1);
    CHECK(memory.at<double>(8) == 0.1);
    CHECK(memory.text("d") == "0.1");
    memory.set("d", -std::numeric_limits<double>::infinity());
    CHECK(memory.text("d") == "-inf");
    memory.set("k", 1);
    CHECK(memory.at<unsigned char>(48) == 1);
    CHECK(memory.text("k") == "true");
    memory.set("l", 1.5);
    CHECK(memory.at<std::complex<float>>(52) == std::complex<float>{1.5f, 0});
    CHECK(memory.text("l") == "1.5+0i");
    memory.set("m", -2);
    CHECK(memory.at<std::complex<double>>(64) == std::complex<double>{-2, 0});
    memory.set("c", -7);
    CHECK(memory.at<std::int32_t>(20) == -7);
    memory.set("e", -9223372036854775808.0);
    CHECK(memory.text("e") == "-9223372036854775808");
    memory.set("j", 18446744073709549568.0);
    CHECK(memory.text("j") == "18446744073709549568");
    memory.bytes[48] = std::byte{77};
    CHECK(memory.text("k") == "true");
    CHECK(memory.text("n") == "a pointer");
}

TEST_CASE("a number that a field cannot hold is refused and changes nothing") {
    Memory memory{everything};
    const auto whole = [](const std::string& value, const std::string& range) {
        return value + ": it holds whole numbers from " + range;
    };
    CHECK(memory.refused("a", 128) == whole("128", "-128 to 127"));
    CHECK(memory.refused("a", -129) == whole("-129", "-128 to 127"));
    CHECK(memory.refused("a", -128) == "");
    CHECK(memory.refused("g", -1) == whole("-1", "0 to 255"));
    CHECK(memory.refused("g", 255) == "");
    CHECK(memory.refused("c", 0.5) == whole("0.5", "-2147483648 to 2147483647"));
    CHECK(memory.refused("c", std::nan("")) == whole("nan", "-2147483648 to 2147483647"));
    CHECK(memory.refused("e", 9223372036854775808.0) ==
          whole("9223372036854775808", "-9223372036854775808 to 9223372036854775807"));
    CHECK(memory.refused("j", 18446744073709551616.0) ==
          whole("18446744073709551616", "0 to 18446744073709551615"));
    CHECK(memory.refused("k", 2) == "2: a bool is 0 or 1");
    CHECK(memory.refused("f", 1e39) == "1e+39: it holds numbers up to 3.4e38");
    CHECK(memory.refused("l", 1e39) == "1e+39: it holds numbers up to 3.4e38");
    CHECK(memory.refused("n", 0) == "it is no number");
    CHECK(memory.refused("z", 0) ==
          "the state has no such field, it has f, d, a, b, c, e, g, h, i, j, k, l, m, n");
    memory.bytes.pop_back();
    CHECK(memory.refused("f", 0) == "the state has 87 bytes, its layout 88");
    CHECK(refusal(Fault::invalid_argument, [&] { (void)memory.text("f"); }) ==
          "the state has 87 bytes, its layout 88");
}

TEST_CASE("elements of arrays and parts of structs have names, too") {
    Memory memory{
        "gain:f4:0;band:{f:f8:0;q:f4:8;on:b1:12;size:16}[2]:8;past:i2[4][2]:40;"
        "line:f4[9]:56;size:92"};
    memory.set("band[1].f", 440);
    CHECK(memory.at<double>(24) == 440);
    memory.set("past[3][1]", -1);
    CHECK(memory.at<std::int16_t>(54) == -1);
    memory.set("past[1][0]", 5);
    CHECK(memory.at<std::int16_t>(44) == 5);
    CHECK(memory.text("past") == "[[0, 0], [5, 0], [0, 0], [0, -1]]");
    CHECK(memory.text("past[3]") == "[0, -1]");
    CHECK(memory.text("band[1]") == "{f: 440, q: 0, on: false}");
    CHECK(memory.text("band") == "[{f: 0, q: 0, on: false}, {f: 440, q: 0, on: false}]");
    memory.set("band[0].q", 0.5);
    memory.set("band[0].on", 1);
    CHECK(memory.text("band[0]") == "{f: 0, q: 0.5, on: true}");
    memory.set("band[0].on", 0);
    CHECK(memory.text("band[0].on") == "false");
    CHECK(memory.text("line") == "[0, 0, 0, 0, 0, 0, 0, 0, ...]");

    CHECK(memory.refused("line", 1) == "it is an array, and one number is for one element");
    CHECK(memory.refused("past[1]", 1) == "it is an array, and one number is for one element");
    CHECK(memory.refused("band[0]", 1) == "it has parts: name one of them");
    CHECK(memory.refused("band.f", 1) == "band has no parts with names");
    CHECK(memory.refused("gain.f", 1) == "gain has no parts with names");
    CHECK(memory.refused("gain[0]", 1) == "gain has no such index");
    CHECK(memory.refused("line[9]", 1) == "an index is 9, it has to be below 9");
    for (const char* path : {"line[", "line[]", "line[-1]", "line[1", "line[x]"}) {
        CHECK(memory.refused(path, 1) == "an index is a number in brackets");
    }
    CHECK(memory.refused("line[1]x", 1) == "a field is name, name[0] or name.part");
    CHECK(memory.refused("band[0].", 1) == "the state has no such field, it has f, q, on");
    CHECK(memory.refused("", 1) == "the state has no such field, it has gain, band, past, line");
}

TEST_CASE("a library that says what its state is gives a new one") {
    const SharedLibrary library{described_library};
    const CallbackState state = library.state_of("stereo_gain");
    CHECK(state.layout.size == 8);
    CHECK(state.hash == 0xa8208f2ae9ffbbe4);
    CHECK(state.text("gain") == "0.5");
    CHECK(state.text("channels") == "2");
    CHECK(reinterpret_cast<std::uintptr_t>(state.memory.get()) % 64 == 0);

    // One of its own each time.
    state.set("gain", 3);
    CHECK(library.state_of("stereo_gain").text("gain") == "0.5");
    const CallbackState copy = state;
    CHECK(copy.text("gain") == "3");

    CHECK(library.state_of("planar_delay").text("past") == "[0, 0.25, 0, 0]");
    CHECK(SharedLibrary{misdescribed_library}.state_of("zeros").text("right") == "0");
    // A description may leave the size to the layout.
    CHECK(SharedLibrary{misdescribed_library}.state_of("no_size").text("right") == "2");
}

TEST_CASE("a callback keeps the state that it is given") {
    const SharedLibrary library{described_library};
    RawCallback callback;
    std::weak_ptr<std::byte> kept;
    {
        const CallbackState state = library.state_of("stereo_gain");
        callback = library.callback("stereo_gain", state);
        CHECK(callback.user_data == state.memory.get());
        CHECK(callback.name == described_library + ": stereo_gain");
        kept = state.memory;
    }
    CHECK_FALSE(kept.expired());
    callback = {};
    CHECK(kept.expired());

    CallbackState other = library.state_of("planar_delay");
    CHECK(refusal(Fault::state_mismatch, [&] { (void)library.callback("stereo_gain", other); }) ==
          "it works on 8 bytes, the state has 32");
}

TEST_CASE("what a library says wrongly of its state, or not at all, is an error") {
    const SharedLibrary library{misdescribed_library};
    const auto unreadable = [&](const char* symbol) {
        return refusal(Fault::unknown_description, [&] { (void)library.state_of(symbol); });
    };
    CHECK(unreadable("other_size") ==
          "its state has 12 bytes, the layout \"left:f4:0;right:f4:4;size:8\" 8");
    CHECK(unreadable("other_layout") ==
          "its state has the hash 0xa8208f2ae9ffbbe4, the layout \"left:f4:0;right:f4:4;size:8\" "
          "0x121c64cd73909cdf");
    CHECK(unreadable("no_layout") ==
          "the layout of its state, character 4 after \"two\": a : is missing");
#if defined(__GLIBC__)
    CHECK(unreadable("endless") == "the layout of its state has no end");
    CHECK(unreadable("too_few") == "a new state has 4 bytes, its layout says 8");
#endif
    for (const char* symbol : {"longer", "layout_code", "not_there_at_all"}) {
        CHECK(refusal(Fault::symbol_not_found, [&] { (void)library.state_of(symbol); }) ==
              "the library does not say what its state is, in a symbol _portspan_state");
    }
    CHECK(error_of([&] { (void)library.state_of(nullptr); })->code() == Fault::symbol_not_found);
}
