import { createApp, defineResource } from "afoot";
import { Queue } from "bullmq";
import { z } from "zod";

const url = process.env["REDIS_URL"] ?? "redis://127.0.0.1:6379";
const queue = new Queue("renders", { connection: { url, enableOfflineQueue: false } });
queue.on("error", () => {}); // BullMQ connects again by itself

/** A document that a BullMQ worker renders. Afoot adds the job; its worker posts status messages. */
const render = defineResource({
  name: "render",
  configuration: z.object({ pages: z.int().positive() }),
  details: z.object({ url: z.url() }),
  statuses: { ready: "Rendered" },
  create: {
    status: "Queued",
    external: true,
    retry: { attempts: 1000, maxMs: 10_000 }, // a Redis that is down is waited for
    async work({ id, operation, configuration, step, observed }) {
      // BullMQ ignores a second job of the same id.
      const options = { jobId: operation.id, attempts: 3, removeOnComplete: 1000, removeOnFail: 1000 };
      await step("enqueue", async () => void (await queue.add("render", { id, ...configuration }, options)), {
        undo: () => remove(operation.id),
      });
      return observed();
    },
  },
});

/** Removes a job that waits. A job that runs is locked: its worker ends it at its next status message. */
async function remove(jobId: string): Promise<void> {
  const job = await queue.getJob(jobId);
  if (job !== undefined && !(await job.isActive())) await job.remove();
}

export default createApp({ resources: [render], messages: true });
