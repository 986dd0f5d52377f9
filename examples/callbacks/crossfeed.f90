! SPDX-License-Identifier: MIT
! Stereo for headphones, a little of each side in the other: gfortran -shared -fPIC -O2 crossfeed.f90
module crossfeed_callback
  use, intrinsic :: iso_c_binding
  implicit none

  type, bind(C) :: feed
    real(c_float) :: amount  ! 0: none, 1: mono
  end type

  type, bind(C) :: description  ! struct portspan_description of <portspan/description.h>
    integer(c_int32_t) :: abi_version, size, input_format, output_format, layout, properties
    integer(c_int32_t) :: input_channels, output_channels
    integer(c_int64_t) :: state_size, state_hash, largest_block, reserved
  end type

  ! float32, interleaved, not in place, two channels in and out, a state of 4 bytes
  type(description), bind(C) :: crossfeed_portspan = description(1, 64, 1, 1, 1, 2, 2, 2, 4, 0, 0, 0)

contains

  integer(c_int) function crossfeed(input, output, frames, time, status, state) bind(C)
    integer(c_long), value :: frames, status  ! as large as C's unsigned long
    real(c_float), intent(in), optional :: input(2, frames)  ! PortAudio may pass none
    real(c_float), intent(out) :: output(2, frames)
    type(c_ptr), value :: time
    type(feed), intent(in), optional :: state
    real(c_float) :: other

    other = 0.25
    if (present(state)) other = 0.5 * state%amount
    output = 0
    if (present(input)) output = (1 - other) * input + other * input(2:1:-1, :)
    crossfeed = 0  ! paContinue
  end function
end module
