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

/** A resource for which a client has received a 202. */
export interface Made {
  readonly id: string;
  readonly location: string;
  readonly behaviour: Behaviour;
}

/** The parts of a representation that must never decrease. */
export interface Watched {
  readonly edit: number;
  readonly attempt: number;
  readonly progress: number | undefined;
  readonly settled: string | undefined;
}

/** The required outcome of each behaviour, independent of all kills. */
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

/** The steps of the app's work. Each has an undo; the waits between them have none. */
export const UNDOABLE: ReadonlySet<string> = new Set(["first", "second", "third", "left", "middle", "right"]);

/** A settled resource with its whole history. */
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

/** The findings of a fault run. */
export interface FaultReport {
  readonly resources: number;
  readonly kills: number;
  /** Number of harms by kind of process and of harm. */
  readonly harms: Readonly<Record<string, number>>;
  readonly byOutcome: Readonly<Record<string, number>>;
  readonly attempts: number;
  readonly workersLost: number;
  readonly stepsRun: number;
  readonly stepsUndone: number;
  /** Number of GETs of random servers that were compared with the representation before. */
  readonly polls: number;
  readonly seconds: number;
  /** The violated invariants. */
  readonly faults: readonly string[];
}
