//! A small stream state registry in Rust, in the dialect `reference`, beside which the Rust starter
//! is tried. What `pull` returns is a future on which no runtime has to be.

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

pub type Outcome = Result<Option<Vec<u8>>, String>;

/// Where a pull and its stream meet.
#[derive(Default)]
struct Meeting {
    outcome: Option<Outcome>,
    waker: Option<Waker>,
}

pub struct Pull(Arc<Mutex<Meeting>>);

impl Pull {
    fn settled(outcome: Outcome) -> Pull {
        let pull = Pull(Arc::default());
        settle(&pull.0, outcome);
        pull
    }
}

impl Future for Pull {
    type Output = Outcome;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Outcome> {
        let mut meeting = self.0.lock().unwrap();
        match meeting.outcome.take() {
            Some(outcome) => Poll::Ready(outcome),
            None => {
                meeting.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

fn settle(meeting: &Mutex<Meeting>, outcome: Outcome) {
    let mut meeting = meeting.lock().unwrap();
    meeting.outcome = Some(outcome);
    if let Some(waker) = meeting.waker.take() {
        waker.wake();
    }
}

#[derive(Default)]
struct Stream {
    queue: VecDeque<Vec<u8>>,
    size: usize,
    closed: bool,
    error: Option<String>,
    waiting: Option<Arc<Mutex<Meeting>>>,
}

impl Stream {
    fn settle(&mut self, outcome: Outcome) {
        if let Some(meeting) = self.waiting.take() {
            settle(&meeting, outcome);
        }
    }
}

/// What the registry shows of a stream.
#[allow(dead_code)] // only where the adapter offers it
pub struct View {
    pub queue: Vec<Vec<u8>>,
    pub queue_size: usize,
    pub closed: bool,
    pub errored: bool,
    pub pull_waiting: bool,
    pub error: Option<String>,
}

pub struct Registry {
    created: u32,
    streams: BTreeMap<u32, Stream>,
    high_water_mark: usize,
    max_queue_chunks: usize,
}

impl Registry {
    pub fn new() -> Registry {
        Registry::with_limits(65_536, 16)
    }

    pub fn with_limits(high_water_mark: usize, max_queue_chunks: usize) -> Registry {
        Registry { created: 0, streams: BTreeMap::new(), high_water_mark, max_queue_chunks }
    }

    pub fn create(&mut self) -> u32 {
        self.created += 1;
        self.streams.insert(self.created, Stream::default());
        self.created
    }

    pub fn push(&mut self, id: u32, chunk: Vec<u8>) -> bool {
        match self.streams.get_mut(&id) {
            Some(stream) if !stream.closed && stream.error.is_none() => {
                if stream.waiting.is_some() {
                    stream.settle(Ok(Some(chunk)));
                } else {
                    stream.size += chunk.len();
                    stream.queue.push_back(chunk);
                }
                true
            }
            _ => false,
        }
    }

    pub fn pull(&mut self, id: u32) -> Pull {
        let stream = match self.streams.get_mut(&id) {
            Some(stream) => stream,
            None => return Pull::settled(Ok(None)),
        };
        if let Some(error) = &stream.error {
            return Pull::settled(Err(error.clone()));
        }
        if let Some(chunk) = stream.queue.pop_front() {
            stream.size -= chunk.len();
            return Pull::settled(Ok(Some(chunk)));
        }
        if stream.closed {
            return Pull::settled(Ok(None));
        }
        stream.settle(Err("Pull superseded".into()));
        let pull = Pull(Arc::default());
        stream.waiting = Some(pull.0.clone());
        pull
    }

    pub fn close(&mut self, id: u32) {
        if let Some(stream) = self.streams.get_mut(&id) {
            stream.closed = true;
            stream.settle(Ok(None));
        }
    }

    pub fn error(&mut self, id: u32, message: String) {
        if let Some(stream) = self.streams.get_mut(&id) {
            stream.settle(Err(message.clone()));
            stream.error = Some(message);
        }
    }

    pub fn is_queue_full(&self, id: u32) -> bool {
        match self.streams.get(&id) {
            Some(stream) => {
                stream.size >= self.high_water_mark || stream.queue.len() >= self.max_queue_chunks
            }
            None => true,
        }
    }

    #[allow(dead_code)]
    pub fn get(&self, id: u32) -> Option<View> {
        self.streams.get(&id).map(|stream| View {
            queue: stream.queue.iter().cloned().collect(),
            queue_size: stream.size,
            closed: stream.closed,
            errored: stream.error.is_some(),
            pull_waiting: stream.waiting.is_some(),
            error: stream.error.clone(),
        })
    }

    pub fn delete(&mut self, id: u32) {
        if let Some(mut stream) = self.streams.remove(&id) {
            stream.settle(Err("Stream deleted".into()));
        }
    }

    pub fn clear(&mut self) {
        for id in self.streams.keys().copied().collect::<Vec<_>>() {
            self.delete(id);
        }
    }
}
