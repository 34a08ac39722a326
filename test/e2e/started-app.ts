import { createApp, defineResource, type Started } from "afoot";
import type { FastifyInstance } from "fastify";
import { z } from "zod";

const note = defineResource({
  name: "note",
  configuration: z.object({ text: z.string() }),
  details: z.object({}),
  statuses: { ready: "Kept" },
  create: { status: "Keeping", work: () => ({}) },
});

/** Prints its parameters and the result of a request to standard error. */
export const started: Started = async ({ url = "nowhere", role, broker, signal }) => {
  if (process.env["STARTED"] === "throws") throw new Error("the schedule is not readable");
  const { status } = await fetch(`${url}/notes`);
  process.stderr.write(`started as ${role} with ${broker}; the API answers ${status}\n`);
  signal.addEventListener("abort", () => process.stderr.write("asked to stop\n"));
};

export async function pages(fastify: FastifyInstance): Promise<void> {
  fastify.get("/hello", () => "a page of the app's own");
}

export default createApp({ resources: [note] });
