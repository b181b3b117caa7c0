//! flume with room for sixteen chunks.

fn main() {
    rust_channels::flume_sends::serve_with_room_for::<16>("flume, send")
}
