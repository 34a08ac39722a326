import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { Broker } from "../../core/ports/broker.ts";
import type { Notice } from "../../core/ports/messages.ts";
import { handlersWith, type BrokerConformanceOptions, type BrokerFixture, subscribed } from "./fixture.ts";

const REQUESTS = 200;
const claimOf = (claim: number): Parameters<typeof requestClaim>[1] => ({ worker: "w1", claim, slots: [] });

function requestClaim(
  worker: Broker,
  request: { worker: string; claim: number; slots: [] },
): Promise<number | undefined> {
  return worker.request("claim", request).then(({ nextDueMs }) => nextDueMs);
}

/** Registers the tests of several servers behind one broker. */
export function serversSuite({ create }: BrokerConformanceOptions): void {
  describe("several servers", () => {
    let ends: BrokerFixture;
    let second: Broker;
    beforeEach(async () => {
      ends = await create();
      assert.ok(ends.another !== undefined, "capabilities.servers: `another` opens one more");
      second = await ends.another();
    });
    afterEach(() => ends.close());

    it("share the requests: each is answered once, by one of them", async () => {
      const claimsByServer = new Map<Broker, number[]>();
      for (const server of [ends.server, second]) {
        const claims: number[] = [];
        claimsByServer.set(server, claims);
        server.serve(
          handlersWith({
            claim: async ({ claim }) => {
              claims.push(claim);
              return { grants: [], nextDueMs: claim };
            },
          }),
        );
      }
      await Promise.all([subscribed(ends), second.subscribed?.()]);
      const numbers = Array.from({ length: REQUESTS }, (_, index) => index);
      assert.deepEqual(await Promise.all(numbers.map((claim) => requestClaim(ends.worker, claimOf(claim)))), numbers);
      const [first = [], other = []] = claimsByServer.values();
      assert.deepEqual(
        [...first, ...other].toSorted((a, b) => a - b),
        numbers,
      );
      assert.ok(first.length > 0 && other.length > 0, "one of the servers got no request");
    });

    it("answer for one that stops: no request is left without an answer", async () => {
      const serve = (server: Broker): (() => void) =>
        server.serve(handlersWith({ claim: async ({ claim }) => ({ grants: [], nextDueMs: claim }) }));
      const stop = serve(ends.server);
      serve(second);
      await Promise.all([subscribed(ends), second.subscribed?.()]);
      const numbers = Array.from({ length: REQUESTS }, (_, index) => index);
      const replies = numbers.map(async (claim) => {
        if (claim === REQUESTS / 2) stop();
        // A worker repeats a rejected request.
        return requestClaim(ends.worker, claimOf(claim)).catch(() => requestClaim(ends.worker, claimOf(claim)));
      });
      assert.deepEqual(await Promise.all(replies), numbers);
    });

    it("receive each other's notices", async () => {
      const received = Promise.withResolvers<readonly Notice[]>();
      second.onNotice(received.resolve);
      await Promise.all([subscribed(ends), second.subscribed?.()]);
      const notices = [{ type: "widget", id: "1", version: 2 }];
      ends.server.announce(notices);
      assert.deepEqual(await received.promise, notices);
    });
  });
}
