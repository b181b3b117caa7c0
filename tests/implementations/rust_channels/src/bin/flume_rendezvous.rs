//! flume without a buffer: a send waits for who receives.

fn main() {
    rust_channels::flume_sends::serve_with_room_for::<0>("flume of 0, send")
}
