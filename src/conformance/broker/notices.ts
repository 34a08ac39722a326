import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { Notice } from "../../core/ports/messages.ts";
import { type BrokerConformanceOptions, type BrokerFixture, subscribed } from "./fixture.ts";

/** Registers the tests of messages without a reply: wake-ups, change notices and flushes. */
export function noticesSuite({ create }: BrokerConformanceOptions): void {
  describe("wake-ups, notices and flushes", () => {
    let ends: BrokerFixture;
    beforeEach(async () => {
      ends = await create();
    });
    afterEach(() => ends.close());

    it("wakes the subscribers of the type only", async () => {
      const woken: string[] = [];
      const widget = Promise.withResolvers<void>();
      ends.worker.onWake(["widget", "order"], () => {
        woken.push("widget");
        widget.resolve();
      });
      ends.worker.onWake(["order"], () => woken.push("order"));
      await subscribed(ends);
      ends.server.wake(["widget"]);
      await widget.promise;
      assert.deepEqual(woken, ["widget"]);
    });

    it("wakes no more once the subscription is cancelled", async () => {
      let first = 0;
      const second = Promise.withResolvers<void>();
      ends.worker.onWake(["widget"], () => first++)();
      ends.worker.onWake(["widget"], second.resolve);
      await subscribed(ends);
      ends.server.wake(["widget"]);
      await second.promise;
      assert.equal(first, 0);
    });

    it("announces notices to every subscriber, both sides, in order", async () => {
      const notices: Notice[] = [
        { type: "widget", id: "1", version: 2 },
        { type: "widget", id: "2", version: 7, abort: { worker: "w1", operation: "o2", attempt: 1 } },
      ];
      const arrived = [ends.server, ends.worker].map((end) => {
        const received: Notice[] = [];
        return new Promise<Notice[]>((resolve) => {
          end.onNotice((batch) => {
            received.push(...batch);
            if (received.length === 3) resolve(received);
          });
        });
      });
      const last = { type: "widget", id: "1", version: 3 };
      await subscribed(ends);
      ends.server.announce(notices);
      ends.server.announce([last]);
      assert.deepEqual(await Promise.all(arrived), [
        [...notices, last],
        [...notices, last],
      ]);
    });

    it("announces as many at once as there are, in order", async () => {
      const many = Array.from({ length: 20_000 }, (_, index) => ({
        type: "widget",
        id: `widget-${index}`,
        version: index,
      }));
      const received: Notice[] = [];
      const all = new Promise<void>((resolve) => {
        ends.worker.onNotice((batch) => {
          received.push(...batch);
          if (received.length >= many.length) resolve();
        });
      });
      await subscribed(ends);
      ends.server.announce(many);
      await all;
      assert.deepEqual(received, many);
    });

    it("announces no more once the subscription is cancelled", async () => {
      let first = 0;
      const second = Promise.withResolvers<void>();
      ends.worker.onNotice(() => first++)();
      ends.worker.onNotice(() => second.resolve());
      await subscribed(ends);
      ends.server.announce([{ type: "widget", id: "1", version: 1 }]);
      await second.promise;
      assert.equal(first, 0);
    });

    it("requests a flush of the named worker, and returns its last progress message", async () => {
      const flushed: string[] = [];
      const progress = { operation: "o1", attempt: 1, sequence: 7, progress: 0.5 };
      ends.worker.onFlush("w1", async (operation) => {
        await Promise.resolve();
        flushed.push(operation);
        return operation === "o1" ? progress : undefined;
      });
      await subscribed(ends);
      assert.deepEqual(await ends.server.flush("w1", "o1", 10_000), progress);
      assert.equal(await ends.server.flush("w1", "o2", 10_000), undefined);
      assert.deepEqual(flushed, ["o1", "o2"]);
    });

    it("resolves a flush to nothing when the worker takes too long", async () => {
      const never = Promise.withResolvers<undefined>();
      ends.worker.onFlush("w1", () => never.promise);
      await subscribed(ends);
      assert.equal(await ends.server.flush("w1", "o1", 20), undefined);
      never.resolve(undefined);
    });

    it("resolves a flush to nothing once the worker is gone", async () => {
      ends.worker.onFlush("w1", async () => undefined)();
      await subscribed(ends);
      assert.equal(await ends.server.flush("w1", "o1", 600_000), undefined);
    });

    it("resolves a flush to nothing at once where no such worker is", async () => {
      assert.equal(await ends.server.flush("unknown", "o1", 600_000), undefined);
    });
  });
}
