import assert from "node:assert/strict";
import type { Authenticate } from "../../src/server/access/access.ts";
import { everyMount, MACHINES, problem } from "./harness/every-mount.ts";
import { LINUX } from "./harness/types.ts";

const authenticate: Authenticate = ({ header }) => ({ id: header("authorization") ?? "nobody" });
const as = (authorization: string) => ({ headers: { authorization } });
const body = { configuration: LINUX };

everyMount(
  "each principal has its own limit of resources in progress",
  async ({ request, drive }) => {
    const create = (who: string) => request("POST", MACHINES, { ...as(who), body });
    const made = await Promise.all([create("ann"), create("ann")]);
    assert.deepEqual(
      made.map(({ status }) => status),
      [202, 202],
    );
    const refused = await create("ann");
    problem(refused, 429, "too-many-in-progress");
    assert.ok(Number(refused.headers.get("retry-after")) >= 1);
    assert.match(refused.json.detail, /limit of resources in progress/);
    assert.equal((await create("bob")).status, 202);
    await drive.succeed(made[0]?.headers.get("location") ?? "");
    assert.equal((await create("ann")).status, 202);
    // Requests that free capacity are never rejected.
    const { status } = await request("DELETE", made[0]?.headers.get("location") ?? "", as("ann"));
    assert.equal(status, 202);
  },
  { authenticate, maxInProgressPerPrincipal: 2 },
);

everyMount(
  "each principal has its own limit of long polls; one more is answered at once",
  async ({ request, clock, drive }) => {
    const made = await request("POST", MACHINES, { ...as("ann"), body });
    const path = made.headers.get("location") ?? "";
    const wait = { headers: { authorization: "ann", prefer: "wait=20" } };
    const waiting = [request("GET", path, wait), request("GET", path, wait)];
    await clock.armed(20_000, 2);
    const { status, json } = await request("GET", path, wait);
    assert.deepEqual({ status, label: json.status }, { status: 200, label: "Provisioning" });
    await drive.succeed(path);
    const responses = await Promise.all(waiting);
    assert.deepEqual(
      responses.map((response) => response.json.status),
      ["Ready", "Ready"],
    );
    // The answered requests have freed their places.
    assert.equal((await request("GET", path, wait)).status, 200);
  },
  { authenticate, maxLongPollsPerPrincipal: 2 },
);
