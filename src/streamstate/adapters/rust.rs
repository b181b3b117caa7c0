// Adapter of a stream state registry in Rust, wire protocol 1: cargo add serde_json data-encoding.
// For your own registry change `mod registry`, `hello` and the calls in `run`. What `pull` returns
// is a future that owns all it needs: Ok(Some(chunk)), Ok(None) at the end, or Err(message). What
// `push` takes and what `pull` brings is owned, so there is no memory to lend: it cannot be shared.
mod registry; // Registry: new, create() -> u32, push(u32, Vec<u8>) -> bool, … see docs/how-to
use data_encoding::BASE64;
use serde_json::{json, Value};
use std::{future::*, panic::*, pin::Pin, sync::mpsc, sync::Arc, task::*};
type Pull = Pin<Box<dyn Future<Output = Result<Option<Vec<u8>>, String>>>>;
struct Bell(usize, mpsc::Sender<usize>); // rings when its pull can go on
impl Wake for Bell { fn wake(self: Arc<Self>) { self.1.send(self.0).unwrap_or(()) } }
fn caught<T>(call: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|panic| match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => panic.downcast_ref::<&str>().unwrap_or(&"a panic").to_string(),
    })
}
fn run(ask: &Value) -> Option<Value> {
    let (mut registry, mut pulls, mut trace) = (registry::Registry::new(), vec![], vec![]);
    let (bell, rung) = mpsc::channel();
    for turn in ask["program"].as_array()? {
        let together = turn[0] == "together"; // ops with no poll between them
        let (mut all, alone) = (vec![], std::slice::from_ref(turn));
        for op in if together { &turn.as_array()?[1..] } else { alone } {
            let (id, text) = (op[1].as_u64().unwrap_or(0) as u32, op[2].as_str().unwrap_or(""));
            let pulls_more = op[0] == "pull"; // numbered also if it panics
            if pulls_more { pulls.push(Box::pin(pending()) as Pull) }
            let call = || Some(match op[0].as_str()? {
                "create" => json!(registry.create()),
                "push" => json!(registry.push(id, BASE64.decode(text.as_bytes()).ok()?)),
                "pull" => json!(*pulls.last_mut()? = Box::pin(registry.pull(id))),
                "close" => json!(registry.close(id)),
                "error" => json!(registry.error(id, text.to_string())),
                "is_queue_full" => json!(registry.is_queue_full(id)), // behind it: "get"
                "delete" => json!(registry.delete(id)),
                "clear" => json!(registry.clear()),
                _ => return None,
            });
            all.push(caught(call).unwrap_or_else(|panic| Some(json!({"threw": panic})))?);
            let _ = pulls_more.then(|| bell.send(pulls.len()));
        }
        let settle = |n: usize| {
            let waker = Arc::new(Bell(n, bell.clone())).into();
            let poll = || pulls[n - 1].as_mut().poll(&mut Context::from_waker(&waker));
            let settled = match caught(poll).unwrap_or_else(|panic| Poll::Ready(Err(panic))) {
                Poll::Pending => return None,
                Poll::Ready(Ok(Some(chunk))) => json!([n, "value", BASE64.encode(&chunk)]),
                Poll::Ready(Ok(None)) => json!([n, "done"]),
                Poll::Ready(Err(message)) => json!([n, "error", message]),
            };
            pulls[n - 1] = Box::pin(pending()); // it may have been woken twice
            Some(settled)
        };
        let settled: Vec<_> = rung.try_iter().filter_map(settle).collect(); // until none can go on
        trace.push(json!([if together { json!(all) } else { all.remove(0) }, settled]));
    }
    Some(json!({"seq": ask["seq"], "trace": trace, "late": []}))
}
fn main() {
    let hello = json!({"protocol": 1, "capabilities": ["together"], "settle": "exact",
        "implementation": {"name": "registry.rs", "version": "1.0.0", "language": "Rust"}});
    for line in std::io::stdin().lines() {
        let ask: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let answer = run(&ask).unwrap_or(json!({"seq": ask["seq"], "failed": "unknown op"}));
        if ask["cmd"] == "stop" { return }
        println!("{}", if ask["cmd"] == "start" { &hello } else { &answer });
    }
}
