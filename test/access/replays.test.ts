import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { invoiceOf, startWith } from "./policy.ts";
import type { Reply } from "./principal.ts";

describe("authorize, before a stored reply is sent again", () => {
  it("is asked about a repeated create, and not about what was accepted before", async () => {
    let isOpen = true;
    await using running = await startWith(({ kind }) => (kind === undefined || isOpen ? undefined : false));
    const { send } = running;
    const headers = { authorization: "ann", "idempotency-key": "k" };
    const create = (): Promise<Reply> => send(headers, "POST", "invoices", { configuration: {} });
    const made = await create();
    assert.equal((await create()).text, made.text);
    isOpen = false;
    assert.equal((await create()).status, 403);
    assert.equal((await send("ann", "GET", made.headers.get("location") ?? "")).status, 200);
  });

  it("decides about every repeated write as about a new one", async () => {
    let isOpen = true;
    await using running = await startWith(({ method }) => (method === "GET" || isOpen ? undefined : false));
    const { send } = running;
    const { path } = await invoiceOf(running);
    const writes = [
      ["PUT", "invoices/new", { configuration: {} }],
      ["PATCH", path, { configuration: { text: "new" } }],
      ["DELETE", path, undefined],
    ] as const;
    const sendAll = async (key: string): Promise<readonly Reply[]> => {
      const replies: Reply[] = [];
      for (const [method, target, body] of writes) {
        replies.push(await send({ authorization: "ann", "idempotency-key": key + method }, method, target, body));
      }
      return replies;
    };
    const accepted = await sendAll("one");
    // A DELETE has no stored reply: its repetition shows the row as it is now.
    const texts = (replies: readonly Reply[]) =>
      replies.map(({ status, text }, index) => (writes[index]?.[0] === "DELETE" ? [status] : [status, text]));
    assert.ok(
      accepted.every(({ status }) => status < 300),
      JSON.stringify(texts(accepted)),
    );
    assert.deepEqual(texts(await sendAll("one")), texts(accepted));
    isOpen = false;
    const refused = await sendAll("another");
    assert.ok(
      refused.every(({ status }) => status === 403 || status === 404),
      JSON.stringify(texts(refused)),
    );
    assert.deepEqual(texts(await sendAll("one")), texts(refused));
  });
});
