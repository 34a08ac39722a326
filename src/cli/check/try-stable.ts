import { NO_RESOURCE, type Trial, type Tried } from "./check-context.ts";
import { told } from "./probe.ts";
import { judged, notTried } from "./rule-result.ts";

/** How much later a settled resource is looked at again, at least. */
const LATER_MS = 1500;

/** Looks at a settled resource, and once more after everything else was tried. */
export async function tryStays(
  trial: Trial,
  resource: string | undefined,
  meanwhile: () => Promise<void>,
): Promise<Tried> {
  if (resource === undefined) {
    await meanwhile();
    return { verdicts: [notTried("follow.stays", NO_RESOURCE)] };
  }
  const first = await trial.probe("GET", resource);
  await Promise.all([meanwhile(), new Promise((resolve) => void setTimeout(resolve, LATER_MS))]);
  const later = await trial.probe("GET", resource);
  const isSame =
    first.status === 200 && later.status === 200 && first.text === later.text && !later.headers.has("retry-after");
  const fault = `it was ${first.text.slice(0, 200)}, and became ${later.status === 200 ? later.text.slice(0, 200) : told(later)}`;
  return { verdicts: [judged("follow.stays", isSame ? undefined : fault, "the same after a while")] };
}
