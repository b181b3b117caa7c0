/** The worker: does a program that it is sent on streams of workerd. */

import { run } from "../node/exchange.mjs";
import { streamOf } from "../node/web_stream.mjs";

export default {
  async fetch(request) {
    const { seq, program } = await request.json();
    return Response.json({ seq, ...(await run(program, () => streamOf(ReadableStream))) });
  },
};
