// Protocol 1 on stdin and stdout. A push is refused where there is no room, or with `wait` waits.
// One thread does everything: who goes on stands in its line, and it is quiet once that is empty.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;

class Line : SynchronizationContext {
  readonly Queue<Action> waiting = new Queue<Action>();

  public override void Post(SendOrPostCallback goOn, object with) { waiting.Enqueue(() => goOn(with)); }

  public void UntilQuiet() { while (waiting.Count > 0) waiting.Dequeue()(); }
}

// A send, with its number once it waits, and how it ended once it has.
class Sending {
  public readonly CancellationTokenSource Give = new CancellationTokenSource();
  public int Number;
  public object[] How;
}

class Exchange {
  static readonly Line line = new Line();
  static bool waits;
  readonly SortedDictionary<int, Stream> streams = new SortedDictionary<int, Stream>();
  readonly List<CancellationTokenSource> pulls = new List<CancellationTokenSource>();
  readonly List<Sending> waiting = new List<Sending>();
  readonly List<object> settled = new List<object>();
  int created;

  static void Main(string[] arguments) {
    SynchronizationContext.SetSynchronizationContext(line);
    waits = arguments.Contains("wait");
    for (string text; (text = Console.ReadLine()) != null;) {
      var ask = JsonDocument.Parse(text).RootElement;
      var command = ask.GetProperty("cmd").GetString();
      if (command == "stop") return;
      Console.WriteLine(JsonSerializer.Serialize(command == "start" ? Hello() : Through(ask)));
    }
  }

  static object Hello() => new {
    protocol = 1,
    settle = "exact",
    implementation = new {
      name = waits ? Stream.Name + ", WriteAsync" : Stream.Name,
      version = Environment.Version.ToString(),
      language = "C#",
    },
    capabilities = waits ? new[] { "cancel", "cancel_push" } : new[] { "cancel" },
    limits = new { high_water_mark = (1L << 53) - 1, max_queue_chunks = Stream.Chunks },
  };

  static object Through(JsonElement ask) {
    var run = new Exchange();
    var trace = ask.GetProperty("program").EnumerateArray().Select(run.Turn).ToArray();
    return new { seq = ask.GetProperty("seq").GetInt64(), trace, late = new object[0] };
  }

  object Turn(JsonElement turn) {
    var together = turn[0].GetString() == "together";
    var ops = together ? turn.EnumerateArray().Skip(1).ToArray() : new[] { turn };
    var returned = ops.Select(Do).ToArray();
    line.UntilQuiet();
    var after = returned.Select(After).ToArray();
    var entry = new object[] { together ? after : after[0], settled.ToArray() };
    settled.Clear();
    return entry;
  }

  object After(object returned) {
    if (!(returned is Sending send)) return returned;
    if (send.How != null) return send.How[0].Equals("accepted");
    waiting.Add(send);
    send.Number = waiting.Count;
    return null;
  }

  object Do(JsonElement op) {
    var name = op[0].GetString();
    var id = op.GetArrayLength() > 1 ? op[1].GetInt32() : 0;
    streams.TryGetValue(id, out var stream);
    switch (name) {
      case "create": streams[++created] = new Stream(); return created;
      case "pull": Pull(stream); return null;
      case "clear": foreach (var each in streams.Keys.ToArray()) Delete(each); return null;
      case "cancel_pull": if (0 < id && id <= pulls.Count) pulls[id - 1].Cancel(); return null;
      case "cancel_push": return 0 < id && id <= waiting.Count && GiveUp(waiting[id - 1]);
      case "push": return stream != null && !waits ? stream.Push(op[2].GetBytesFromBase64()) : Send(stream, op);
      case "close": stream?.Close(); return null;
      case "error": stream?.Error(op[2].GetString()); return null;
      case "is_queue_full": return stream == null || stream.IsFull();
      case "delete": Delete(id); return null;
      default: throw new ArgumentException("unknown op " + name);
    }
  }

  void Delete(int id) {
    if (streams.Remove(id, out var stream)) stream.Delete();
  }

  async void Pull(Stream stream) {
    var give = new CancellationTokenSource();
    pulls.Add(give);
    var pull = pulls.Count;
    try {
      if (stream == null) throw new ChannelClosedException();
      var chunk = await stream.Pull(give.Token);
      settled.Add(new object[] { pull, "value", chunk });
    } catch (ChannelClosedException end) {
      var error = end.InnerException;
      settled.Add(error == null ? new object[] { pull, "done" } : new object[] { pull, "error", error.Message });
    } catch (OperationCanceledException) { }
  }

  object Send(Stream stream, JsonElement op) {
    if (stream == null) return false;
    var send = new Sending();
    Await(send, stream.Send(op[2].GetBytesFromBase64(), send.Give.Token));
    return send;
  }

  async void Await(Sending send, ValueTask sent) {
    try {
      await sent;
      send.How = new object[] { "accepted" };
    } catch (ChannelClosedException end) {
      send.How = new object[] { "turned_away", end.InnerException?.Message ?? "Stream closed" };
    } catch (OperationCanceledException) { send.How = GivenUp; }
    if (send.Number > 0 && send.How != GivenUp) settled.Add(new object[] { "push", send.Number }.Concat(send.How));
  }

  static readonly object[] GivenUp = { "given_up" };

  static bool GiveUp(Sending send) {
    var waited = send.How == null;
    send.Give.Cancel();
    line.UntilQuiet();
    return waited && send.How == GivenUp;
  }
}
