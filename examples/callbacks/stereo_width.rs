// SPDX-License-Identifier: MIT
//! Wider stereo, or narrower: rustc --crate-type cdylib -C panic=abort -O stereo_width.rs
use std::os::raw::{c_int, c_ulong, c_void};

#[repr(C)]
pub struct Width {
    width: f32, // 0: mono, 1: as it was
}

/// # Safety
/// Called with the buffers of a stream that is as the description says.
#[no_mangle]
pub unsafe extern "C" fn stereo_width(
    input: *const [f32; 2], output: *mut [f32; 2], frames: c_ulong,
    _time: *const c_void, _status: c_ulong, state: *const Width,
) -> c_int {
    let width = state.as_ref().map_or(2.0, |state| state.width);
    let output = std::slice::from_raw_parts_mut(output, frames as usize);
    output.fill([0.0; 2]); // PortAudio may pass no input
    if input.is_null() { return 0; }
    let input = std::slice::from_raw_parts(input, frames as usize);
    for (y, [left, right]) in output.iter_mut().zip(input) {
        let (mid, side) = ((left + right) / 2.0, width * (left - right) / 2.0);
        *y = [mid + side, mid - side];
    }
    0 // paContinue
}

#[repr(C)]
pub struct Description { // struct portspan_description of <portspan/description.h>
    abi_and_size: [u32; 2], formats: [u32; 2], layout: u32, properties: u32,
    channels: [i32; 2], state_size_and_hash: [u64; 2], largest_block: u64, reserved: u64,
}

#[no_mangle]
pub static stereo_width_portspan: Description = Description { // float32, interleaved, not in place
    abi_and_size: [1, 64], formats: [1, 1], layout: 1, properties: 2,
    channels: [2, 2], state_size_and_hash: [4, 0], largest_block: 0, reserved: 0,
};
