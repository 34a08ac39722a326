import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { cable } from "../../../test/worker/cable.ts";
import { Fixture } from "../../../test/worker/fixture.ts";
import { machine, type MachineContext, whenAborted } from "../../../test/worker/machine.ts";
import { PermanentError, WorkError } from "../../core/errors.ts";

suite("undo", () => {
  test("runs in reverse, with what each step returned and the key it had", async () => {
    const keys: Record<string, string> = {};
    const undone: unknown[] = [];
    const type = machine(async ({ step, sleep }) => {
      const made =
        (name: string) =>
        ({ idempotencyKey }: { idempotencyKey: string }): string => {
          keys[name] = idempotencyKey;
          return `${name}!`;
        };
      const undo =
        (name: string) =>
        ({ result, idempotencyKey }: { result: string | undefined; idempotencyKey: string }): void => {
          undone.push([name, result, idempotencyKey === keys[name]]);
        };
      await step("network", made("network"), { undo: undo("network") });
      await step("plain", made("plain"));
      await sleep("moment", 0);
      await Promise.all(["a", "b"].map((name) => step(name, made(name), { undo: undo(name) })));
      throw new PermanentError("no more hosts", { code: "no-hosts" });
    });
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const id = await fixture.create(type);
    const { status, error, operation } = await fixture.settled(type, id);
    assert.deepEqual(
      { status, code: error?.code, undoable: operation.undoable },
      { status: "Failed", code: "no-hosts", undoable: 0 },
    );
    assert.deepEqual(undone, [
      ["b", "b!", true],
      ["a", "a!", true],
      ["network", "network!", true],
    ]);
    const events = (await fixture.history(type, id)).map(({ event }) => event);
    assert.deepEqual(events.filter((event) => event === "step-undone").length, 3);
  });

  test("runs for a step that began and was never recorded, without a result", async () => {
    const line = cable();
    const begun = Promise.withResolvers<void>();
    const undone: unknown[] = [];
    const type = machine(async ({ attempt, step }) => {
      await step(
        "disk",
        async () => {
          if (attempt > 1) throw new PermanentError("second time");
          begun.resolve();
          await new Promise(() => {});
        },
        { undo: ({ result }) => void undone.push(result) },
      );
      return {};
    });
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker({}, line.through);
    const id = await fixture.create(type);
    await begun.promise;
    line.cut();
    await fixture.lose(type, id);
    await fixture.startWorker();
    const { error } = await fixture.settled(type, id);
    assert.deepEqual({ detail: error?.detail, undone }, { detail: "second time", undone: [undefined] });
  });

  test("runs for a step that failed, and nothing new runs meanwhile", async () => {
    const ran: string[] = [];
    const type = machine(async ({ step, sleep, receive, until, report }) => {
      await step(
        "disk",
        () => {
          throw new WorkError("full");
        },
        { undo: () => void ran.push("undo disk") },
      ).catch(() => ran.push("caught"));
      await step("net", () => void ran.push("net"), { undo: () => void ran.push("undo net") });
      report({ progress: 0.9 });
      const never = (): void => void ran.push("never");
      await Promise.race([
        step("fails", () => {
          throw new PermanentError("over");
        }),
        sleep("x", 1e6).then(never),
        receive("hint").then(never),
        until("u", () => false).then(never),
      ]);
      return {};
    });
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const id = await fixture.create(type);
    await fixture.settled(type, id);
    assert.deepEqual(ran, ["caught", "net", "caught", "undo net", "undo disk"]);
  });

  test("that throws is retried, and continues with the same step", async () => {
    const undone: string[] = [];
    let isBroken = true;
    const type = machine(async ({ step }) => {
      await step("a", () => {}, { undo: () => void undone.push("a") });
      await step("b", () => {}, {
        undo: () => {
          if (isBroken) throw new Error("not now");
          undone.push("b");
        },
      });
      await step("c", () => {}, { undo: () => void undone.push("c") });
      throw new PermanentError("over");
    });
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const id = await fixture.create(type);
    await fixture.reaches(type, id, ({ operation }) => operation.undoFailures === 1);
    assert.deepEqual(undone, ["c"]);
    isBroken = false;
    fixture.clock.advance(1000);
    const { error } = await fixture.settled(type, id);
    assert.deepEqual({ undone, detail: error?.detail }, { undone: ["c", "b", "a"], detail: "over" });
  });

  test("that throws a PermanentError ends as undo-incomplete, naming the remaining steps", async () => {
    const type = machine(async ({ step }) => {
      await step("a", () => {}, { undo: () => {} });
      await step("b", () => {}, {
        undo: () => {
          throw new PermanentError("gone for ever");
        },
      });
      throw new PermanentError("over");
    });
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const { error } = await fixture.settled(type, await fixture.create(type));
    assert.equal(error?.code, "undo-incomplete");
    assert.match(error.detail, /a, b|b, a/);
  });

  test("of a step that the work no longer has ends as undo-incomplete, after the others are undone", async () => {
    const undone: string[] = [];
    let isNew = false;
    const type = machine(async ({ step, receive }) => {
      await step("kept", () => {}, { undo: () => void undone.push("kept") });
      if (!isNew) await step("dropped", () => {}, { undo: () => void undone.push("dropped") });
      await receive("hint");
      throw new PermanentError("over");
    });
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const id = await fixture.create(type);
    await fixture.state(type, id, "waiting");
    isNew = true;
    await fixture.receive(type, id, "hint", "go on");
    const { error } = await fixture.settled(type, id);
    assert.deepEqual({ code: error?.code, undone }, { code: "undo-incomplete", undone: ["kept"] });
    assert.match(error?.detail ?? "", /dropped/);
    assert.doesNotMatch(error?.detail ?? "", /kept/);
  });

  test("waits a while for work that awaits something else on its way to a step", async () => {
    const outside = Promise.withResolvers<void>();
    let isUndone = false;
    let replays = 0;
    const type = machine(async ({ attempt, step, receive }) => {
      const first = step("a", () => {}, { undo: () => {} });
      const branch = async (): Promise<void> => {
        if (attempt > 1) {
          replays++;
          await outside.promise;
        }
        await step("b", () => {}, { undo: () => void (isUndone = true) });
      };
      await Promise.all([first, branch()]);
      await receive("hint");
      return {};
    });
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const id = await fixture.create(type);
    await fixture.state(type, id, "waiting");
    await fixture.applyEvent(type, id, { event: "cancel-requested" });
    await fixture.passing(() => replays === 1);
    await fixture.answered();
    fixture.clock.advance(4000);
    outside.resolve();
    const { error } = await fixture.settled(type, id);
    assert.deepEqual({ isUndone, code: error?.code }, { isUndone: true, code: "cancelled" });
  });

  test("of a lost attempt is continued by another worker, and not repeated once recorded", async () => {
    const line = cable();
    const stuck = Promise.withResolvers<void>();
    const undone: string[] = [];
    let isStuck = true;
    const undo = (name: string) => async (): Promise<void> => {
      undone.push(name);
      if (name === "a" && isStuck) {
        stuck.resolve();
        await new Promise(() => {});
      }
    };
    const work = async ({ step }: MachineContext): Promise<never> => {
      await step("a", () => {}, { undo: undo("a") });
      await step("b", () => {}, { undo: undo("b") });
      throw new PermanentError("over");
    };
    const type = machine(work);
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker({}, line.through);
    const id = await fixture.create(type);
    await stuck.promise;
    line.cut();
    isStuck = false;
    await fixture.lose(type, id);
    await fixture.startWorker();
    const { error } = await fixture.settled(type, id);
    assert.deepEqual({ undone, detail: error?.detail }, { undone: ["b", "a", "a"], detail: "over" });
  });

  test("lets a retry run the step again under another key", async () => {
    const keys: string[] = [];
    const type = machine(async ({ step }) => {
      await step("disk", ({ idempotencyKey }) => void keys.push(idempotencyKey), { undo: () => {} });
      if (keys.length === 1) throw new PermanentError("over");
      return {};
    });
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const id = await fixture.create(type);
    const { operation } = await fixture.settled(type, id);
    await fixture.change(type, id, { kind: "create", retryOf: operation.id });
    const { error } = await fixture.settled(type, id);
    assert.deepEqual({ error, count: keys.length, size: new Set(keys).size }, { error: null, count: 2, size: 2 });
  });

  test("has a signal that is aborted at the attempt's limit", async () => {
    const codes: string[] = [];
    const type = machine(
      async ({ step }) => {
        await step("disk", () => {}, {
          undo: ({ signal }) => {
            begun.resolve();
            return whenAborted(signal, (code) => codes.push(code));
          },
        });
        throw new PermanentError("over");
      },
      { create: { timeoutMs: 60_000, undo: { attempts: 1 } } },
    );
    const begun = Promise.withResolvers<void>();
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const id = await fixture.create(type);
    await begun.promise;
    fixture.clock.advance(60_000);
    const { error } = await fixture.settled(type, id);
    assert.deepEqual({ codes, code: error?.code }, { codes: ["timed-out"], code: "undo-incomplete" });
  });
});
