import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Fixture } from "../../test/worker/fixture.ts";
import { FATES, lossyBroker } from "../../test/worker/lossy-broker.ts";
import { addressOf, machine } from "../../test/worker/machine.ts";
import type { RecordMessage } from "../core/ports/messages.ts";

/** One part of the work of a resource. */
type Part = "step" | "undoable" | "parallel" | "sleep" | "until" | "receive" | "fails once" | "fails";

const parts = fc.array(
  fc.constantFrom<Part>(
    "step",
    "step",
    "undoable",
    "undoable",
    "parallel",
    "sleep",
    "until",
    "receive",
    "fails once",
    "fails",
  ),
  {
    minLength: 1,
    maxLength: 6,
  },
);

test("with lost, repeated and late messages, recorded steps are not run again, and every operation ends correctly", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(parts, { minLength: 1, maxLength: 6 }),
      fc.infiniteStream(fc.nat({ max: FATES.length - 1 })),
      fc.boolean(),
      run,
    ),
    { numRuns: 15 },
  );
});

async function run(plans: readonly (readonly Part[])[], fates: Iterator<number>, cancels: boolean): Promise<void> {
  const planOf = (id: string): readonly Part[] => plans[Number(id.slice(1)) - 1] ?? [];
  const again: string[] = [];
  const recorded = new Set<string>();
  const undone: string[] = [];
  const type = machine(
    async ({ id, attempt, step, sleep, until, receive, report }) => {
      const plan = planOf(id);
      const once = (name: string) => (): string => {
        const key = `${id}/${name}`;
        if (recorded.has(key)) again.push(`${key} in attempt ${attempt}`);
        return name;
      };
      for (const [index, part] of plan.entries()) {
        const name = `${part} ${index}`;
        report({ progress: index / plan.length, status: name });
        switch (part) {
          case "step":
            assert.equal(await step(name, once(name)), name);
            break;
          case "undoable":
            assert.equal(await step(name, once(name), { undo: () => void undone.push(`${id}/${name}`) }), name);
            break;
          case "parallel":
            await Promise.all(
              ["x", "y", "z"].map((each) =>
                step(name + each, once(name + each), { undo: () => void undone.push(`${id}/${name}${each}`) }),
              ),
            );
            break;
          case "sleep":
            await sleep(name, 3000);
            break;
          case "until":
            assert.equal(await until(name, () => attempt > 2 && "up", { everyMs: 700 }), "up");
            break;
          case "receive":
            assert.equal(await receive("hint", { timeoutMs: 5000 }), undefined);
            break;
          case "fails once":
            if (attempt === 1) throw new Error("once");
            break;
          case "fails":
            throw new Error("always");
        }
      }
      return { address: plan.join(",") };
    },
    { create: { retry: { attempts: 3 } } },
  );
  await using fixture = await Fixture.open({ types: [type] });
  // From the reply of a server on, a record is committed.
  const { broker } = fixture;
  const seen = {
    ...broker,
    request: async (...[kind, request, options]: Parameters<typeof broker.request>) => {
      const reply = await broker.request(kind, request, options);
      if (kind === "record" && "result" in reply && reply.result === "ok") noteRecord(request as RecordMessage);
      return reply;
    },
  } as typeof broker;
  const ids = new Map<string, string>();
  const noteRecord = ({ operation, step, state }: RecordMessage): void => {
    const id = ids.get(operation);
    if (state === "done") recorded.add(`${id}/${step}`);
    if (state === "undone") recorded.delete(`${id}/${step}`);
  };
  while (ids.size < plans.length) {
    const id = await fixture.create(type);
    ids.set((await fixture.read(type, id)).operation.id, id);
  }
  const lossy = lossyBroker(seen, () => FATES[Number(fates.next().value)] ?? "arrives");
  await fixture.startWorker({}, () => lossy);
  await fixture.startWorker({}, () => lossy);
  if (cancels) {
    await fixture.ticks();
    await fixture.applyEvent(type, "r1", { event: "cancel-requested" }).catch(() => {});
  }
  for (const id of ids.values()) await assertEnded(fixture, id, planOf(id));
  assert.deepEqual(again, [], "recorded steps that were run again");

  async function assertEnded(of: Fixture, id: string, plan: readonly Part[]): Promise<void> {
    const resource = await of.advanceUntil(type, id, ({ operation }) => operation.settledAt !== null);
    const { status, error, operation } = resource;
    const expected = plan.includes("fails") ? "Failed" : "Ready";
    assert.ok(
      status === expected || (cancels && id === "r1" && status === "Cancelled"),
      `${id} ended as ${status}: ${JSON.stringify([error, plan])}`,
    );
    assert.ok(error === null || error.code === "internal" || error.code === "cancelled", JSON.stringify(error));
    if (status === "Ready") assert.equal(addressOf(resource), plan.join(","));
    if (status === "Ready") return;
    assert.equal(operation.undoable, 0);
    const records = await of.records(type, id);
    assert.ok(
      records.every(({ undo, state }) => !undo || state === "undone"),
      JSON.stringify(records),
    );
    const order = undone
      .filter((key) => key.startsWith(`${id}/`))
      .map((key) => records.find(({ step }) => key === `${id}/${step}`)?.position ?? 0);
    assert.deepEqual(
      order,
      order.toSorted((a, b) => b - a),
      "undone in reverse",
    );
  }
}
