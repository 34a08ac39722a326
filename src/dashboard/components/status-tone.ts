import type { Summary } from "../../server/dashboard/shapes.ts";

/** Meaning of a status, independent of its label. */
export type StatusTone = "good" | "bad" | "stopped" | "busy" | "waiting" | "cancelling" | "undoing";

/** Text for each tone, because colour alone is not accessible. */
export const TONE_TEXTS: Readonly<Record<StatusTone, string>> = {
  good: "succeeded",
  bad: "failed",
  stopped: "cancelled",
  busy: "in progress",
  waiting: "waiting",
  cancelling: "being cancelled",
  undoing: "being undone",
};

export function toneOf({ operation, error }: Pick<Summary, "operation" | "error">): StatusTone {
  if (operation.settledAt === null) {
    const { state } = operation;
    return state === "waiting" || state === "cancelling" || state === "undoing" ? state : "busy";
  }
  if (error === undefined) return "good";
  return error.code === "cancelled" ? "stopped" : "bad";
}

interface Labels {
  readonly ready: readonly string[];
  readonly failed: string;
  readonly cancelled: string;
  readonly cancelling: string;
}

/** Returns the tone of a label without an operation. The labels of settled resources are declared by the type. */
export function toneOfLabel(status: string, labels: Labels | undefined): StatusTone {
  if (labels === undefined || labels.ready.includes(status)) return "good";
  if (status === labels.failed) return "bad";
  if (status === labels.cancelled) return "stopped";
  return status === labels.cancelling ? "cancelling" : "busy";
}
