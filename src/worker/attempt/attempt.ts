import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { PermanentError } from "../../core/errors.ts";
import type { Log } from "../../core/ports/log.ts";
import type { AttemptKey, Grant, ProgressMessage, RecordMessage, RecordReply } from "../../core/ports/messages.ts";
import type { StepRecord } from "../../core/resource.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import type { Telemetry } from "../../telemetry/telemetry.ts";
import { type AbortCode, AttemptAbort, freezes, outranks } from "./abort.ts";
import { Activity, type Wait } from "./activity.ts";
import { misuse } from "./failure.ts";
import { type Faulty, within } from "./faults.ts";
import { Replays } from "./replays.ts";

/** How long work that was told to stop may take to react, before the attempt ends without it. */
export const SETTLE_GRACE_MS = 5000;
const GRACE_MS: Partial<Record<AbortCode, number>> = {
  "timed-out": SETTLE_GRACE_MS,
  "work-fault": SETTLE_GRACE_MS,
  "attempt-over": SETTLE_GRACE_MS,
  "handed-back": 500,
};

/** How an attempt speaks to the server that granted it. Both repeat what has to be answered. */
export interface Link {
  /** Rejects only once the attempt is over anyway. */
  readonly record: (message: RecordMessage) => Promise<RecordReply>;
  readonly progress: (message: ProgressMessage) => void;
}

/** What the work of an attempt came to. */
export type Finish =
  | { readonly how: "returned"; readonly value: unknown }
  | { readonly how: "threw"; readonly error: unknown }
  /** Nothing of it goes on without what it waits for. */
  | { readonly how: "quiet"; readonly waits: readonly Wait[] }
  /** It did not react in time. */
  | { readonly how: "given-up" };

export interface AttemptParts {
  readonly grant: Grant;
  readonly type: ResourceType;
  readonly link: Link;
  readonly clock: Clock;
  readonly log: Log;
  /** @default nobody is told */
  readonly telemetry?: Telemetry;
  /** How long ago the grant arrived. */
  readonly heldMs: number;
}

/** One attempt under way: what everything that runs for it shares. */
export class Attempt implements Faulty {
  readonly grant: Grant;
  readonly key: AttemptKey;
  readonly type: ResourceType;
  readonly clock: Clock;
  readonly log: Log;
  readonly telemetry: Telemetry | undefined;
  readonly activity: Activity;
  readonly replays = new Replays();
  /** What is done once work is quiet. */
  onQuiet = (): void => {
    this.#rest();
  };
  /** The names that calls of this attempt have used. */
  readonly names = new Set<string>();
  readonly finished: Promise<Finish>;
  /** Says what work came to; the first to say it is heard. */
  readonly finish: (finish: Finish) => void;
  readonly #records: ReadonlyMap<string, StepRecord>;
  readonly #link: Link;
  readonly #controller = new AbortController();
  readonly #abandoned = Promise.withResolvers<void>();
  readonly #startedAt: number;
  #listeners: ((reason: AttemptAbort) => void)[] = [];
  #timers: (() => void)[] = [];
  #aborted: AttemptAbort | undefined;
  #doom: PermanentError | undefined;
  #isFrozen = false;
  #isOver = false;

  constructor({ grant, type, link, clock, log, telemetry, heldMs }: AttemptParts) {
    const { operation, attempt } = grant;
    this.grant = grant;
    this.key = { operation, attempt };
    this.type = type;
    this.clock = clock;
    this.log = log;
    this.telemetry = telemetry;
    this.#link = link;
    this.#startedAt = clock.monotonic() - heldMs;
    this.#records = new Map(grant.records.map((record) => [record.step, record]));
    this.activity = new Activity(clock, () => {
      this.onQuiet();
    });
    const { promise, resolve } = Promise.withResolvers<Finish>();
    this.finished = promise;
    this.finish = resolve;
  }

  /** The signal of work and its steps. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The strongest reason for which the attempt was aborted. */
  get aborted(): AttemptAbort | undefined {
    return this.#aborted;
  }

  /** Why the operation fails whatever work makes of it. */
  get doom(): PermanentError | undefined {
    return this.#doom;
  }

  /** True once what work calls is not answered any more. */
  get isFrozen(): boolean {
    return this.#isFrozen;
  }

  /** What is recorded of a step. What was undone is no record: the step may run again. */
  recordOf(name: string): StepRecord | undefined {
    const record = this.#records.get(name);
    return record?.state === "undone" ? undefined : record;
  }

