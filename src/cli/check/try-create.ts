import { located, NO_CREATION, NO_RESOURCE, type Trial, type Tried } from "./check-context.ts";
import { told } from "./probe.ts";
import { judged, notTried } from "./rule-result.ts";

/** Creates a resource, and looks at it at once. */
export async function tryCreate(trial: Trial): Promise<Tried> {
  const { url, create, probe } = trial;
  if (create === undefined) {
    const rules = ["create.accepted", "create.location", "create.shown"] as const;
    return { verdicts: rules.map((rule) => notTried(rule, NO_CREATION)), resource: url };
  }
  const posted = await probe("POST", url, { json: create.body });
  const isAccepted = posted.status === 202 || posted.status === 201;
  const accepted = judged(
    "create.accepted",
    isAccepted ? undefined : `POST is answered ${told(posted)}`,
    `POST is answered ${posted.status}`,
  );
  if (!isAccepted) {
    return { verdicts: [accepted, notTried("create.location", NO_RESOURCE), notTried("create.shown", NO_RESOURCE)] };
  }
  const header = posted.headers.get("location");
  const resource = located(trial, posted.headers);
  const fault =
    header === null
      ? "the answer has no Location"
      : `Location is ${JSON.stringify(header)}, which is no URL of this origin`;
  const location = judged("create.location", resource === undefined ? fault : undefined, `Location: ${header}`);
  if (resource === undefined) return { verdicts: [accepted, location, notTried("create.shown", NO_RESOURCE)] };
  const shown = await probe("GET", resource);
  const isShown = shown.status === 200;
  return {
    verdicts: [
      accepted,
      location,
      judged("create.shown", isShown ? undefined : `GET is answered ${told(shown)}`, "GET is 200"),
    ],
    resource: isShown ? resource : undefined,
  };
}
