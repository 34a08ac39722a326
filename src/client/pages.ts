import { fieldsOf } from "./http/reply.ts";
import { type CallOptions, send } from "./http/send.ts";
import type { Transport } from "./http/transport.ts";

/** Parameters of a query. The values of an array are joined by commas. */
export type Parameters = Record<string, string | number | readonly string[] | undefined>;

/** Reads a list page by page, as the iteration needs them. The time limit applies to each page. */
export async function* readPages<Item>(
  transport: Transport,
  url: string,
  parameters: Readonly<Parameters>,
  options?: CallOptions,
): AsyncGenerator<Item, void, undefined> {
  let after: string | undefined;
  for (;;) {
    const query = Object.entries({ ...parameters, after }).flatMap(([name, value]) =>
      value === undefined ? [] : `${encodeURIComponent(name)}=${[value].flat().map(encodeURIComponent).join(",")}`,
    );
    const page = [url, query.join("&")].filter(Boolean).join("?");
    const { body } = await send(transport, { method: "GET", url: page }, options);
    const { items, next } = fieldsOf(body);
    if (Array.isArray(items)) yield* items as readonly Item[];
    if (typeof next !== "string") return;
    after = next;
  }
}
