import { fieldsOf } from "./http/reply.ts";
import { type CallOptions, send } from "./http/send.ts";
import type { Transport } from "./http/transport.ts";

/** Reads a list page by page, as the iteration needs them. The time limit applies to each page. */
export async function* readPages<Item>(
  transport: Transport,
  url: string,
  query: readonly string[],
  options?: CallOptions,
): AsyncGenerator<Item, void, undefined> {
  let after: readonly string[] = [];
  for (;;) {
    const parameters = [...query, ...after].join("&");
    const page = parameters === "" ? url : `${url}?${parameters}`;
    const { body } = await send(transport, { method: "GET", url: page }, options);
    const { items, next } = fieldsOf(body);
    if (Array.isArray(items)) yield* items as readonly Item[];
    if (typeof next !== "string") return;
    after = [`after=${encodeURIComponent(next)}`];
  }
}
