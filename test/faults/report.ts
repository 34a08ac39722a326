export type Behaviour =
  | "plain"
  | "undo"
  | "sleep"
  | "receive"
  | "flaky"
  | "parallel"
  | "cancel"
  | "whole"
  | "whole-undo";

export const BEHAVIOURS: readonly Behaviour[] = ["plain", "undo", "sleep", "receive", "flaky", "parallel", "cancel"];

/** A resource for which a client holds a 202. */
export interface Made {
  readonly id: string;
  readonly location: string;
  readonly behaviour: Behaviour;
}

/** What of a representation must never go back. */
export interface Watched {
  readonly edit: number;
  readonly attempt: number;
  readonly progress: number | undefined;
  readonly settled: string | undefined;
}

/** How a resource of each behaviour has to end, whatever is killed meanwhile. */
export const EXPECTED: Readonly<Record<Behaviour, string>> = {
  plain: "Ready",
  undo: "Failed",
  sleep: "Ready",
  receive: "Ready",
  flaky: "Ready",
  parallel: "Ready",
  cancel: "Cancelled",
  whole: "Ready",
  "whole-undo": "Failed",
};

/** The steps of the app's work: each has an undo, what it waits for in between has none. */
export const UNDOABLE: ReadonlySet<string> = new Set(["first", "second", "third", "left", "middle", "right"]);

/** A resource as it ended, with its whole history. */
export interface Ended {
  readonly made: Made;
  readonly status: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly history: readonly HistoryLine[];
}

export interface HistoryLine {
  readonly at: string;
  readonly event: string;
  readonly attempt: number;
  readonly step?: string;
}

/** What a fault run found. */
export interface FaultReport {
  readonly resources: number;
  readonly kills: number;
  /** How often each kind of process was harmed in each way. */
  readonly harms: Readonly<Record<string, number>>;
  readonly byOutcome: Readonly<Record<string, number>>;
  readonly attempts: number;
  readonly workersLost: number;
  readonly stepsRun: number;
  readonly stepsUndone: number;
  /** How many GETs by random servers compared what they showed with what was shown before. */
  readonly polls: number;
  readonly seconds: number;
  /** Each a broken promise. */
  readonly faults: readonly string[];
}
