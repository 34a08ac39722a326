import { createApp, defineResource, type Started } from "afoot";
import { z } from "zod";

const note = defineResource({
  name: "note",
  configuration: z.object({ text: z.string() }),
  details: z.object({}),
  statuses: { ready: "Kept" },
  create: { status: "Keeping", work: () => ({}) },
});

/** Says on standard error what it was told and found. */
export const started: Started = async ({ url = "nowhere", role, broker, signal }) => {
  if (process.env["STARTED"] === "throws") throw new Error("the schedule is not readable");
  const { status } = await fetch(`${url}/notes`);
  process.stderr.write(`started as ${role} with ${broker}; the API answers ${status}\n`);
  signal.addEventListener("abort", () => process.stderr.write("asked to stop\n"));
};

export default createApp({ resources: [note] });
