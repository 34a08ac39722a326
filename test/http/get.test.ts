import assert from "node:assert/strict";
import { mountedTest, MACHINES, problem } from "./harness/mounted-test.ts";
import { LINUX } from "./harness/types.ts";

mountedTest("GET has validators and must be revalidated by caches", async ({ request, create, drive }) => {
  const path = await create();
  for (const settled of [false, true]) {
    if (settled) await drive.succeed(path);
    const { status, headers } = await request("GET", path);
    assert.equal(status, 200);
    assert.match(headers.get("etag") ?? "", /^"[0-9a-z]+\.[0-9]+-[A-Za-z0-9_.-]+"$/);
    assert.equal(headers.get("last-modified"), "Thu, 01 Jan 2026 00:00:00 GMT");
    assert.equal(headers.get("cache-control"), "private, no-cache");
    assert.equal(headers.get("vary"), "Accept");
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.has("retry-after"), !settled);
  }
});

mountedTest(
  "details reported in progress appear at once, beside the status reported",
  async ({ request, create, drive }) => {
    const path = await create();
    await drive.progress(path, 0.1, { status: "Booting", details: { note: "half of it" } });
    const { json } = await request("GET", path);
    assert.deepEqual(
      { status: json.status, note: json.note, progress: json.progress },
      { status: "Booting", note: "half of it", progress: "10%" },
    );
  },
);

mountedTest("progress is rounded down and never 100% while in progress", async ({ request, create, drive }) => {
  const path = await create();
  assert.equal("progress" in (await request("GET", path)).json, false);
  for (const [reported, shown] of [
    [0, "0%"],
    [0.29, "29%"],
    [0.57, "57%"],
    [0.999, "99%"],
    [1, "99%"],
  ] as const) {
    await drive.progress(path, reported);
    assert.equal((await request("GET", path)).json.progress, shown);
  }
});

mountedTest("a failed create shows the failed label and the error", async ({ request, create, drive }) => {
  const path = await create();
  await drive.fail(path);
  const { status, headers, json } = await request("GET", path);
  assert.equal(status, 200);
  assert.equal(headers.has("retry-after"), false);
  assert.equal(json.status, "Failed");
  assert.deepEqual(json.error, {
    type: "urn:afoot:problem:work-failed",
    title: "Work failed",
    detail: "The disk is full.",
    code: "work-failed",
    retryable: false,
  });
});

mountedTest(
  "a failed update restores the configuration and shows the error until the next operation",
  async ({ request, create, drive }) => {
    const path = await create();
    await drive.succeed(path, { IPAddress: "10.0.0.1" }, "Stopped");
    assert.equal(
      (await request("PATCH", path, { body: { configuration: { ram: "1TB" } } })).json.configuration.ram,
      "1TB",
    );
    await drive.fail(path);
    const { json } = await request("GET", path);
    assert.deepEqual(
      { status: json.status, configuration: json.configuration, IPAddress: json.IPAddress, code: json.error.code },
      { status: "Stopped", configuration: LINUX, IPAddress: "10.0.0.1", code: "work-failed" },
    );
    assert.equal("error" in (await request("POST", `${path}/restart`)).json, false);
  },
);

mountedTest("?fields= gives these fields alone", async ({ request, create, drive, clock }) => {
  const path = await create();
  await drive.progress(path, 0.25, {
    details: { note: "n", IPAddress: "10.0.0.1" },
    estimatedEndAt: clock.now() + 60_000,
  });
  const all = await request("GET", path);
  assert.equal(
    (await request("GET", `${path}?fields=status,progress`)).text,
    '{"status":"Provisioning","progress":"25%"}',
  );
  assert.equal(
    (await request("GET", `${path}?fields=progress,status`)).text,
    '{"status":"Provisioning","progress":"25%"}',
  );
  assert.equal((await request("GET", `${path}?fields=note`)).text, '{"note":"n"}');
  assert.equal((await request("GET", `${path}?fields=error`)).text, "{}");
  assert.equal(
    (await request("GET", `${path}?fields=estimatedTimeRemaining`)).text,
    '{"estimatedTimeRemaining":"1 minute"}',
  );
  assert.ok((await request("GET", `${path}?fields=status`)).headers.has("retry-after"));

  const every = await request(
    "GET",
    `${path}?fields=id,status,configuration,progress,estimatedTimeRemaining,error,IPAddress,note`,
  );
  assert.deepEqual(every.json, all.json);
  const { detail } = problem(await request("GET", `${path}?fields=status,colour`), 400, "invalid-query");
  assert.match(detail, /"colour".*IPAddress/);
});

