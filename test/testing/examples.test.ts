import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type CheckedRun, checkResource } from "afoot/testing";
import { report } from "../../examples/hosts/report.ts";
import { moderation } from "../../examples/moderation/moderation.ts";
import type { Hypervisor, Size } from "../../examples/virtual-machines/hypervisor.ts";

process.env["AFOOT_HYPERVISOR"] = "simulated";
const { virtualMachine } = await import("../../examples/virtual-machines/virtual-machine.ts");
const { hypervisor } = await import("../../examples/virtual-machines/detect.ts");

/** Orders are checked by test/examples/orders/check.test.ts, which docs/testing.md shows. */
suite("examples", () => {
  test("moderations", async () => {
    for (const [text, messages] of [
      ["harmless", []],
      ["damn https://a https://b https://c", []],
      ["damn", [{ name: "decision", value: { approved: true, by: "Ann" }, afterMs: 1000 }]],
    ] as const) {
      const { findings } = await checkResource(moderation, () => ({ configuration: { text }, messages }));
      assert.deepEqual(findings, []);
    }
  });

  test("reports", async () => {
    assert.deepEqual((await checkResource(report, () => ({ configuration: { title: "On time" } }))).findings, []);
  });

  for (const isUp of [true, false]) {
    test(`virtual machines that are ${isUp ? "up" : "down"}`, async () => {
      const size = { os: "Linux", ram: "8GB", storage: "64GB" };
      const before = { configuration: size, details: { IPAddress: "10.0.0.1" } };
      const { findings, runs, unchecked } = await checkResource(
        virtualMachine,
        (run) => {
          Object.assign(hypervisor, fakeHypervisor(run, size, isUp));
          return { before, configuration: { ...size, ram: "16GB" }, input: { force: true } };
        },
        { operations: isUp ? ["create", "update", "delete", "stop"] : ["start", "restart", "update"] },
      );
      assert.deepEqual(findings, []);
      assert.deepEqual(unchecked, ["observe: it is called only while an operation waits"]);
      assert.ok(runs > 70, `${runs} runs`);
    });
  }
});

/** A hypervisor in memory, with one machine unless the operation creates one. */
function fakeHypervisor({ effects, clock, operation }: CheckedRun, size: Size, isUp: boolean): Hypervisor {
  const machines = new Map<string, { key: string; size: Size; isUp: boolean }>();
  if (operation !== "create") machines.set("10.0.0.1", { key: "earlier", size, isUp });
  effects.watch("machines", () => [...machines]);
  const find = (machine: string) => machines.get(machine) ?? machines.values().find(({ key }) => key === machine);
  return {
    fetchImage: (_os, { signal }) => clock.sleep(10_000, signal),
    async allocate(key, requested) {
      if (find(key) === undefined) machines.set("10.0.0.9", { key, size: requested, isUp: false });
      return "10.0.0.9";
    },
    async boot(machine, requested, { signal, onProgress }) {
      onProgress?.(0.5);
      await clock.sleep(10_000, signal);
      const found = find(machine);
      if (found === undefined) throw new Error(`no machine ${machine}`);
      Object.assign(found, { size: requested, isUp: true });
      return {};
    },
    isUp: async (machine) => find(machine)?.isUp === true,
    async shutDown(machine) {
      const found = find(machine);
      if (found !== undefined) found.isUp = false;
    },
    async release(machine) {
      for (const [address, { key }] of machines) if (address === machine || key === machine) machines.delete(address);
    },
    hasCrashed: async () => false,
  };
}
