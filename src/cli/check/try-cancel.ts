import { located, NO_CREATION, NO_RESOURCE, type Trial, type Tried } from "./check-context.ts";
import { told } from "./probe.ts";
import { judged, notOffered, notTried, type Verdict } from "./rule-result.ts";
import { endOf } from "./try-follow.ts";

const RULES_OF_CANCEL = ["cancel.accepted", "cancel.ends", "cancel.settled"] as const;

/** Cancels a resource that was just created, and one that is settled. */
export async function tryCancel(trial: Trial, settled: string | undefined): Promise<Tried> {
  const { url, create, probe } = trial;
  if (create === undefined) return { verdicts: RULES_OF_CANCEL.map((rule) => notTried(rule, NO_CREATION)) };
  const posted = await probe("POST", url, { json: create.body });
  const resource = located(trial, posted.headers);
  if (resource === undefined) return { verdicts: RULES_OF_CANCEL.map((rule) => notTried(rule, NO_RESOURCE)) };
  const asked = await probe("POST", cancelUrl(resource));
  if (asked.status === 404 || asked.status === 405 || asked.status === 501) {
    return { verdicts: RULES_OF_CANCEL.map((rule) => notOffered(rule, `POST to /cancel is ${asked.status}`)) };
  }
  if (asked.status === 409) {
    const early = "it was settled before it could be cancelled";
    return {
      verdicts: [
        notTried("cancel.accepted", early),
        notTried("cancel.ends", early),
        await settledAlready(trial, resource),
      ],
    };
  }
  const isTaken = asked.status === 202 || asked.status === 200;
  return {
    verdicts: [
      judged("cancel.accepted", isTaken ? undefined : `POST to /cancel is ${told(asked)}`, String(asked.status)),
      isTaken ? await ends(trial, resource) : notTried("cancel.ends", "it was not cancelled"),
      settled === undefined ? notTried("cancel.settled", NO_RESOURCE) : await settledAlready(trial, settled),
    ],
  };
}

async function ends(trial: Trial, resource: string): Promise<Verdict> {
  const end = await endOf(trial, resource);
  if (end === undefined) return judged("cancel.ends", "it was not settled in time after it was cancelled", "");
  if (end.succeeded) return judged("cancel.ends", undefined, "it had succeeded already");
  const { code } = end.error ?? {};
  return judged(
    "cancel.ends",
    end.outcome === "cancelled" ? undefined : `it is settled with the error code ${code}`,
    `${end.status}, error ${code}`,
  );
}

async function settledAlready({ probe }: Trial, resource: string): Promise<Verdict> {
  const reply = await probe("POST", cancelUrl(resource));
  return judged("cancel.settled", reply.status === 409 ? undefined : `POST to /cancel is ${told(reply)}`, told(reply));
}

function cancelUrl(resource: string): string {
  return `${resource.replace(/\/$/, "")}/cancel`;
}
