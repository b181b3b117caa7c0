//! tokio's bounded `mpsc`, whose `send` waits for room. Each send has a sender of its own.

use std::{cell::RefCell, future::poll_fn, rc::Rc};

use rust_channels::{serve, Channel, Pull, Sending};
use tokio::sync::mpsc::{channel, Receiver, Sender};

struct Mpsc(Option<Sender<Vec<u8>>>, Rc<RefCell<Receiver<Vec<u8>>>>);

impl Channel for Mpsc {
    fn push(&mut self, _chunk: Vec<u8>) -> bool {
        unreachable!()
    }
    fn send(&mut self, chunk: Vec<u8>) -> Option<Sending> {
        let sender = self.0.clone();
        Some(Box::pin(async move {
            let sent = match sender {
                Some(sender) => sender.send(chunk).await.map_err(|_| "Stream deleted"),
                None => Err("Stream closed"),
            };
            sent.map_err(String::from)
        }))
    }
    fn pull(&mut self) -> Pull {
        let receiver = self.1.clone();
        Box::pin(poll_fn(move |context| receiver.borrow_mut().poll_recv(context)))
    }
    fn close(&mut self) {
        self.0 = None
    }
    fn is_full(&mut self) -> bool {
        self.0.as_ref().map_or(false, |sender| sender.capacity() == 0)
    }
    fn delete(&mut self) {
        self.1.borrow_mut().close()
    }
}

fn main() {
    serve("tokio mpsc, send", env!("TOKIO"), &["error"], 16, || {
        let (sender, receiver) = channel(16);
        Box::new(Mpsc(Some(sender), Rc::new(RefCell::new(receiver))))
    })
}
