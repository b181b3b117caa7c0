//! flume, whose receivers are many: each pull is an `into_recv_async` of one of its own.

use flume::{bounded, Receiver, Sender};
use rust_channels::{serve, Channel, Pull};

struct Both(Option<Sender<Vec<u8>>>, Receiver<Vec<u8>>);

impl Channel for Both {
    fn push(&mut self, chunk: Vec<u8>) -> bool {
        self.0.as_ref().map_or(false, |sender| sender.try_send(chunk).is_ok())
    }
    fn pull(&mut self) -> Pull {
        let receiver = self.1.clone();
        Box::pin(async move { receiver.into_recv_async().await.ok() })
    }
    fn close(&mut self) {
        self.0 = None
    }
    fn is_full(&mut self) -> bool {
        self.1.is_full()
    }
}

fn main() {
    serve("flume", env!("FLUME"), &["error"], 16, || {
        let (sender, receiver) = bounded(16);
        Box::new(Both(Some(sender), receiver))
    })
}
