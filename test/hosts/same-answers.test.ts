import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HOSTS } from "./hosts.ts";
import { startPrintApp } from "./print-app.ts";
import { exchange, type Got, REQUESTS, type Sent } from "./requests.ts";

const OPTIONS = {
  operations: true,
  messages: true,
  worker: true,
  mcp: true,
  cors: { origins: ["https://page.test"] },
  authenticate: ({ header }: { header: (name: string) => string | undefined }) => {
    const id = header("x-user") ?? "";
    return id === "" ? null : { id, operator: id === "ann" };
  },
};

/** Headers that depend on the connection or the time. */
const VARYING = new Set(["date", "connection", "keep-alive", "transfer-encoding"]);

/** Replaces everything that differs between two runs on the same host. */
function comparable(text: string): string {
  return (
    text
      .replaceAll(/\b[0-9a-z]{22}\b/g, "ID")
      .replaceAll(/\beyJ[\w-]+/g, "CURSOR")
      // Present once a resource of the type has settled, which the next request does not wait for.
      .replaceAll(/,\\?"estimatedTimeRemaining\\?":\\?"[^"\\]+\\?"/g, "")
      .replaceAll(/"last-modified":"[^"]+"/g, '"last-modified":"INSTANT"')
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "INSTANT")
      .replaceAll(/"etag":"[^,]+?"(?=[,}])/g, '"etag":"TAG"')
  );
}

/** Numbers of the views of the dashboard are instants and durations. */
const VIEWS = /^GET \/api\/dashboard\/(?:resources|overview)/;

function toComparable({ line, until }: Sent, { status, headers, body }: Got): string {
  const isPart = until !== undefined;
  const length = headers["content-length"];
  const isLengthOfBody = length !== undefined && Number(length) === Buffer.byteLength(body);
  const isLengthKept = !isPart && !line.startsWith("HEAD ");
  const kept = Object.entries({
    ...headers,
    ...(isLengthOfBody ? { "content-length": "that of the body" } : {}),
  }).filter(([name]) => !VARYING.has(name) && (isLengthKept || name !== "content-length"));
  const text = isPart ? body.slice(0, body.indexOf(until)) : body;
  const got = comparable(
    JSON.stringify({
      status,
      headers: Object.fromEntries(kept.toSorted(([one], [other]) => one.localeCompare(other))),
      body: text,
    }),
  );
  return VIEWS.test(line) ? got.replaceAll(/\d+/g, "NUMBER") : got;
}

async function answersOf(name: string): Promise<ReadonlyMap<Sent, string>> {
  await using app = await startPrintApp(OPTIONS);
  const open = HOSTS[name];
  assert.ok(open !== undefined);
  const host = await open(app);
  const answers = new Map<Sent, string>();
  try {
    for (const sent of REQUESTS) answers.set(sent, toComparable(sent, await exchange(host.port, sent)));
  } finally {
    await host.close();
  }
  return answers;
}

describe("an app that is mounted", async () => {
  const [model = "", ...others] = Object.keys(HOSTS);
  const expected = await answersOf(model);

  it("answers requests of every kind", () => {
    const statuses = new Set([...expected.values()].map((answer) => answer.slice(0, 13)));
    assert.ok(REQUESTS.length > 140 && statuses.size >= 14, `${REQUESTS.length}, ${[...statuses].join(" ")}`);
  });

  for (const name of others) {
    it(`answers in ${name} as in ${model}`, async () => {
      const answers = await answersOf(name);
      for (const sent of REQUESTS) assert.equal(answers.get(sent), expected.get(sent), JSON.stringify(sent));
    });
  }
});
