import assert from "node:assert/strict";
import { mountedTest, type Fixture } from "./harness/mounted-test.ts";

const STREAM = { accept: "text/event-stream" };

interface Event {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: { readonly [field: string]: unknown };
}

function eventsOf(text: string): Event[] {
  return text.split("\n\n").flatMap((block) => {
    const fields = new Map(
      block.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
    );
    const event = fields.get("event");
    if (event === undefined) return [];
    return [{ event, id: fields.get("id"), data: JSON.parse(fields.get("data") ?? "") as Event["data"] }];
  });
}

/** The timer of the heartbeat runs exactly while the stream waits for a change. */
const waiting = (clock: Fixture["clock"]): Promise<void> => clock.armed(15_000);

mountedTest(
  "an event stream gives each new state and ends after the settled one",
  async ({ request, create, drive, clock }) => {
    const path = await create();
    const streaming = request("GET", path, { headers: STREAM });
    await waiting(clock);
    const released = clock.armed(15_000, 0);
    await drive.progress(path, 0.5, { estimatedEndAt: clock.now() + 600_000 });
    await released;
    await waiting(clock);
    // Only the time remaining has changed: a heartbeat, but no event.
    clock.advance(15_000);
    await waiting(clock);
    await drive.succeed(path);
    const { status, headers, text } = await streaming;
    assert.deepEqual(
      { status, contentType: headers.get("content-type"), cacheControl: headers.get("cache-control") },
      { status: 200, contentType: "text/event-stream", cacheControl: "private, no-cache, no-transform" },
    );
    const events = eventsOf(text);
    assert.deepEqual(
      events.map(({ event, data }) => [event, data["status"], data["progress"]]),
      [
        ["resource", "Provisioning", undefined],
        ["resource", "Provisioning", "50%"],
        ["resource", "Ready", undefined],
      ],
    );
    const settled = await request("GET", path);
    assert.equal(events.at(-1)?.id, settled.headers.get("etag"));
    assert.deepEqual(events.at(-1)?.data, settled.json);
    assert.match(text, /^retry: [0-9]+\n\n/);
    assert.match(text, /\n: still in progress\n/);
  },
);

mountedTest(
  "Last-Event-ID resumes without repeating, and 204 ends the reconnects",
  async ({ request, create, drive, clock }) => {
    const path = await create();
    const etag = (await request("GET", path)).headers.get("etag") ?? "";
    const streaming = request("GET", path, { headers: { ...STREAM, "last-event-id": etag } });
    await waiting(clock);
    await drive.succeed(path);
    const events = eventsOf((await streaming).text);
    assert.deepEqual(
      events.map(({ data }) => data["status"]),
      ["Ready"],
    );
    const { status, text } = await request("GET", path, {
      headers: { ...STREAM, "last-event-id": events[0]?.id ?? "" },
    });
    assert.deepEqual({ status, text }, { status: 204, text: "" });
    assert.equal(eventsOf((await request("GET", path, { headers: STREAM })).text).length, 1);
  },
);

mountedTest("?fields= applies to events too", async ({ request, create, drive, clock }) => {
  const path = await create();
  const streaming = request("GET", `${path}?fields=status`, { headers: STREAM });
  await waiting(clock);
  await drive.progress(path, 0.5);
  await drive.succeed(path);
  assert.deepEqual(
    eventsOf((await streaming).text).map(({ data }) => data),
    [{ status: "Provisioning" }, { status: "Ready" }],
  );
});

mountedTest("an event stream reports that its resource was deleted", async ({ request, create, drive, clock }) => {
  const path = await create();
  await drive.succeed(path);
  await request("DELETE", path);
  const streaming = request("GET", path, { headers: STREAM });
  await waiting(clock);
  await drive.succeed(path, {});
  assert.deepEqual(
    eventsOf((await streaming).text).map(({ event }) => event),
    ["resource", "deleted"],
  );
  assert.equal((await request("GET", path, { headers: STREAM })).status, 404);
});

mountedTest("closing ends event streams", async ({ request, create, handler, clock }) => {
  const path = await create();
  const streaming = request("GET", path, { headers: STREAM });
  await waiting(clock);
  await handler.close();
  assert.equal(eventsOf((await streaming).text).length, 1);
});
