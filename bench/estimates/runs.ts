import { DEFAULT_POLICY } from "../../src/core/policy.ts";
import type { Resource } from "../../src/core/resource.ts";
import { newOperation } from "../../src/core/state-machine/new-operation.ts";

/** Creates a seeded generator of numbers from 0 up to 1. @see https://en.wikipedia.org/wiki/Linear_congruential_generator */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

export interface Distribution {
  readonly name: string;
  /** Draws the duration of a run in milliseconds. */
  readonly draw: (random: () => number) => number;
}

const SECOND = 1000;

export const DISTRIBUTIONS: readonly Distribution[] = [
  { name: "constant, 91.3 s", draw: () => 91.3 * SECOND },
  { name: "log-normal, median 90 s", draw: (random) => 90 * SECOND * Math.exp(0.5 * normal(random)) },
  {
    name: "bimodal, 60 s or 240 s",
    draw: (random) => (random() < 0.6 ? 60 : 240) * SECOND * (1 + 0.05 * normal(random)),
  },
  { name: "growing with the configuration, 60 to 600 s", draw: (random) => 61.3 * SECOND * Math.ceil(random() * 10) },
];

/**
 * Share of the time that each step takes. Work reports progress by completed steps, as most work does, so progress is not
 * proportional to time.
 */
const SHARES = [0.05, 0.1, 0.55, 0.2, 0.1];
const REPORTS_PER_STEP = 4;

/** A simulated run with the rows that a server would have stored. */
export interface Run {
  readonly totalMs: number;
  /** The rows in the order of their commits, the settled one last. */
  readonly rows: readonly Resource[];
}

export function draw(distribution: Distribution, random: () => number): Run {
  const totalMs = distribution.draw(random);
  const noisy = SHARES.map((share) => share * Math.exp(0.15 * normal(random)));
  const sum = noisy.reduce((left, right) => left + right, 0);
  const rows: Resource[] = [rowAt(0, {})];
  let atMs = 0;
  noisy.forEach((share, step) => {
    const stepMs = (share / sum) * totalMs;
    for (let report = 1; report <= REPORTS_PER_STEP; report++) {
      const now = atMs + (stepMs * report) / REPORTS_PER_STEP;
      const progress = (step + report / REPORTS_PER_STEP) / SHARES.length;
      const done = report === REPORTS_PER_STEP ? step : step - 1;
      const doneAt = report === REPORTS_PER_STEP ? now : atMs;
      rows.push(rowAt(now, { progress, ...(done < 0 ? {} : { lastStep: `step-${done}`, lastStepAt: doneAt }) }));
    }
    atMs += stepMs;
  });
  rows[rows.length - 1] = rowAt(totalMs, { state: "succeeded", settledAt: totalMs });
  return { totalMs, rows };
}

let made = 0;
let current = "";

function rowAt(at: number, fields: Partial<Resource["operation"]>): Resource {
  if (at === 0) current = `run-${made++}`;
  const operation = newOperation({
    id: current,
    kind: "create",
    at: 0,
    policy: { status: "Making", ...DEFAULT_POLICY },
    configuration: "{}",
    rawConfiguration: "{}",
    input: null,
    dueAt: 0,
    principal: null,
    traceparent: null,
    turn: null,
  });
  return {
    type: "widget",
    id: current,
    creation: current,
    edit: 1,
    version: 1,
    owner: null,
    parent: null,
    createdAt: 0,
    updatedAt: at,
    status: "Making",
    settledStatus: null,
    configuration: "{}",
    rawConfiguration: "{}",
    metadata: null,
    details: "{}",
    error: null,
    webhook: null,
    operation: { ...operation, state: "running", startedAt: 0, ...fields },
    deletedAt: null,
  };
}

/** Returns the row that a GET at an instant of the run would read. */
export function rowOf({ rows }: Run, atMs: number): Resource {
  const row = rows.findLast(({ updatedAt }) => updatedAt <= atMs);
  if (row === undefined) throw new RangeError(`the run has no row at ${atMs} ms`);
  return row;
}
