import assert from "node:assert/strict";
import type { Authenticate } from "../../src/server/access/access.ts";
import { mountedTest, MACHINES, problem, type Fixture } from "./harness/mounted-test.ts";
import { LINUX } from "./harness/types.ts";

const STREAM = { accept: "text/event-stream" };

/** Authenticates the principals of a list that the test changes. */
function guestList(): { authenticate: Authenticate; revoke: (who: string) => void; admit: (who: string) => void } {
  const revoked = new Set<string>();
  return {
    authenticate: ({ header }) => {
      const id = header("authorization")?.slice("Bearer ".length);
      return id === undefined || revoked.has(id) ? null : { id };
    },
    revoke: (who) => void revoked.add(who),
    admit: (who) => void revoked.delete(who),
  };
}

const as = (who: string, more: Record<string, string> = {}) => ({
  headers: { authorization: `Bearer ${who}`, ...more },
});

async function made({ request }: Pick<Fixture, "request">, who = "ann"): Promise<string> {
  const { headers } = await request("POST", MACHINES, { ...as(who), body: { configuration: LINUX } });
  return headers.get("location") ?? "";
}

const waiting = guestList();
mountedTest(
  "a request that has waited is authenticated and authorized again",
  async ({ request, clock, drive }) => {
    waiting.admit("ann");
    const path = await made({ request });
    const { headers } = await request("GET", path, as("ann"));
    const settled = request("GET", path, as("ann", { prefer: "wait=20" }));
    const changed = request("GET", path, as("ann", { prefer: "wait=20", "if-none-match": headers.get("etag") ?? "" }));
    const posted = request("POST", MACHINES, { ...as("ann", { prefer: "wait=20" }), body: { configuration: LINUX } });
    await clock.armed(20_000, 3);
    waiting.revoke("ann");
    await drive.succeed(path, { IPAddress: "10.9.8.7" });
    clock.advance(20_000);
    for (const each of [await settled, await changed]) {
      problem(each, 401, "unauthenticated");
      assert.doesNotMatch(each.text, /10\.9\.8\.7/);
    }
    assert.equal((await posted).status, 202, "what was accepted stays accepted");
  },
  { authenticate: waiting.authenticate },
);

const streamed = guestList();
mountedTest(
  "a stream ends at the next event or heartbeat once its client is no longer authorized",
  async ({ request, clock, drive }) => {
    for (const [beat, then] of [
      [true, "a sign of life"],
      [false, "an event"],
    ] as const) {
      streamed.admit("ann");
      const path = await made({ request });
      const streaming = request("GET", path, as("ann", STREAM));
      await clock.armed(15_000);
      streamed.revoke("ann");
      if (beat) clock.advance(15_000);
      else await drive.succeed(path, { IPAddress: "10.9.8.7" });
      const { text } = await streaming;
      assert.equal(text.match(/event: resource/g)?.length, 1, then);
      assert.doesNotMatch(text, /10\.9\.8\.7|still in progress/);
    }
  },
  { authenticate: streamed.authenticate },
);

const taken = guestList();
mountedTest(
  "an id of another owner cannot be taken, also for a while after it was deleted",
  async ({ request, drive }) => {
    const path = await made({ request });
    const put = (who: string, more: Record<string, string> = {}) =>
      request("PUT", path, { ...as(who, more), body: { configuration: LINUX } });
    const living = problem(await put("bob"), 404, "resource-not-found");
    await drive.succeed(path);
    await request("DELETE", path, as("ann"));
    await drive.succeed(path, {});
    const deleted = problem(await put("bob"), 404, "resource-not-found");
    assert.deepEqual(deleted, living, "which of both it is nobody learns");
    problem(await request("GET", `${path}/history`, as("bob")), 404, "resource-not-found");
    problem(await request("DELETE", path, as("bob")), 404, "resource-not-found");
    problem(await request("DELETE", path, as("ann")), 404, "resource-deleted");
    assert.equal((await put("ann")).status, 202, "its owner may have it again");
  },
  { authenticate: taken.authenticate },
);

const tried = guestList();
mountedTest(
  "no request reveals whether an id is free without creating a resource",
  async ({ request }) => {
    const path = await made({ request });
    const free = `${MACHINES}/a-free-one`;
    const shapes = [
      [{}, { configuration: { os: 1 } }],
      [{ "if-match": '"x"' }, { configuration: LINUX }],
      [{ "if-match": "*" }, { configuration: LINUX }],
      [{ "if-match": "not quoted" }, { configuration: LINUX }],
      [{ "content-type": "text/plain" }, { configuration: LINUX }],
    ] as const;
    for (const [headers, body] of shapes) {
      const [ofAnn, ofNobody] = [
        await request("PUT", path, { ...as("bob", { "content-type": "application/json", ...headers }), body }),
        await request("PUT", free, { ...as("bob", { "content-type": "application/json", ...headers }), body }),
      ];
      assert.ok(ofAnn.status >= 400 && ofAnn.status !== 404, ofAnn.text);
      assert.deepEqual(
        { status: ofAnn.status, replaceAll: ofAnn.text.replaceAll(path, free) },
        { status: ofNobody.status, replaceAll: ofNobody.text },
        JSON.stringify(headers),
      );
    }
  },
  { authenticate: tried.authenticate },
);
