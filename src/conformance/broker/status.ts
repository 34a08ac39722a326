import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { ArrivedMessage, Broker, StatusMessageResult } from "../../core/ports/broker.ts";
import type { BrokerConformanceOptions, BrokerFixture } from "./fixture.ts";

const KEY = { type: "widget", id: "1.a" };
const applied = (messages: readonly ArrivedMessage[]): StatusMessageResult[] =>
  messages.map(() => ({ result: "applied" }));
const numberOf = ({ message }: ArrivedMessage): unknown => (message as { number?: number } | undefined)?.number;

/** Registers the tests of status messages of external processes, which are stored until they are committed. */
export function statusSuite({ create }: BrokerConformanceOptions): void {
  describe("status messages", () => {
    let ends: BrokerFixture;
    beforeEach(async () => {
      ends = await create();
    });
    afterEach(() => ends.close());

    const post = async (text: string, key = KEY): Promise<void> => {
      assert.ok(ends.post !== undefined, "capabilities.status: `post` posts one");
      await ends.post(key, text);
    };
    const postNumbers = async (count: number): Promise<void> => {
      for (let number = 1; number <= count; number++) await post(JSON.stringify({ number }));
    };
    /** Receives messages until one has this number. */
    const takeUntil = (server: Broker, last: number): Promise<readonly ArrivedMessage[]> =>
      new Promise((resolve) => {
        const received: ArrivedMessage[] = [];
        const stop = server.onStatus?.(async (messages) => {
          received.push(...messages);
          if (messages.some((message) => numberOf(message) === last)) {
            resolve(received);
            stop?.();
          }
          return applied(messages);
        });
      });

    it("hands out what was posted, in order, with its address and its time", async () => {
      const before = Date.now();
      // The first server creates the stream; messages posted from then on are stored.
      const all = takeUntil(ends.server, 300);
      await postNumbers(300);
      const received = await all;
      assert.deepEqual(
        received.map(numberOf),
        Array.from({ length: 300 }, (_, index) => index + 1),
      );
      for (const { key, at } of received) {
        assert.deepEqual(key, KEY);
        assert.ok(at >= before - 1000 && at <= Date.now() + 1000);
      }
    });

    it("hands out again what could not be committed, and nothing that was", async () => {
      const times = new Map<unknown, number>();
      const done = Promise.withResolvers<void>();
      let isUnavailable = true;
      ends.server.onStatus?.(async (messages) => {
        for (const message of messages) times.set(numberOf(message), (times.get(numberOf(message)) ?? 0) + 1);
        if (messages.some((message) => numberOf(message) === 1) && isUnavailable) {
          isUnavailable = false;
          throw new Error("the store is unavailable");
        }
        if ([1, 2].every((number) => times.has(number)) && (times.get(1) ?? 0) > 1) done.resolve();
        return applied(messages);
      });
      await post(JSON.stringify({ number: 1 }));
      await post(JSON.stringify({ number: 2 }));
      await done.promise;
      assert.equal(times.get(1), 2);
    });

    it("hands out again what another server may know, and is not held up by it", async () => {
      const order: unknown[] = [];
      const done = Promise.withResolvers<void>();
      ends.server.onStatus?.(async (messages) =>
        messages.map((message) => {
          const number = numberOf(message);
          order.push(number);
          if (number !== 1) return { result: "applied" };
          if (order.includes(2)) done.resolve();
          return order.includes(2) ? { result: "applied" } : { result: "later" };
        }),
      );
      await post(JSON.stringify({ number: 1 }));
      await post(JSON.stringify({ number: 2 }));
      await done.promise;
      assert.deepEqual(order.slice(-2), [2, 1]);
    });

    it("is not held up by what is no JSON, or was refused", async () => {
      const received: ArrivedMessage[] = [];
      const done = Promise.withResolvers<void>();
      ends.server.onStatus?.(async (messages) => {
        received.push(...messages);
        if (messages.some((message) => numberOf(message) === 2)) done.resolve();
        return messages.map(() => ({ result: "refused", code: "settled", detail: "too late" }));
      });
      await post("\u0000{");
      await post(JSON.stringify({ number: 2 }));
      await done.promise;
      assert.deepEqual(
        received.map(({ message }) => message),
        [undefined, { number: 2 }],
      );
    });
  });
}
