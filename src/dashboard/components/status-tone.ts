import type { Summary } from "../../server/dashboard/shapes.ts";

/** What a status means, whatever it is called. */
export type Mood = "good" | "bad" | "stopped" | "busy" | "waiting" | "undoing";

/** Said to those who do not see colours. */
export const MOODS: Readonly<Record<Mood, string>> = {
  good: "succeeded",
  bad: "failed",
  stopped: "cancelled",
  busy: "in progress",
  waiting: "waiting",
  undoing: "being undone",
};

export function moodOf({ operation, error }: Pick<Summary, "operation" | "error">): Mood {
  if (operation.settledAt === null) {
    if (operation.state === "waiting") return "waiting";
    return operation.state === "cancelling" || operation.state === "undoing" ? "undoing" : "busy";
  }
  if (error === undefined) return "good";
  return error.code === "cancelled" ? "stopped" : "bad";
}

interface Labels {
  readonly ready: readonly string[];
  readonly failed: string;
  readonly cancelled: string;
}

/** Of a label alone, of which a type declares what it means once settled. */
export function moodOfLabel(status: string, labels: Labels | undefined): Mood {
  if (labels === undefined || labels.ready.includes(status)) return "good";
  if (status === labels.failed) return "bad";
  return status === labels.cancelled ? "stopped" : "busy";
}
