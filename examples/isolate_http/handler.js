// A request handler, as a guest: it gets the request's body as a stream, and answers with another.
// This one sends back what it gets, with the letters made capitals.
async function handle(request) {
  if (request.method !== "POST") return { status: 405, headers: {} };
  transform(request.body, request.answer);
  return { status: 200, headers: { "content-type": "application/octet-stream" } };
}

async function transform(from, to) {
  const writer = __Stream_writer(to);
  try {
    for await (const chunk of __Stream_reader(from)) {
      if (!await writer.write(capitals(chunk))) return; // nobody reads the answer any more
    }
    writer.close();
  } catch (error) {
    writer.error(error.message);
  }
}

function capitals(chunk) {
  for (let at = chunk.indexOf(97); at >= 0; at = chunk.indexOf(97, at)) chunk[at] = 65; // a to A
  return chunk;
}
