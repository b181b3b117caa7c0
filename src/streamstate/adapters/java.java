// Adapter of a stream state registry in Java 17: wire protocol 1 on stdin and stdout. Name it
// Adapter.java; javac -d out *.java compiles it and java -cp out Adapter runs it. For your own
// registry change HELLO and op. If it hands work to threads, wait in run until they are idle.
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import java.io.*;
import java.util.*;
import java.util.regex.*;
public class Adapter {
  static final Map<String, ?> HELLO = Map.of("protocol", 1, "settle", "exact", "capabilities",
      List.of("together", "lends", "surrogates"),
      "implementation", Map.of("name", "Registry", "version", "1", "language", "Java"));
  final Registry registry = new Registry();
  final List<Object> settled = new ArrayList<>(); // in the order in which the pulls did
  final Map<Integer, byte[][]> held = new TreeMap<>(); // what pulls brought, and as it was left
  int pulls = 0;
  Object op(String name, int id, String text) {
    switch (name) {
      case "create": return registry.create();
      case "push": byte[] lent = Base64.getDecoder().decode(text);
        try { return registry.push(id, lent); } finally { overwrite(lent, 0xff); }
      case "pull": int pull = ++pulls; // a pull that throws has its number too
        registry.pull(id).whenComplete((chunk, why) -> settled.add(outcome(pull, chunk, why)));
        return null;
      case "close": registry.close(id); return null;
      case "error": registry.error(id, new Exception(text)); return null;
      case "is_queue_full": return registry.isQueueFull(id); // behind it: "get", see docs/how-to
      case "delete": registry.delete(id); return null;
      case "clear": registry.clear(); return null;
      default: return END; // there is no such op
  } }
  Object outcome(int pull, byte[] chunk, Throwable why) {
    if (why != null) return List.of(pull, "error", "" + why.getMessage());
    if (chunk == null) return List.of(pull, "done");
    String text = base64(chunk);
    overwrite(chunk, 0x80);
    held.put(pull, new byte[][] {chunk, chunk.clone()});
    return List.of(pull, "value", text); }
  void lookAgain() { // at what pulls brought: what has changed since is told once
    held.entrySet().removeIf(each -> !Arrays.equals(each.getValue()[0], each.getValue()[1])
        && settled.add(List.of(each.getKey(), "changed", base64(each.getValue()[0])))); }
  // The owner of a chunk writes over it after the push, and the awaiter of a pull into what that
  // brought, so that a registry that keeps or shares memory shows.
  static void overwrite(byte[] chunk, int bits) {
    if (chunk.length > 0) Arrays.fill(chunk, (byte) (chunk[0] ^ bits)); }
  static String base64(byte[] chunk) { return Base64.getEncoder().encodeToString(chunk); }
  @SuppressWarnings("unchecked")
  Object done(List<Object> op) {
    if (op.get(0).equals("together")) // with nothing waited for between them
      return op.stream().skip(1).map(each -> done((List<Object>) each)).toList();
    String text = op.size() > 2 ? (String) op.get(2) : "";
    try { return op((String) op.get(0), op.size() > 1 ? (Integer) op.get(1) : 0, text);
    } catch (Throwable why) { return Map.of("threw", "" + why.getMessage()); } }
  static Object run(Object seq, List<List<Object>> program) {
    Adapter adapter = new Adapter();
    List<Object> trace = new ArrayList<>();
    for (List<Object> op : program) {
      Object returned = adapter.done(op);
      if (returned == END || returned instanceof List<?> all && all.contains(END))
        return Map.of("seq", seq, "failed", "unknown op " + op.get(0));
      adapter.lookAgain();
      trace.add(Arrays.asList(returned, List.copyOf(adapter.settled)));
      adapter.settled.clear();
    }
    return Map.of("seq", seq, "trace", trace, "late", List.of()); }
  static String json(Object value) {
    if (value instanceof Map<?, ?> map) return map.entrySet().stream().map(
        each -> json(each.getKey()) + ":" + json(each.getValue())).collect(joining(",", "{", "}"));
    if (value instanceof List<?> list)
      return list.stream().map(Adapter::json).collect(joining(",", "[", "]"));
    return !(value instanceof String text) ? "" + value : text.chars().mapToObj(each -> each < 32
        || each == '"' || each == '\\' || Character.isSurrogate((char) each) // half of a character
        ? String.format("\\u%04x", each) : "" + (char) each)
        .collect(joining("", "\"", "\"")); }
  static final Pattern ESCAPED = Pattern.compile("\\\\(u....|.)"), TOKEN = Pattern.compile(
      "\"([^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+)\"|-?\\d+|[\\[{]|[]}]");
  static final Object END = new Object();
  static Object read(Matcher token) { // a string, a number, a list, or an object as a list
    if (!token.find()) throw new IllegalArgumentException("no JSON of the protocol");
    String text = token.group();
    if (text.startsWith("\"")) return ESCAPED.matcher(token.group(1)).replaceAll(Adapter::plain);
    if (!"[{]}".contains(text)) return (int) Math.min(Long.parseLong(text), Integer.MAX_VALUE);
    if ("]}".contains(text)) return END;
    List<Object> values = new ArrayList<>();
    for (Object value; (value = read(token)) != END;) values.add(value);
    return values; }
  static String plain(MatchResult escaped) {
    String text = escaped.group(1), one = "nrtbf".contains(text)
        ? "\n\r\t\b\f".charAt("nrtbf".indexOf(text)) + "" : text;
    return Matcher.quoteReplacement(text.length() < 2 ? one
        : "" + (char) Integer.parseInt(text.substring(1), 16)); }
  @SuppressWarnings("unchecked")
  public static void main(String[] args) throws IOException {
    var in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    var out = new PrintStream(System.out, true, UTF_8);
    for (String line; (line = in.readLine()) != null;) {
      List<Object> sent = (List<Object>) read(TOKEN.matcher(line)); // keys, each before its value
      if (sent.contains("stop")) break;
      int seq = sent.indexOf("seq") + 1, program = sent.indexOf("program") + 1;
      out.print(json(program == 0 ? HELLO
          : run(sent.get(seq), (List<List<Object>>) sent.get(program))) + "\n");
    }
    System.exit(0); } // whatever threads a registry has
}
