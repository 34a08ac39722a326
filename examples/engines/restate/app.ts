import { connect, HttpCallError, rpc } from "@restatedev/restate-sdk-clients";
import { createApp, defineResource } from "afoot";
import { z } from "zod";
import type { Transcoding } from "./service.ts";

const restate = connect({ url: process.env["RESTATE_URL"] ?? "http://127.0.0.1:8080" });
const admin = process.env["RESTATE_ADMIN_URL"] ?? "http://127.0.0.1:9070";
const workflow = (key: string) => restate.workflowClient<Transcoding>({ name: "transcoding" }, key);

const failure = z.object({ message: z.string() });

/** A video that a workflow in Restate transcodes. Afoot starts it, queries it on every GET, and cancels it. */
const video = defineResource({
  name: "video",
  configuration: z.object({ frames: z.int().positive() }),
  details: z.object({ url: z.url() }),
  statuses: { ready: "Ready" },
  create: {
    status: "Transcoding",
    retry: { attempts: 1000, maxMs: 10_000 }, // a Restate that is down is waited for
    async work({ operation, configuration, step, observed }) {
      // The key makes the submission idempotent.
      await step("submit", async () => void (await workflow(operation.id).workflowSubmit(configuration)), {
        undo: () => cancel(operation.id, configuration),
      });
      return observed();
    },
  },
  async observe({ kind, operation, signal }) {
    if (kind === undefined) return undefined; // it is settled, and Restate forgets the workflow
    try {
      const output = await workflow(operation.id).workflowOutput(rpc.opts({ signal }));
      if (output.ready) return { outcome: "succeeded", details: output.result };
      return { progress: await workflow(operation.id).progress(rpc.opts({ signal })) };
    } catch (error) {
      // The error of the workflow. Any other one is an outage: the stored state is shown meanwhile.
      if (!(error instanceof HttpCallError) || error.status >= 500) throw error;
      const { message } = failure.parse(JSON.parse(error.responseText));
      return { outcome: "failed", error: { code: "transcoding-failed", message } };
    }
  },
});

/** Cancels the workflow. A repeated submission starts nothing and returns the id of the invocation. */
async function cancel(key: string, configuration: { frames: number }): Promise<void> {
  const { invocationId } = await workflow(key).workflowSubmit(configuration);
  const { status } = await fetch(`${admin}/invocations/${invocationId}/cancel`, { method: "PATCH" });
  if (status >= 500) throw new Error(`Restate has not cancelled the workflow: ${status}`);
}

export default createApp({ resources: [video] });
