import assert from "node:assert/strict";

/** Posts a report to a server of `examples/hosts` and follows it to its end. */
export async function printReport(origin: string): Promise<{ readonly url: string; readonly tag: string }> {
  const configuration = { title: "A long way home" };
  const accepted = await fetch(`${origin}/api/reports`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ configuration }),
  });
  assert.equal(accepted.status, 202);
  const { id, status } = (await accepted.json()) as { id: string; status: string };
  assert.equal(status, "Printing");
  assert.equal(accepted.headers.get("Location"), `/api/reports/${id}`);
  const url = `${origin}/api/reports/${id}`;
  const settled = await fetch(url, { headers: { Prefer: "wait=30" } });
  assert.deepEqual(await settled.json(), { id, status: "Printed", configuration, pages: 2 });
  assert.equal(settled.headers.get("Retry-After"), null);
  return { url, tag: settled.headers.get("ETag") ?? "" };
}
