import assert from "node:assert/strict";
import { test } from "node:test";
import { rejection } from "../../../test/client/fixture.ts";
import { routes, typedFixture } from "../../../test/client/typed-fixture.ts";
import { isAfootError } from "../../core/errors.ts";

const ONE = "/api/virtual-machines/67890";

test("ifUnchanged sends the strong tag of the server, whatever a proxy that compresses has made of it", async () => {
  const tags: Record<string, string> = {
    '"c.1-b"': '"c.1-b"',
    'W/"c.1-b"': '"c.1-b"',
    'w/"c.1-b"': '"c.1-b"',
    '"c.1-b-gzip"': '"c.1-b"',
    '"c.1-b--gzip"': '"c.1-b"',
    '"c.1-b;br"': '"c.1-b"',
    '"c.1-b-br"': '"c.1-b"',
    'W/"c.1-b-zstd"': '"c.1-b"',
    '"c.1-b-gzip-gzip"': '"c.1-b"',
    // A time remaining in base 36 is no suffix of a proxy.
    '"c.1-b.br"': '"c.1-b.br"',
    '"c.1-b.gzip"': '"c.1-b.gzip"',
  };
  for (const [received, sent] of Object.entries(tags)) {
    const reply = { headers: { etag: received }, body: { id: "67890", status: "Ready" } };
    const script = routes({
      [`GET ${ONE}`]: reply,
      [`PATCH ${ONE}`]: reply,
      [`PUT ${ONE}`]: reply,
      [`DELETE ${ONE}`]: { ...reply, status: 202 },
    });
    await typedFixture(script, async ({ server, api }) => {
      const vm = await api.virtualMachines.get("67890");
      await vm.refresh();
      await vm.update({}, { ifUnchanged: true });
      await vm.replace({}, { ifUnchanged: true });
      await vm.delete({ ifUnchanged: true });
      assert.deepEqual(
        server.requests.map(({ headers }) => headers["if-match"] ?? headers["if-none-match"]),
        [undefined, sent, sent, sent, sent],
        received,
      );
    });
  }
});

test("ifUnchanged without an ETag is an error, and sends nothing", async () => {
  const script = routes({ [`GET ${ONE}`]: { body: { id: "67890", status: "Ready" } } });
  await typedFixture(script, async ({ server, api }) => {
    const vm = await api.virtualMachines.get("67890");
    for (const write of [vm.update({}, { ifUnchanged: true }), vm.delete({ ifUnchanged: true })]) {
      const error = await rejection(write);
      assert.ok(isAfootError(error) && error.code === "etag-missing", String(error));
    }
    assert.equal(server.requests.length, 1);
  });
});
