import assert from "node:assert/strict";
import { z } from "zod";
import { defineResource } from "../../src/core/definition/define-resource.ts";
import { mountedTest, problem } from "./harness/mounted-test.ts";

const work = (): never => {
  throw new Error("no worker runs here");
};

const database = defineResource({
  name: "database",
  configuration: z.object({
    size: z.string(),
    password: z.string().min(8),
    replica: z.object({ host: z.string(), token: z.string().optional() }).optional(),
  }),
  redact: ["password", "replica.token"],
  details: z.object({ address: z.string() }),
  statuses: { ready: "Ready" },
  create: { status: "Creating", work },
  update: { status: "Changing", work },
});
/** A type without an update, so that a PUT either changes nothing or is rejected. */
const vault = defineResource({
  name: "vault",
  configuration: z.object({ label: z.string(), pin: z.string().optional() }),
  redact: ["pin"],
  details: z.object({ door: z.string() }),
  statuses: { ready: "Ready" },
  create: { status: "Creating", work },
});

const PATH = "/api/databases";
const SECRETS = /hunter22|t0ken-of-mine|correct-horse/;
const SENT = { size: "1GB", password: "hunter22", replica: { host: "h", token: "t0ken-of-mine" } };
const SHOWN = { size: "1GB", replica: { host: "h" } };
const options = { types: [database, vault], operations: true };

mountedTest(
  "a redacted field is never in a response, whatever the request",
  async ({ request, drive, store }) => {
    const post = () => request("POST", PATH, { body: { configuration: SENT }, headers: { "idempotency-key": "k" } });
    const made = await post();
    assert.equal(made.status, 202);
    assert.deepEqual(made.json.configuration, SHOWN);
    const path = made.headers.get("location") ?? "";
    const operation = new URL(made.headers.get("operation-location") ?? "");
    const responses = [
      made,
      await post(),
      await request("GET", path),
      await request("GET", `${path}?fields=configuration`),
      await request("GET", PATH),
      await request("GET", `${path}/history`),
      await request("GET", operation.pathname + operation.search),
      await request("PATCH", path, { body: { configuration: { password: "correct-horse" } } }),
    ];
    await drive.succeed(path, { address: "a" });
    responses.push(
      await request("GET", path, { headers: { accept: "text/event-stream" } }),
      await request("POST", PATH, { body: { configuration: { ...SENT, size: 1 } } }),
      await request("POST", PATH, { body: { configuration: SENT, password: "hunter22" } }),
      await request("PUT", path, { body: { configuration: SENT } }),
      await request("DELETE", path),
    );
    for (const { text, headers } of responses) assert.doesNotMatch(JSON.stringify([text, [...headers]]), SECRETS);
    assert.match((await drive.row(path)).operation.configuration, SECRETS, "work gets it");
    assert.doesNotMatch(JSON.stringify(await store.readReplies([{ principal: "", key: "k" }])), SECRETS);
  },
  options,
);

mountedTest(
  "a PATCH without them keeps them, and one with them changes them",
  async ({ request, drive }) => {
    const { headers } = await request("POST", PATH, { body: { configuration: SENT } });
    const path = headers.get("location") ?? "";
    await drive.succeed(path, { address: "a" });
    const sized = await request("PATCH", path, { body: { configuration: { size: "2GB" } } });
    assert.equal(sized.status, 202);
    assert.deepEqual(JSON.parse((await drive.row(path)).operation.configuration), { ...SENT, size: "2GB" });
    await drive.succeed(path, { address: "a" });

    const changed = await request("PATCH", path, { body: { configuration: { password: "correct-horse" } } });
    assert.equal(changed.status, 202);
    const { configuration } = (await drive.row(path)).operation;
    assert.deepEqual(JSON.parse(configuration), { ...SENT, size: "2GB", password: "correct-horse" });
    await drive.succeed(path, { address: "a" });

    const short = problem(
      await request("PATCH", path, { body: { configuration: { password: "short" } } }),
      422,
      "validation",
    );
    assert.deepEqual(
      short.errors?.map(({ pointer }) => pointer),
      ["/configuration/password"],
    );
    assert.match(short.errors?.[0]?.detail ?? "", /8 characters/, "the detail still says what to do");
  },
  options,
);

mountedTest(
  "no request confirms a guessed value of a redacted field",
  async ({ request, drive }) => {
    const { headers } = await request("POST", PATH, { body: { configuration: SENT } });
    const path = headers.get("location") ?? "";
    await drive.succeed(path, { address: "a" });
    const same = await request("PATCH", path, { body: { configuration: { size: "1GB" } } });
    assert.equal(same.status, 200, "what is not redacted is compared");
    for (const configuration of [{ password: "hunter22" }, { password: "wrong-guess" }]) {
      assert.equal((await request("PATCH", path, { body: { configuration } })).status, 202);
      await drive.succeed(path, { address: "a" });
    }

    const vaults = "/api/vaults";
    const kept = await request("POST", vaults, { body: { configuration: { label: "l", pin: "1234" } } });
    const at = kept.headers.get("location") ?? "";
    await drive.event(at, { event: "cancel-requested" });
    for (const pin of ["1234", "9999"]) {
      const response = await request("PUT", at, { body: { configuration: { label: "l", pin } } });
      problem(response, 405, "method-not-allowed");
    }
  },
  options,
);
