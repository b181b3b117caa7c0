/**
 * The guest: it does the ops of a program through the callbacks, and notes what its pulls bring.
 *
 * The value of this script is the function that the adapter calls for each op. It answers once
 * `quiet_ref`, which the adapter puts beside the callbacks, has; what a pull brought is here by
 * then, because whatever crosses into an isolate arrives in the order in which it was sent.
 */

(() => {
  const PROMISED = { result: { promise: true, copy: true } };
  const settled = [];
  let pulls = 0;

  function pull(id) {
    const number = ++pulls;
    __Stream_pull_ref.apply(undefined, [id], PROMISED).then(
      (json) => settled.push([number, JSON.parse(json)]),
      (error) => settled.push([number, { error: error.message }]),
    );
  }

  const ops = {
    __proto__: null,
    create: () => __Stream_create(),
    push: (id, numbers) => __Stream_push(id, numbers),
    pull,
    close: (id) => __Stream_close(id),
    error: (id, message) => __Stream_error(id, message),
    is_queue_full: (id) => __Stream_isQueueFull(id),
    none: () => {},
  };

  function attempt(op, args) {
    try {
      return op(...args) ?? null;
    } catch (error) {
      return { threw: error.message };
    }
  }

  return async (name, ...args) => {
    if (!(name in ops)) throw new Error(`unknown op ${name}`);
    const returned = attempt(ops[name], args);
    await quiet_ref.apply(undefined, [], PROMISED);
    return [returned, settled.splice(0)];
  };
})();
