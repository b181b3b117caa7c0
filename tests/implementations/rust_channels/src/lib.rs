//! Protocol 1 on stdin and stdout, for channels of a crate, on no runtime: what can go on is polled.
//!
//! A channel is no registry. So the table of numbers, with its unknown streams and its `clear`, is
//! made here and the same for all.

pub mod flume_sends;

use std::collections::BTreeMap;
use std::future::{pending, Future};
use std::io::{stdin, BufRead};
use std::pin::Pin;
use std::sync::{mpsc, Arc};
use std::task::{Context, Poll, Wake};

use data_encoding::BASE64;
use serde_json::{json, Value};

/// A pull: a chunk, or None at the end. Dropping it gives it up.
pub type Pull = Pin<Box<dyn Future<Output = Option<Vec<u8>>>>>;

/// A push that waits for room, or why it will never be. Dropping it gives it up.
pub type Sending = Pin<Box<dyn Future<Output = Result<(), String>>>>;

/// One channel. What a crate has nothing like is lacking, and never called.
pub trait Channel {
    /// Whether the chunk was accepted, without waiting for room.
    fn push(&mut self, chunk: Vec<u8>) -> bool;
    /// The same, waiting for room. Where this is there, no push is asked for.
    fn send(&mut self, _chunk: Vec<u8>) -> Option<Sending> {
        None
    }
    fn pull(&mut self) -> Pull;
    fn close(&mut self);
    fn is_full(&mut self) -> bool {
        unimplemented!()
    }
    /// The table forgets the channel after this.
    fn delete(&mut self) {}
}

/// Answer for a crate's channels until `stop`; they are full with so many chunks.
pub fn serve(name: &str, version: &str, lacks: &[&str], chunks: u64, make: fn() -> Box<dyn Channel>) {
    let who = json!({"name": name, "version": version, "language": "Rust"});
    let limits = json!({"high_water_mark": (1u64 << 53) - 1, "max_queue_chunks": chunks});
    let sends = make().send(vec![]).is_some();
    let offers = if sends { json!(["cancel", "cancel_push"]) } else { json!(["cancel"]) };
    let hello = json!({"protocol": 1, "implementation": who, "capabilities": offers,
        "settle": "exact", "lacks": lacks, "limits": limits});
    for line in stdin().lock().lines() {
        let ask: Value = serde_json::from_str(&line.unwrap()).unwrap();
        match ask["cmd"].as_str() {
            Some("start") => println!("{hello}"),
            Some("run") => {
                let mut run = Run::new(make);
                let turns = ask["program"].as_array().unwrap().iter();
                let trace: Vec<Value> = turns.map(|turn| run.turn(turn)).collect();
                println!("{}", json!({"seq": ask["seq"], "trace": trace, "late": []}));
            }
            _ => return,
        }
    }
}

struct Bell(usize, mpsc::Sender<usize>); // rings when its pull, or its push, can go on

const PUSH: usize = 1 << 32; // from here on the bells are those of pushes

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.1.send(self.0).unwrap_or(())
    }
}

struct Run {
    make: fn() -> Box<dyn Channel>,
    channels: BTreeMap<u64, Box<dyn Channel>>,
    created: u64,
    pulls: Vec<Pull>,
    pushes: Vec<Option<Sending>>, // those that wait, or did
    bell: mpsc::Sender<usize>,
    rung: mpsc::Receiver<usize>,
}

impl Run {
    fn new(make: fn() -> Box<dyn Channel>) -> Run {
        let (bell, rung) = mpsc::channel();
        Run { make, channels: BTreeMap::new(), created: 0, pulls: vec![], pushes: vec![], bell, rung }
    }

    /// One turn, with nothing polled while it lasts: what it returned, and what settled after it.
    fn turn(&mut self, turn: &Value) -> Value {
        let returned = if turn[0] == "together" {
            turn.as_array().unwrap()[1..].iter().map(|op| self.op(op)).collect()
        } else {
            self.op(turn)
        };
        let mut settled = vec![];
        while let Ok(place) = self.rung.try_recv() {
            let waker = Arc::new(Bell(place, self.bell.clone())).into();
            if place >= PUSH {
                let push = &mut self.pushes[place - PUSH];
                let polled = push.as_mut().map(|push| push.as_mut().poll(&mut Context::from_waker(&waker)));
                if let Some(Poll::Ready(how)) = polled {
                    *push = None;
                    settled.push(match how {
                        Ok(()) => json!(["push", place - PUSH + 1, "accepted"]),
                        Err(message) => json!(["push", place - PUSH + 1, "turned_away", message]),
                    });
                }
                continue;
            }
            if let Poll::Ready(got) = self.pulls[place].as_mut().poll(&mut Context::from_waker(&waker)) {
                settled.push(match got {
                    Some(chunk) => json!([place + 1, "value", BASE64.encode(&chunk)]),
                    None => json!([place + 1, "done"]),
                });
                self.pulls[place] = Box::pin(pending()); // it may have been woken twice
            }
        }
        json!([returned, settled])
    }

    fn op(&mut self, op: &Value) -> Value {
        let id = op[1].as_u64().unwrap_or(0);
        let channel = self.channels.get_mut(&id);
        match op[0].as_str().unwrap() {
            "create" => {
                self.created += 1;
                self.channels.insert(self.created, (self.make)());
                json!(self.created)
            }
            "push" => {
                let chunk = BASE64.decode(op[2].as_str().unwrap().as_bytes()).unwrap();
                let Some(channel) = channel else { return json!(false) };
                let Some(mut push) = channel.send(chunk.clone()) else { return json!(channel.push(chunk)) };
                let waker = Arc::new(Bell(PUSH + self.pushes.len(), self.bell.clone())).into();
                match push.as_mut().poll(&mut Context::from_waker(&waker)) {
                    Poll::Ready(how) => json!(how.is_ok()),
                    Poll::Pending => {
                        self.pushes.push(Some(push));
                        Value::Null
                    }
                }
            }
            "cancel_push" => {
                let place = id.wrapping_sub(1) as usize;
                json!(self.pushes.get_mut(place).and_then(Option::take).is_some())
            }
            "pull" => {
                let end = || Box::pin(async { None }) as Pull;
                self.pulls.push(channel.map_or_else(end, |channel| channel.pull()));
                self.bell.send(self.pulls.len() - 1).unwrap();
                Value::Null
            }
            "close" => json!(channel.map(|channel| channel.close())),
            "is_queue_full" => json!(channel.map_or(true, |channel| channel.is_full())),
            "delete" => json!(self.channels.remove(&id).map(|mut channel| channel.delete())),
            "clear" => {
                let all = std::mem::take(&mut self.channels);
                json!(all.into_values().for_each(|mut channel| channel.delete()))
            }
            "cancel_pull" => {
                let place = id.wrapping_sub(1) as usize;
                json!(self.pulls.get_mut(place).map(|pull| *pull = Box::pin(pending())).and(None::<()>))
            }
            other => panic!("unknown op {other}"),
        }
    }
}