mountedTest("equal bytes have equal ETags, also by different ?fields=", async ({ request, create }) => {
  const path = await create();
  const etag = async (fields: string) => (await request("GET", `${path}?fields=${fields}`)).headers.get("etag");
  assert.equal(await etag("status"), await etag("status,progress"));
  assert.notEqual(await etag("status"), await etag("id"));
  assert.equal(await etag("id,status,configuration"), (await request("GET", path)).headers.get("etag"));
});

mountedTest(
  "If-None-Match answers 304 when unchanged, with Retry-After while in progress",
  async ({ request, create, drive }) => {
    const path = await create();
    for (const settled of [false, true]) {
      if (settled) await drive.succeed(path);
      const etag = (await request("GET", path)).headers.get("etag") ?? "";
      for (const given of [etag, `"other", ${etag}`, `W/${etag}`, "*"]) {
        const { status, headers, text } = await request("GET", path, { headers: { "if-none-match": given } });
        assert.equal(status, 304);
        assert.equal(text, "");
        assert.equal(headers.get("etag"), etag);
        assert.equal(headers.get("cache-control"), "private, no-cache");
        assert.equal(headers.has("retry-after"), !settled);
      }
      assert.equal((await request("GET", path, { headers: { "if-none-match": '"other"' } })).status, 200);
    }
  },
);

mountedTest("an invalid header is rejected", async ({ request, create }) => {
  const path = await create();
  for (const wrong of ["x", '"a', '"a" "b"x', ","]) {
    problem(await request("GET", path, { headers: { "if-none-match": wrong } }), 400, "invalid-header");
    problem(await request("DELETE", path, { headers: { "if-match": wrong } }), 400, "invalid-header");
  }
});

mountedTest("HEAD is GET without the body", async ({ request, send, create }) => {
  const path = await create();
  for (const target of [path, MACHINES, `${path}/history`]) {
    const got = await request("GET", target);
    const head = await send({ method: "HEAD", path: target });
    assert.equal(head.status, 200);
    assert.equal(head.text, "");
    assert.equal(head.headers.get("content-length"), String(Buffer.byteLength(got.text)));
    for (const name of ["etag", "content-type", "retry-after"]) {
      assert.equal(head.headers.get(name), got.headers.get(name));
    }
  }
  assert.equal((await send({ method: "HEAD", path: `${MACHINES}/unknown` })).status, 404);
  assert.equal((await send({ method: "HEAD", path, headers: { accept: "text/event-stream" } })).status, 200);
});

mountedTest("the options of a type's representation", async ({ request, drive, clock }) => {
  const made = await request("POST", "/api/orders", { body: { configuration: { item: "book" } } });
  const path = made.headers.get("location") ?? "";
  clock.advance(1000);
  await drive.progress(path, 0.5, { details: { parcel: "p", wrapped: true }, estimatedEndAt: clock.now() + 100_000 });
  const { json, headers } = await request("GET", path);
  const { id, ...rest } = json;
  assert.deepEqual(rest, {
    status: "Packing",
    configuration: { item: "book" },
    progress: 0.5,
    estimatedTimeRemaining: 120,
    parcel: "p",
    wrapped: true,
    createdAt: "2026-01-01T00:00:00.000Z",
    updatedAt: "2026-01-01T00:00:01.000Z",
    attempt: 1,
    observedAt: "2026-01-01T00:00:01.000Z",
  });
  assert.equal(headers.get("last-modified"), "Thu, 01 Jan 2026 00:00:01 GMT");
  assert.equal((await request("GET", `${path}?fields=attempt,wrapped`)).text, '{"wrapped":true,"attempt":1}');
  assert.ok(id);

  const scanned = await request("POST", "/api/scans", { body: { configuration: { url: "u" } } });
  const scan = scanned.headers.get("location") ?? "";
  await drive.progress(scan, 0.5, { estimatedEndAt: clock.now() + 15 * 60_000 });
  assert.equal((await request("GET", scan)).json.estimatedTimeRemaining, "PT15M");
});
