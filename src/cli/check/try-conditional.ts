import { NO_CREATION, NO_RESOURCE, type Trial, type Tried } from "./check-context.ts";
import { told } from "./probe.ts";
import { judged, notOffered, notTried, type Verdict } from "./rule-result.ts";

/** No server makes this tag. */
const STRANGE_TAG = '"afoot-check-no-such-state"';
const HELD_S = 1;

const WITH_TAG = ["conditional.not-modified", "conditional.held", "conditional.lost-update"] as const;

/** Tries conditional requests on a settled resource. */
export async function tryConditional(trial: Trial, resource: string | undefined): Promise<Tried> {
  const all = (verdict: typeof notTried, why: string): Tried => ({
    verdicts: (["conditional.etag", ...WITH_TAG] as const).map((rule) => verdict(rule, why)),
  });
  if (resource === undefined) return all(notTried, NO_RESOURCE);
  const { headers } = await trial.probe("GET", resource);
  const etag = headers.get("etag");
  if (etag === null) return all(notOffered, "GET has no ETag");
  if (!/^(?:W\/)?"[^"]*"$/.test(etag)) {
    const fault = `ETag is ${etag}, which does not stand in double quotes`;
    return { verdicts: [judged("conditional.etag", fault, ""), ...WITH_TAG.map((rule) => notTried(rule, fault))] };
  }
  return {
    verdicts: [
      judged("conditional.etag", undefined, `ETag: ${etag}`),
      await notModified(trial, resource, etag),
      await held(trial, resource, etag),
      await lostUpdate(trial, resource),
    ],
  };
}

async function notModified({ probe }: Trial, resource: string, etag: string): Promise<Verdict> {
  const reply = await probe("GET", resource, { headers: { "if-none-match": etag } });
  const fault = reply.status === 304 ? undefined : `with the present ETag in If-None-Match it is ${told(reply)}`;
  return judged("conditional.not-modified", fault, "304");
}

async function held({ probe }: Trial, resource: string, etag: string): Promise<Verdict> {
  const reply = await probe("GET", resource, { headers: { "if-none-match": etag, prefer: `wait=${HELD_S}` } });
  const applied = reply.headers.get("preference-applied");
  const isOffered = /\bwait\b/i.test(applied ?? "");
  if (!isOffered) return notOffered("conditional.held", "no Preference-Applied: wait");
  const seen = `${told(reply)} after ${(reply.ms / 1000).toFixed(1)} s`;
  const isHeld = reply.status === 304 && reply.ms >= HELD_S * 900;
  return judged("conditional.held", isHeld ? undefined : `nothing had changed, and it says ${applied}: ${seen}`, seen);
}

/** Writes to what was created here alone: nothing else is put at risk. */
async function lostUpdate({ probe, create }: Trial, resource: string): Promise<Verdict> {
  const strange = { "if-match": STRANGE_TAG };
  if (create === undefined) return notTried("conditional.lost-update", NO_CREATION);
  const patched = await probe("PATCH", resource, {
    json: create.body,
    headers: { ...strange, "content-type": "application/merge-patch+json" },
  });
  if (patched.status === 412) return judged("conditional.lost-update", undefined, "PATCH is 412");
  if (isTaken(patched.status)) return judged("conditional.lost-update", `PATCH is ${told(patched)}`, "");
  const deleted = await probe("DELETE", resource, { headers: strange });
  if (deleted.status === 412) return judged("conditional.lost-update", undefined, "DELETE is 412");
  if (isTaken(deleted.status)) return judged("conditional.lost-update", `DELETE is ${told(deleted)}`, "");
  return notOffered("conditional.lost-update", `PATCH is ${patched.status}, DELETE is ${deleted.status}`);
}

function isTaken(status: number): boolean {
  return status >= 200 && status < 300;
}
