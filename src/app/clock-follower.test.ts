import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { SteppedClock } from "../../test/support/stepped-clock.ts";
import { type Log, silentLog } from "../core/ports/log.ts";
import type { ClockReading } from "../core/scheduling/clock-step.ts";
import { type SteadyClock, steadyClock } from "../core/scheduling/steady-clock.ts";
import { ClockFollower } from "./clock-follower.ts";

const HOUR = 3_600_000;

/** A machine's clocks. The wall clock can be set. */
class MachineClock extends SteppedClock {
  setBy = 0;
  suspendedMs = 0;

  override now(): number {
    return super.now() + this.setBy;
  }

  uptimeMs(): number {
    return this.monotonic() + this.suspendedMs;
  }
}

describe("a clock follower", () => {
  let machine: MachineClock;
  let clock: SteadyClock;
  let readings: ClockReading[];
  let warnings: string[];
  let isDown: boolean;
  let follower: ClockFollower;

  beforeEach(async () => {
    machine = new MachineClock();
    clock = steadyClock(machine);
    readings = [];
    warnings = [];
    isDown = false;
    const log: Log = { ...silentLog, warn: (_fields, message) => void warnings.push(message) };
    const store = {
      async adjustToClock(reading: ClockReading) {
        if (isDown) throw new Error("down");
        readings.push(reading);
        return { movedMs: 0, totalMs: readings.length };
      },
    };
    follower = new ClockFollower({ store, clock, wallClock: machine, log, uptimeMs: () => machine.uptimeMs() });
    await follower.start();
    assert.deepEqual(readings.splice(0), [{ at: machine.now() }]);
  });

  it("follows drift without the store, and stores the instant every 15 s", async () => {
    machine.setBy = 900;
    machine.advance(5000);
    await follower.check();
    assert.equal(clock.now(), machine.now());
    assert.deepEqual(readings, []);
    machine.advance(10_000);
    await follower.check();
    assert.deepEqual(readings, [{ at: machine.now(), expectedAt: machine.now(), totalMs: 1 }]);
    assert.deepEqual(warnings, []);
  });

  const expectStep = async (byMs: number, warning: RegExp): Promise<void> => {
    const before = clock.now();
    machine.advance(3000);
    machine.setBy = byMs;
    assert.equal(clock.now(), before + 3000, "not set yet");
    await follower.check();
    assert.deepEqual(readings, [{ at: machine.now(), expectedAt: before + 3000, totalMs: 1 }]);
    assert.equal(clock.now(), machine.now());
    assert.match(warnings[0] ?? "", warning);
  };

  it("runs on when the wall clock is set back, and then steps together with the store", () =>
    expectStep(-26 * HOUR, /^the wall clock was set back; moved/));

  it("runs on when the wall clock is set forward, and then steps together with the store", () =>
    expectStep(26 * HOUR, /^the wall clock was set forward; moved/));

  it("moves writes that were in flight at a step back, with the next reading", async () => {
    machine.setBy = -HOUR;
    await follower.check();
    machine.advance(2000);
    await follower.check();
    const expectedAt = machine.now() + HOUR;
    assert.deepEqual(readings.at(-1), { at: machine.now(), expectedAt, totalMs: 1 }, "the sum before the step");
    machine.advance(2000);
    await follower.check();
    assert.equal(readings.length, 2);
  });

  it("takes a second step at once for a step, and not for what was in flight at the first", async () => {
    const before = clock.now();
    machine.setBy = -HOUR;
    await follower.check();
    machine.setBy = -3 * HOUR;
    await Promise.all([follower.check(), follower.check()]);
    assert.deepEqual(readings, [
      { at: before - HOUR, expectedAt: before, totalMs: 1 },
      { at: before - 3 * HOUR, expectedAt: before - HOUR, totalMs: 1 },
    ]);
  });

  it("does not step before the store has", async () => {
    const before = clock.now();
    isDown = true;
    machine.setBy = -HOUR;
    await assert.rejects(follower.check());
    assert.equal(clock.now(), before);
    machine.advance(5000);
    isDown = false;
    await follower.check();
    assert.deepEqual(readings, [{ at: machine.now(), expectedAt: before + 5000, totalMs: 1 }]);
  });

  it("takes a suspension of the machine for time that has passed", async () => {
    machine.setBy = 8 * HOUR;
    machine.suspendedMs = 8 * HOUR;
    await follower.check();
    assert.equal(clock.now(), machine.now());
    assert.deepEqual({ readings, warnings }, { readings: [], warnings: [] });
  });
});
