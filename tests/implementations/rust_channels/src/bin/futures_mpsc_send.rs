//! The bounded `mpsc` of futures, whose sink's `send` waits for room. Each send has a sender of its own.

use std::{cell::RefCell, future::poll_fn, pin::Pin, rc::Rc};

use futures::{channel::mpsc::*, SinkExt, Stream};
use rust_channels::{serve, Channel, Pull, Sending};

struct Mpsc(Sender<Vec<u8>>, Rc<RefCell<Receiver<Vec<u8>>>>);

impl Channel for Mpsc {
    fn push(&mut self, _chunk: Vec<u8>) -> bool {
        unreachable!()
    }
    fn send(&mut self, chunk: Vec<u8>) -> Option<Sending> {
        let mut sender = self.0.clone();
        Some(Box::pin(async move {
            sender.send(chunk).await.map_err(|_| "Stream closed".to_string())
        }))
    }
    fn pull(&mut self) -> Pull {
        let receiver = self.1.clone();
        Box::pin(poll_fn(move |context| Pin::new(&mut *receiver.borrow_mut()).poll_next(context)))
    }
    fn close(&mut self) {
        self.0.close_channel()
    }
    fn delete(&mut self) {
        self.1.borrow_mut().close()
    }
}

fn main() {
    serve("futures mpsc, send", env!("FUTURES"), &["error", "is_queue_full"], 16, || {
        let (sender, receiver) = channel(16);
        Box::new(Mpsc(sender, Rc::new(RefCell::new(receiver))))
    })
}
