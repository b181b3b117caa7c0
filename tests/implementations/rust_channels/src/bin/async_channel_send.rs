//! async-channel, whose `send` waits for room.

use async_channel::{bounded, Receiver, Sender};
use rust_channels::{serve, Channel, Pull, Sending};

struct Both(Sender<Vec<u8>>, Receiver<Vec<u8>>);

impl Channel for Both {
    fn push(&mut self, _chunk: Vec<u8>) -> bool {
        unreachable!()
    }
    fn send(&mut self, chunk: Vec<u8>) -> Option<Sending> {
        let sender = self.0.clone();
        Some(Box::pin(async move {
            sender.send(chunk).await.map_err(|_| String::from("Stream closed"))
        }))
    }
    fn pull(&mut self) -> Pull {
        let receiver = self.1.clone();
        Box::pin(async move { receiver.recv().await.ok() })
    }
    fn close(&mut self) {
        self.0.close();
    }
    fn is_full(&mut self) -> bool {
        self.0.is_full()
    }
    fn delete(&mut self) {
        self.1.close();
    }
}

fn main() {
    serve("async-channel (Rust), send", env!("ASYNC_CHANNEL"), &["error"], 16, || {
        let (sender, receiver) = bounded(16);
        Box::new(Both(sender, receiver))
    })
}
