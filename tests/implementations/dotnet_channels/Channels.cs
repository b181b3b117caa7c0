using System;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;

// A bounded channel of .NET. Its end is a ChannelClosedException, with the error inside if there was
// one.
class Stream {
  public const int Chunks = 16;
  public const string Name = "Channel of .NET";
  readonly Channel<byte[]> channel = Channel.CreateBounded<byte[]>(Chunks);

  public bool Push(byte[] chunk) => channel.Writer.TryWrite(chunk);

  public ValueTask Send(byte[] chunk, CancellationToken give) => channel.Writer.WriteAsync(chunk, give);

  public ValueTask<byte[]> Pull(CancellationToken give) => channel.Reader.ReadAsync(give);

  public void Close() { channel.Writer.TryComplete(); }

  public void Error(string message) { channel.Writer.TryComplete(new Exception(message)); }

  public void Delete() { Error("Stream deleted"); }

  // Its readers have no Count before .NET 5. So somebody asks to wait for room, and gives it up.
  public bool IsFull() {
    using (var asked = new CancellationTokenSource()) {
      var room = channel.Writer.WaitToWriteAsync(asked.Token);
      asked.Cancel();
      return room.IsCanceled;
    }
  }
}
