import { isJsonObject } from "../core/json/json.ts";
import { send } from "./http/send.ts";
import type { Transport } from "./http/transport.ts";
import { type CallOptions, toSendOptions } from "./http/write.ts";

/** Reads a list page by page, as the iteration needs them. The time limit applies to each page. */
export async function* readPages<Item>(
  transport: Transport,
  url: string,
  query: readonly string[],
  options: CallOptions,
): AsyncGenerator<Item, void, undefined> {
  let after: readonly string[] = [];
  for (;;) {
    const parameters = [...query, ...after].join("&");
    const page = parameters === "" ? url : `${url}?${parameters}`;
    const { body } = await send(transport, { method: "GET", url: page }, toSendOptions(options));
    const { items, next } = isJsonObject(body) ? body : {};
    if (Array.isArray(items)) yield* items as readonly Item[];
    if (typeof next !== "string") return;
    after = [`after=${encodeURIComponent(next)}`];
  }
}
