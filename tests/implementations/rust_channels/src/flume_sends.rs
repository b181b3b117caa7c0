//! flume, whose `into_send_async` waits for room. Each send has a sender of its own.

use crate::{serve, Channel, Pull, Sending};
use flume::{bounded, Receiver, Sender};

struct Both(Option<Sender<Vec<u8>>>, Receiver<Vec<u8>>);

impl Channel for Both {
    fn push(&mut self, _chunk: Vec<u8>) -> bool {
        unreachable!()
    }
    fn send(&mut self, chunk: Vec<u8>) -> Option<Sending> {
        let sender = self.0.clone();
        Some(Box::pin(async move {
            let sent = match sender {
                Some(sender) => sender.into_send_async(chunk).await.map_err(|_| "Stream deleted"),
                None => Err("Stream closed"),
            };
            sent.map_err(String::from)
        }))
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

/// Serves channels with room for so many chunks.
pub fn serve_with_room_for<const CHUNKS: usize>(name: &str) {
    serve(name, env!("FLUME"), &["error"], CHUNKS as u64, || {
        let (sender, receiver) = bounded(CHUNKS);
        Box::new(Both(Some(sender), receiver))
    })
}
