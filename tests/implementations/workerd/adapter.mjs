/**
 * workerd's `ReadableStream`: each program is a request to a worker, whose answer is the answer. With
 * the argument `typescript` it is the one that workerd has in TypeScript.
 */

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

import { answerEach } from "../node/exchange.mjs";

const packaged = new URL("../runtimes/node_modules/@cloudflare/workerd-linux-64/", import.meta.url);
const workerd = new URL("bin/workerd", packaged).pathname;
const { version } = JSON.parse(readFileSync(new URL("package.json", packaged), "utf8"));

const config = new URL("config.capnp", import.meta.url).pathname;
const child = spawn(workerd, ["serve", "--experimental", "--control-fd=3", config], {
  stdio: ["ignore", "inherit", "inherit", "pipe"],
});
process.on("exit", () => child.kill());

async function portOf(socket) {
  for await (const line of createInterface({ input: child.stdio[3] })) {
    const said = JSON.parse(line);
    if (said.socket === socket) return said.port;
  }
  throw new Error("workerd does not listen");
}

const port = await portOf(process.argv[2] ?? "default");

await answerEach("workerd", version, async (program) => {
  const body = JSON.stringify({ seq: 0, program });
  const response = await fetch(`http://127.0.0.1:${port}`, { method: "POST", body });
  const { trace, late } = await response.json();
  return { trace, late };
});