  /** How often a step was undone. */
  generationOf(name: string): number {
    return this.#records.get(name)?.generation ?? 0;
  }

  /** The server's instant, as far as this attempt knows it: since its grant, by durations alone. */
  get serverNow(): number {
    return this.grant.at + this.heldMs;
  }

  /** How long ago the grant arrived. */
  get heldMs(): number {
    return this.clock.monotonic() - this.#startedAt;
  }

  /** Runs work once; `finished` tells what it came to. */
  run(work: () => unknown): void {
    const begin = (): Promise<unknown> => within(this, async () => work());
    const tracing = this.telemetry?.tracing;
    (tracing === undefined ? begin() : tracing.withinTrace(this.grant.trace, begin)).then(
      (value) => this.#settle({ how: "returned", value }),
      (error: unknown) => this.#settle({ how: "threw", error }),
    );
  }

  /** Resolves once every call has settled and is recorded, or the attempt is abandoned. */
  async settled(): Promise<void> {
    await Promise.race([this.activity.idle(), this.#abandoned.promise]);
  }

  /** Tells work to stop, and why. The strongest reason counts. */
  abort(code: AbortCode, cause?: unknown): void {
    if (this.#isOver || !outranks(code, this.#aborted)) return;
    const reason = new AttemptAbort(code, cause);
    this.#aborted = reason;
    if (freezes(code)) this.freeze(reason);
    else this.activity.rejectWaits(reason);
    this.#controller.abort(reason);
    for (const listener of [...this.#listeners]) listener(reason);
    const graceMs = GRACE_MS[code];
    if (graceMs === undefined) return;
    this.after(graceMs, () => {
      this.finish({ how: "given-up" });
      if (code === "attempt-over") this.#abandoned.resolve();
    });
  }

  /** From now on no call of work is answered. */
  freeze(reason: AttemptAbort): void {
    this.#isFrozen = true;
    this.activity.block();
    this.#controller.abort(reason);
  }

  /** Calls back when the attempt is aborted; the returned function takes it back. */
  onAbort(listener: (reason: AttemptAbort) => void): () => void {
    this.#listeners.push(listener);
    return () => {
      this.#listeners = this.#listeners.filter((each) => each !== listener);
    };
  }

  /** A timer that goes when the attempt does. */
  after(ms: number, callback: () => void): void {
    this.#timers.push(this.clock.after(ms, callback));
  }

  fault(error: unknown): void {
    if (error instanceof AttemptAbort) return;
    const { operation, attempt } = this.key;
    this.log.warn({ error, operation, attempt }, "work left an error that nothing awaits");
    if (this.grant.mode === "forward") this.abort("work-fault", error);
  }

  /** Commits what a step came to. */
  async record(message: Omit<RecordMessage, keyof AttemptKey>): Promise<void> {
    const { answer, cancel } = await this.#link.record({ ...this.key, ...message });
    if (cancel === true) this.abort("cancelled");
    if (answer === "drop") {
      this.abort("attempt-over");
      throw this.#aborted ?? new AttemptAbort("attempt-over");
    }
    if (answer === "too-large") {
      this.#doom = misuse(
        "operation-too-large",
        `${JSON.stringify(message.step)} cannot be recorded: the operation would hold more than ${this.type.policy.maxBytes} characters; return less, or raise maxBytes.`,
      );
      throw this.#doom;
    }
  }

  /** Nothing is left of it: no timer, no listener. */
  close(): void {
    this.#isOver = true;
    this.activity.stop();
    for (const takeBack of this.#timers) takeBack();
    this.#timers = [];
    this.#listeners = [];
  }

  /** Everything left waits: so does the operation. */
  #rest(): void {
    const waits = [...this.activity.waits];
    if (!this.#isFrozen && waits.some(({ isShort }) => isShort === true)) return;
    this.finish({ how: "quiet", waits });
    this.abort("waiting");
  }

  #settle(finish: Finish): void {
    if (this.#aborted?.code === "waiting") warnUntracked(this);
    this.finish(finish);
  }
}

/** Work went on after its attempt ended to wait: it awaits something that no attempt can see. */
export function warnUntracked({ log, grant: { operation, type, id, kind, attempt } }: Attempt): void {
  log.warn(
    { operation, type, id, kind, attempt },
    "work awaited something else beside a sleep, until or receive, and its attempt ended meanwhile; put what it awaits into a step",
  );
}
