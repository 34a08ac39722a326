import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Fixture } from "../../../test/worker/fixture.ts";
import { machine, whenAborted } from "../../../test/worker/machine.ts";
import { PermanentError } from "../../core/errors.ts";

suite("a step's tries", () => {
  test("is retried within the attempt, after pauses that an abort ends", async () => {
    let tries = 0;
    const type = machine(async ({ step }) => {
      const flaky = (): string => {
        if (++tries < 3) throw new Error("flaky");
        return "up";
      };
      return { address: await step("boot", flaky, { retry: { attempts: 3, initialMs: 1000 } }) };
    });
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const id = await fixture.create(type);
    await fixture.passing(() => tries === 1);
    fixture.clock.advance(750);
    await fixture.passing(() => tries === 2);
    fixture.clock.advance(1500);
    const { operation } = await fixture.settled(type, id);
    assert.equal(tries, 3);
    assert.equal(operation.attempt, 1);
  });

  test("is not retried after a PermanentError", async () => {
    let tries = 0;
    const type = machine(async ({ step }) => {
      await step(
        "boot",
        () => {
          tries++;
          throw new PermanentError("never", { code: "no-such-os" });
        },
        { retry: { attempts: 3 } },
      );
      return {};
    });
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const { error, operation } = await fixture.settled(type, await fixture.create(type));
    assert.deepEqual(
      { tries, attempt: operation.attempt, error },
      { tries: 1, attempt: 1, error: { code: "no-such-os", title: "No such os", detail: "never", retryable: false } },
    );
  });

  test("that exceeds its time limit is aborted and retried", async () => {
    const reasons: unknown[] = [];
    let tries = 0;
    const type = machine(async ({ step }) => {
      const slow = ({ signal }: { signal: AbortSignal }): Promise<string> => {
        if (++tries === 2) return Promise.resolve("up");
        return whenAborted(signal, (code) => reasons.push(code));
      };
      return { address: await step("boot", slow, { timeoutMs: 100, retry: { attempts: 2, initialMs: 10 } }) };
    });
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const id = await fixture.create(type);
    await fixture.passing(() => tries === 1);
    fixture.clock.advance(100);
    await fixture.passing(() => reasons.length === 1);
    await fixture.answered();
    fixture.clock.advance(10);
    await fixture.settled(type, id);
    assert.deepEqual({ tries, reasons }, { tries: 2, reasons: ["step-timed-out"] });
  });

  test("that ignores its signal is abandoned, and fails", async () => {
    let begun = false;
    const type = machine(
      async ({ step }) => {
        await step(
          "hang",
          () => {
            begun = true;
            return new Promise(() => {});
          },
          { timeoutMs: 100 },
        );
        return {};
      },
      { create: { retry: { attempts: 1 } } },
    );
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const id = await fixture.create(type);
    await fixture.passing(() => begun);
    fixture.clock.advance(100);
    fixture.clock.advance(5000);
    assert.equal((await fixture.settled(type, id)).error?.code, "step-timed-out");
  });
});
