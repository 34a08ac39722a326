import type { Clock } from "../../core/ports/clock.ts";
import { type Recurring, recurring } from "../../core/scheduling/periodic-task.ts";
import { type Admission, createAdmission } from "./admission.ts";

const EVERY_MS = 100;

/** An admission that is told how late the event loop is: by so much later than asked for a timer comes. */
export function createWatchedAdmission(
  clock: Clock,
  targetMs: number,
): { readonly admission: Admission; readonly watch: Recurring } {
  const admission = createAdmission({ clock, targetMs });
  let dueAt = Infinity;
  const watch = recurring(clock, async () => {
    const now = clock.monotonic();
    admission.lagged(Math.max(0, now - dueAt));
    dueAt = now + EVERY_MS;
    return EVERY_MS;
  });
  return { admission, watch };
}
