import assert from "node:assert/strict";
import { test } from "node:test";
import { rejection } from "../../../test/client/fixture.ts";
import { busy, routes, settled, typedFixture } from "../../../test/client/typed-fixture.ts";
import { isAfootError } from "../../core/errors.ts";

const ONE = "/api/virtual-machines/67890";
const ready = settled("Ready", 1);

test("a value that JSON would lose is rejected with its path, before anything is sent", async () => {
  await typedFixture(routes({ [`GET ${ONE}`]: ready }), async ({ server, api }) => {
    const vm = await api.virtualMachines.get("67890");
    const writes: [write: Promise<unknown>, message: RegExp][] = [
      [api.virtualMachines.create({ sizeGb: Number.NaN }), /^body\.configuration\.sizeGb: NaN is not JSON/],
      [vm.replace({ disks: [new Map()] }), /^body\.configuration\.disks\.0: \[object Map\] is/],
      [vm.update({ key: Buffer.from("a") }), /^body\.configuration\.key: \[object Uint8Array\] is/],
      [vm.act("force-stop", { count: 1n }), /^body\.count: \[object BigInt\] is/],
      [vm.send("approval", { at: /a/ }), /^body\.at: \[object RegExp\] is/],
    ];
    for (const [write, message] of writes) {
      const error = await rejection(write);
      assert.ok(isAfootError(error), String(error));
      assert.equal(error.code, "invalid-body");
      assert.match(error.message, message);
    }
    assert.equal(server.requests.length, 1);
  });
});

test("a value that JSON encodes without a loss is sent", async () => {
  const script = routes({ [`GET ${ONE}`]: ready, [`PUT ${ONE}`]: busy("Resizing", 2, { status: 202 }) });
  await typedFixture(script, async ({ server, api }) => {
    const vm = await api.virtualMachines.get("67890");
    const at = new Date(0);
    await vm.replace({ at, none: null, left: undefined, list: [1.5, undefined, "a"], deep: { is: true } });
    assert.deepEqual(server.requests.at(-1)?.body, {
      configuration: { at: at.toISOString(), none: null, list: [1.5, null, "a"], deep: { is: true } },
    });
    for (const lost of [new Date(Number.NaN), Number.NEGATIVE_INFINITY, Array.from({ length: 1 }, () => Symbol("a"))]) {
      const error = await rejection(vm.replace({ lost }));
      assert.ok(isAfootError(error) && error.code === "invalid-body", String(error));
    }
    const sparse = [1];
    sparse[2] = 3;
    assert.match(String(await rejection(vm.replace({ sparse }))), /body\.configuration\.sparse\.1: /);
  });
});
