//! The bounded `mpsc` of futures. It has one receiver, which pulls share: each polls `poll_next`.

use std::{cell::RefCell, future::poll_fn, pin::Pin, rc::Rc};

use futures::{channel::mpsc::*, Stream};
use rust_channels::{serve, Channel, Pull};

struct Mpsc(Sender<Vec<u8>>, Rc<RefCell<Receiver<Vec<u8>>>>);

impl Channel for Mpsc {
    fn push(&mut self, chunk: Vec<u8>) -> bool {
        self.0.try_send(chunk).is_ok()
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
    // It has room for its buffer and one more for each sender.
    serve("futures mpsc", env!("FUTURES"), &["error", "is_queue_full"], 17, || {
        let (sender, receiver) = channel(16);
        Box::new(Mpsc(sender, Rc::new(RefCell::new(receiver))))
    })
}
