import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type Job, UnrecoverableError, Worker } from "bullmq";

const [url = "redis://127.0.0.1:6379", api = "http://127.0.0.1:8080/api"] = process.argv.slice(2);

interface Render {
  /** Id of the resource. */
  readonly id: string;
  readonly pages: number;
}

/** Posts a status message until Afoot has committed it. Throws if the resource is settled: it was cancelled. */
async function post(
  { data: { id } }: Job<Render>,
  kind: "progress" | "succeeded" | "failed",
  status: object,
): Promise<void> {
  const message = {
    specversion: "1.0",
    id: randomUUID(),
    source: "/bullmq/renders",
    type: `dev.afoot.${kind}`,
    subject: `render/${id}`,
    time: new Date().toISOString(),
    data: status,
  };
  const headers = { "Content-Type": "application/cloudevents+json" };
  const request = { method: "POST", headers, body: JSON.stringify(message) };
  for (;;) {
    const response = await fetch(`${api}/messages`, request).catch(() => undefined);
    if (response?.ok === true) return;
    if (response !== undefined && response.status < 500) throw new UnrecoverableError(await response.text());
    await sleep(1000); // no Afoot at the moment, or it is still starting this job
  }
}

/** Renders a document: the work that was there before. */
async function render(job: Job<Render>): Promise<{ url: string }> {
  const { pages } = job.data;
  if (pages > 1000) throw new UnrecoverableError(`${pages} pages are too many.`);
  for (let page = 1; page <= pages; page++) {
    await sleep(50);
    await post(job, "progress", { progress: page / pages, status: "Rendering" });
  }
  return { url: `https://documents.example.com/${job.data.id}.pdf` };
}

async function run(job: Job<Render>): Promise<{ url: string }> {
  try {
    const details = await render(job);
    await post(job, "succeeded", { details });
    return details;
  } catch (error) {
    const isLast = error instanceof UnrecoverableError || job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
    const message = error instanceof Error ? error.message : String(error);
    if (isLast) await post(job, "failed", { error: { code: "render-failed", message } });
    throw error;
  }
}

const worker = new Worker("renders", run, { connection: { url, maxRetriesPerRequest: null } });
worker.on("error", () => {}); // BullMQ connects again by itself
process.once("SIGTERM", () => void worker.close());
