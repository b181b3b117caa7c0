import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** A small stream state registry in Java, in the dialect reference. The Java starter is tried on it. */
public class Registry {
  /** What get shows of a stream. */
  public record View(List<byte[]> queue, int queueSize, boolean closed, boolean errored,
      boolean pullWaiting, String error) {}

  private static final class Stream {
    final ArrayDeque<byte[]> queue = new ArrayDeque<>();
    boolean closed;
    Throwable reason;
    CompletableFuture<byte[]> waiting;

    /** Takes the waiting pull, or one that nobody awaits. */
    CompletableFuture<byte[]> taken() {
      CompletableFuture<byte[]> pull = waiting == null ? new CompletableFuture<>() : waiting;
      waiting = null;
      return pull;
    }

    int size() {
      return queue.stream().mapToInt(chunk -> chunk.length).sum();
    }
  }

  private final Map<Integer, Stream> streams = new TreeMap<>();
  private int created;
  private final int highWaterMark;
  private final int maxQueueChunks;

  public Registry() {
    this(65_536, 16);
  }

  public Registry(int highWaterMark, int maxQueueChunks) {
    this.highWaterMark = highWaterMark;
    this.maxQueueChunks = maxQueueChunks;
  }

  public int create() {
    streams.put(++created, new Stream());
    return created;
  }

  public boolean push(int id, byte[] chunk) {
    Stream stream = streams.get(id);
    if (stream == null || stream.closed || stream.reason != null) return false;
    byte[] own = chunk.clone();
    if (stream.waiting != null) stream.taken().complete(own);
    else stream.queue.add(own);
    return true;
  }

  /** Brings a chunk, or null at the end, or fails. */
  public CompletableFuture<byte[]> pull(int id) {
    Stream stream = streams.get(id);
    if (stream == null) return CompletableFuture.completedFuture(null);
    if (stream.reason != null) return CompletableFuture.failedFuture(stream.reason);
    if (!stream.queue.isEmpty()) return CompletableFuture.completedFuture(stream.queue.remove());
    if (stream.closed) return CompletableFuture.completedFuture(null);
    stream.taken().completeExceptionally(new Exception("Pull superseded"));
    stream.waiting = new CompletableFuture<>();
    return stream.waiting;
  }

  public void close(int id) {
    Stream stream = streams.get(id);
    if (stream == null) return;
    stream.closed = true;
    stream.taken().complete(null);
  }

  public void error(int id, Throwable reason) {
    Stream stream = streams.get(id);
    if (stream == null) return;
    stream.reason = reason;
    stream.taken().completeExceptionally(reason);
  }

  public boolean isQueueFull(int id) {
    Stream stream = streams.get(id);
    return stream == null || stream.size() >= highWaterMark
        || stream.queue.size() >= maxQueueChunks;
  }

  /** What the stream is, null where it is unknown. */
  public View get(int id) {
    Stream stream = streams.get(id);
    if (stream == null) return null;
    String error = stream.reason == null ? null : stream.reason.getMessage();
    return new View(List.copyOf(stream.queue), stream.size(), stream.closed, error != null,
        stream.waiting != null, error);
  }

  public void delete(int id) {
    Stream stream = streams.remove(id);
    if (stream != null) stream.taken().completeExceptionally(new Exception("Stream deleted"));
  }

  public void clear() {
    List.copyOf(streams.keySet()).forEach(this::delete);
  }
}
