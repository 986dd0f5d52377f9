// SPDX-License-Identifier: MIT
#include <portspan/find_device.hpp>
#include <portspan/mock.hpp>

#include <string>

#include "catch.hpp"
#include "error_of.hpp"

using portspan::Direction;
using portspan::Fault;
using portspan::find_device;
using portspan::find_duplex_device;
using portspan::mock::Machine;
using portspan::mock::Scope;

namespace {

const Machine two_host_apis{
    {{.type = paMME,
      .name = "MME",
      .devices =
          {{"USB Audio", 2, 2}, {"usb audio loopback", 1, 0}, {"HDMI", 0, 8}, {"Speakers", 0, 2}}},
     {.type = paWASAPI,
      .name = "Windows WASAPI",
      .devices = {{"Speakers", 0, 2}, {"Speakers (rear)", 0, 2}, {"\xc3\x9c-Phone", 1, 2}}}}};

PaDeviceIndex output(const std::string& text) { return find_device(text, Direction::output).index; }

std::string refusal(Fault fault, auto find) {
    const auto error = error_of(find);
    if (!error) return "no error";
    CHECK(error->code() == fault);
    CHECK(error->call() == "find_device");
    return error->detail();
}
std::string refusal(Fault fault, const std::string& text, Direction direction) {
    return refusal(fault, [&] { static_cast<void>(find_device(text, direction)); });
}

}  // namespace

TEST_CASE("a device is found by its exact name") {
    const Scope audio{two_host_apis};
    CHECK(output("HDMI") == 2);
    CHECK(output("Speakers (rear)") == 5);
    CHECK(find_device("USB Audio", Direction::input).index == 0);
}

TEST_CASE("the exact name wins over the same name in other letters") {
    const Scope audio{{{{.devices = {{"usb"}, {"USB"}, {"Usb"}}}}}};
    CHECK(output("USB") == 1);
    CHECK(output("usb") == 0);
    CHECK_THAT(refusal(Fault::ambiguous_device, "uSB", Direction::output),
               ContainsSubstring("\"usb\" (Mock, index 0), \"USB\" (Mock, index 1), \"Usb\""));
}

TEST_CASE("a name in other letters, or with its host API, wins over parts") {
    const Scope audio{two_host_apis};
    CHECK(find_device("usb AUDIO", Direction::input).index == 0);
    CHECK(output("Speakers, Windows WASAPI") == 4);  // and not the rear ones
    CHECK(output("speakers, mme") == 3);
}

TEST_CASE("words have to stand in the name and the host API, in their order") {
    const Scope audio{two_host_apis};
    CHECK(output("hd") == 2);
    CHECK(output("  rear\twasapi ") == 5);
    CHECK(find_device("loop", Direction::input).index == 1);
    CHECK(output("usb mme") == 0);
    CHECK(output("speak rear was") == 5);
    CHECK_THAT(
        refusal(Fault::unknown_device, "wasapi rear", Direction::output),
        ContainsSubstring("there are \"USB Audio\" (MME), \"HDMI\" (MME), \"Speakers\" (MME), "
                          "\"Speakers\" (Windows WASAPI)"));
    // Each word behind the one before, not in it.
    CHECK(output("speakers rear") == 5);
    CHECK(refusal(Fault::unknown_device, "hdmi hdmi", Direction::output) != "no error");
}

TEST_CASE("a device is only found in its direction") {
    const Scope audio{two_host_apis};
    CHECK(output("usb") == 0);
    CHECK(refusal(Fault::unknown_device, "hdmi", Direction::input) ==
          "input \"hdmi\": there are \"USB Audio\" (MME), \"usb audio loopback\" (MME), "
          "\"\xc3\x9c-Phone\" (Windows WASAPI)");
}

TEST_CASE("a duplex device has both directions") {
    const Scope audio{two_host_apis};
    CHECK(find_duplex_device("usb").index == 0);
    CHECK(find_duplex_device("phone").index == 6);
    CHECK(refusal(Fault::unknown_device, [] { (void)find_duplex_device("HDMI"); }) ==
          "duplex \"HDMI\": there are \"USB Audio\" (MME), \"\xc3\x9c-Phone\" (Windows WASAPI)");
}

TEST_CASE("upper and lower case are alike in ASCII only") {
    Scope audio{{{{.devices = {{"[AZ]"}, {"@{"}}}}}};
    CHECK(output("[az]") == 0);
    CHECK(refusal(Fault::unknown_device, "`{", Direction::output) != "no error");
    CHECK(refusal(Fault::unknown_device, "{az}", Direction::output) != "no error");
    audio.machine(two_host_apis);
    CHECK(output("\xc3\x9c-PHONE") == 6);
    CHECK(refusal(Fault::unknown_device, "\xc3\xbc-phone", Direction::output) != "no error");
}

TEST_CASE("what several devices fit is an error that tells them apart") {
    const Scope audio{two_host_apis};
    CHECK(refusal(Fault::ambiguous_device, "Speakers", Direction::output) ==
          "output \"Speakers\": there are \"Speakers\" (MME, index 3), "
          "\"Speakers\" (Windows WASAPI, index 4)");
    CHECK_THROWS_WITH(find_device("usb", Direction::input),
                      "find_device: more than one device fits (input \"usb\": there are "
                      "\"USB Audio\" (MME, index 0), \"usb audio loopback\" (MME, index 1))");
}

TEST_CASE("a text without a word fits nothing") {
    const Scope audio{{{{.devices = {{"only one"}}}}}};
    CHECK(output("one") == 0);
    CHECK(refusal(Fault::unknown_device, "", Direction::output) ==
          "output \"\": there are \"only one\" (Mock)");
    CHECK(refusal(Fault::unknown_device, " \t", Direction::output) != "no error");
}

TEST_CASE("without devices there is nothing to be listed") {
    const Scope audio{Machine::without_devices()};
    CHECK(refusal(Fault::unknown_device, "x", Direction::output) ==
          "output \"x\": there is no device at all");
    CHECK(refusal(Fault::unknown_device, [] { (void)find_duplex_device("x"); }) ==
          "duplex \"x\": there is no device at all");
}
