import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fetchHandler } from "../../src/server/http/fetch.ts";
import { openFixture, type ServerFixture } from "./harness/fixture.ts";

/** An event of a resource. Impossible ones are skipped. */
const step = fc.oneof(
  fc.record({
    do: fc.constant("progress" as const),
    progress: fc.double({ min: 0, max: 1, noNaN: true }),
    remainingMs: fc.option(fc.nat(4_000_000)),
  }),
  fc.record({
    do: fc.constant("report" as const),
    status: fc.constantFrom("Provisioning", "Booting"),
    note: fc.constantFrom("a", "b"),
  }),
  fc.record({ do: fc.constant("pass" as const), ms: fc.constantFrom(1, 900, 7000, 61_000) }),
  fc.record({ do: fc.constant("succeed" as const), address: fc.constantFrom("10.0.0.1", "10.0.0.2") }),
  fc.record({ do: fc.constant("hand-back" as const) }),
  fc.record({
    do: fc.constantFrom("fail" as const, "cancel" as const, "retry" as const, "restart" as const, "delete" as const),
  }),
  fc.record({ do: fc.constantFrom("patch" as const, "put" as const), ram: fc.constantFrom("1GB", "2GB") }),
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

const FIELDS = [
  "",
  "?fields=status",
  "?fields=status,progress",
  "?fields=id,configuration,IPAddress,note,error,status",
  "?fields=estimatedTimeRemaining,status",
];

interface Kind {
  readonly path: string;
  readonly configuration: (ram: string) => object;
  readonly details: (text: string) => object;
}

const KINDS: readonly Kind[] = [
  {
    path: "/api/virtual-machines/it",
    configuration: (ram) => ({ os: "Linux", ram }),
    details: (text) => ({ IPAddress: text, note: text }),
  },
  { path: "/api/orders/it", configuration: (item) => ({ item }), details: (parcel) => ({ parcel }) },
];

type Ask = (method: string, query?: string, headers?: Record<string, string>, body?: object) => Promise<Response>;

async function take(
  { drive, clock }: ServerFixture,
  request: Ask,
  { path, configuration, details }: Kind,
  taken: Step,
): Promise<void> {
  const say = async (saying: Promise<unknown>): Promise<void> => void (await saying.catch(() => {}));
  switch (taken.do) {
    case "progress": {
      const estimated = taken.remainingMs === null ? {} : { estimatedEndAt: clock.now() + taken.remainingMs };
      return say(drive.progress(path, taken.progress, estimated));
    }
    case "report":
      return say(drive.progress(path, 0, { status: taken.status, details: details(taken.note) }));
    case "succeed":
      return say(drive.succeed(path, details(taken.address)));
    case "fail":
      return say(drive.fail(path));
    case "hand-back":
      return say(drive.reportEvent(path, { event: "handed-back" }));
    case "pass":
      clock.advance(taken.ms);
      return;
    case "patch":
    case "put": {
      const body = { configuration: configuration(taken.ram) };
      return void (await request(taken.do.toUpperCase(), "", {}, body));
    }
    case "delete":
      return void (await request("DELETE"));
    case "cancel":
    case "retry":
    case "restart":
      return void (await request("POST", `/${taken.do}`));
  }
}

/** All entity tags of a resource with their bytes. */
class Seen {
  readonly #bytesOf = new Map<string, string>();
  readonly #tagOf = new Map<string, string>();

  /** Asserts that different bytes have different tags, and equal bytes of one edit equal ones. */
  check(tag: string, bytes: string): void {
    assert.equal(this.#bytesOf.get(tag) ?? bytes, bytes, tag);
    this.#bytesOf.set(tag, bytes);
    const edition = `${tag.slice(1, tag.indexOf("-"))} ${bytes}`;
    assert.equal(this.#tagOf.get(edition) ?? tag, tag, bytes);
    this.#tagOf.set(edition, tag);
  }
}

const withoutTime = (text: string): string => text.replace(/,"estimatedTimeRemaining":("[^"]*"|[0-9]+)/, "");

test(
  "equal bytes have equal entity tags, and a waiting GET ends with a change, never with the time remaining alone",
  { timeout: 120_000 },
  async () => {
    await using fixture = await openFixture();
    const fetch = fetchHandler(fixture.handler, { clock: fixture.clock });
    const history = fc.asyncProperty(
      fc.constantFrom(...KINDS),
      fc.array(step, { minLength: 1, maxLength: 25 }),
      async (kind, steps) => {
        const request: Ask = (method, query = "", headers = {}, body?) =>
          fetch(
            new Request(`http://x${kind.path}${query}`, {
              method,
              headers: { "content-type": "application/json", ...headers },
              ...(body === undefined ? {} : { body: JSON.stringify(body) }),
            }),
          );
        await request("PUT", "", {}, { configuration: kind.configuration("4GB") });
        const seen = new Seen();
        for (const taken of steps) {
          const before = await request("GET");
          const text = await before.text();
          const tag = before.headers.get("etag");
          const held = tag === null ? undefined : request("GET", "", { "if-none-match": tag, prefer: "wait=50" });
          if (held !== undefined) await fixture.clock.armed(50_000);
          await take(fixture, request, kind, taken);

          const after = await request("GET");
          const shown = await after.text();
          if (held !== undefined) {
            // The GET above was read after the change notice, so all waiters that it releases have been released.
            const isNews =
              after.status !== 200 ||
              withoutTime(shown) !== withoutTime(text) ||
              after.headers.get("etag")?.split("-")[0] !== tag?.split("-")[0];
            const isUp = taken.do === "pass" && taken.ms > 50_000;
            assert.equal(fixture.clock.count(50_000), isNews || isUp ? 0 : 1, JSON.stringify(taken));
            if (!isNews) fixture.clock.advance(50_000);
            const answer = await held;
            assert.equal(answer.status, isNews ? after.status : 304);
          }
          for (const fields of kind.path.includes("orders") ? [""] : FIELDS) {
            const got = await request("GET", fields);
            if (got.status === 200) seen.check(got.headers.get("etag") ?? "", await got.text());
          }
        }
        // Deletes it for the next history, which has the same id.
        await fixture.drive.succeed(kind.path, kind.details("end")).catch(() => {});
        await request("DELETE");
        await fixture.drive.succeed(kind.path, {}).catch(() => {});
      },
    );
    await fc.assert(history, { numRuns: 150, plugins: [fc.interruptAfterTimeLimit(90_000)] });
    assert.deepEqual(fixture.errors, []);
  },
);
