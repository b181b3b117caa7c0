import java.util.*;
import java.util.concurrent.*;

/**
 * Java's SubmissionPublisher with one subscriber, which asks for one more chunk at each pull. A
 * subscriber is told of the end once; the adapter tells it to every later pull. All is done on the
 * calling thread.
 */
public class Registry {
  private static class Stream implements Flow.Subscriber<byte[]> {
    final SubmissionPublisher<byte[]> publisher = new SubmissionPublisher<>(Runnable::run, 16);
    final Queue<CompletableFuture<byte[]>> waiting = new ArrayDeque<>();
    final CompletableFuture<byte[]> end = new CompletableFuture<>();
    Flow.Subscription subscription;

    Stream() { publisher.subscribe(this); }
    public void onSubscribe(Flow.Subscription given) { subscription = given; }
    public void onNext(byte[] chunk) { waiting.remove().complete(chunk); }
    public void onComplete() {
      end.complete(null);
      while (!waiting.isEmpty()) waiting.remove().complete(null);
    }
    public void onError(Throwable why) {
      end.completeExceptionally(why);
      while (!waiting.isEmpty()) waiting.remove().completeExceptionally(why);
    }
  }

  private final Map<Integer, Stream> streams = new TreeMap<>();
  private int created = 0;

  public int create() {
    streams.put(++created, new Stream());
    return created;
  }

  public boolean push(int id, byte[] chunk) {
    Stream stream = streams.get(id);
    if (stream == null || stream.publisher.isClosed()) return false;
    return stream.publisher.offer(chunk.clone(), null) >= 0;
  }

  public CompletableFuture<byte[]> pull(int id) {
    Stream stream = streams.get(id);
    if (stream == null) return CompletableFuture.completedFuture(null);
    CompletableFuture<byte[]> pull = new CompletableFuture<>();
    stream.waiting.add(pull);
    if (stream.end.isCompletedExceptionally()) stream.end.whenComplete((end, why) -> stream.onError(why));
    else if (stream.end.isDone()) stream.onComplete();
    else stream.subscription.request(1);
    return pull;
  }

  public void close(int id) {
    if (streams.containsKey(id)) streams.get(id).publisher.close();
  }

  public void error(int id, Throwable reason) {
    if (streams.containsKey(id)) streams.get(id).publisher.closeExceptionally(reason);
  }

  public boolean isQueueFull(int id) {
    Stream stream = streams.get(id);
    return stream == null || stream.publisher.estimateMaximumLag() >= 16;
  }

  public void delete(int id) {
    Stream stream = streams.remove(id);
    if (stream != null) stream.publisher.closeExceptionally(new Exception("Stream deleted"));
  }

  public void clear() { List.copyOf(streams.keySet()).forEach(this::delete); }
}
