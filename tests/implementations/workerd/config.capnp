# The worker twice: on the streams that workerd has by default, and on those in TypeScript.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "default", worker = .default), (name = "typescript", worker = .typescript)],
  sockets = [
    (name = "default", address = "127.0.0.1:0", http = (), service = "default"),
    (name = "typescript", address = "127.0.0.1:0", http = (), service = "typescript"),
  ],
);

const modules :List(Workerd.Worker.Module) = [
  (name = "workerd/worker.mjs", esModule = embed "worker.mjs"),
  (name = "node/exchange.mjs", esModule = embed "../node/exchange.mjs"),
  (name = "node/web_stream.mjs", esModule = embed "../node/web_stream.mjs"),
];

const default :Workerd.Worker = (modules = .modules, compatibilityDate = "2026-11-01");

const typescript :Workerd.Worker = (
  modules = .modules,
  compatibilityDate = "2026-11-01",
  compatibilityFlags = ["typescript_implemented_streams", "experimental"],
);
