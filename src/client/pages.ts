import { isJsonObject } from "../core/json/json.ts";
import { send } from "./http/send.ts";
import type { Transport } from "./http/transport.ts";
import { type CallOptions, read } from "./http/write.ts";

/** Reads a list page by page, as far as it is iterated. The time limit counts for each page. */
export async function* pages<Item>(
  transport: Transport,
  url: string,
  query: readonly string[],
  options: CallOptions,
): AsyncGenerator<Item, void, undefined> {
  let after: readonly string[] = [];
  for (;;) {
    const parameters = [...query, ...after].join("&");
    const page = parameters === "" ? url : `${url}?${parameters}`;
    const { body } = await send(transport, { method: "GET", url: page }, read(options));
    const { items, next } = isJsonObject(body) ? body : {};
    if (Array.isArray(items)) yield* items as readonly Item[];
    if (typeof next !== "string") return;
    after = [`after=${encodeURIComponent(next)}`];
  }
}
