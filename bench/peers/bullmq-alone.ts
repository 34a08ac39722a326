// Fastify and BullMQ: the job is the resource. Its data, progress and result are in Redis, until they are removed.
import { Queue, Worker } from "bullmq";
import Fastify from "fastify";
import { v7 as uuid } from "uuid";
import { BODY, PROGRESS, toRepresentation } from "./widget.ts";

interface Data {
  readonly configuration: unknown;
  readonly progress?: number;
}

const { hostname: host, port } = new URL(process.env["REDIS_URL"] ?? "redis://127.0.0.1:6379");
const connection = { host, port: Number(port), maxRetriesPerRequest: null };
const queue = new Queue<Data, { serial: string }>("make", { connection });
const slow = new Queue<Data>("slow", { connection });
const worker = new Worker<Data, { serial: string }>(
  "make",
  async (job) => {
    for (const progress of PROGRESS) await job.updateProgress(progress);
    return { serial: crypto.randomUUID().slice(0, 8) };
  },
  { connection, concurrency: 100, autorun: process.env["WORKERS"] !== "off" },
);
worker.on("error", (error) => {
  process.stderr.write(`${error.message}\n`);
});

const app = Fastify();
for (const [path, jobs] of [
  ["/api/widgets", queue],
  ["/api/slow-widgets", slow],
] as const) {
  app.post<{ Body: { configuration: unknown } }>(path, { schema: { body: BODY } }, async (request, reply) => {
    const id = uuid();
    const { configuration } = request.body;
    const progress = jobs === slow ? { progress: 0.5 } : {};
    await jobs.add("make", { configuration, ...progress }, { jobId: id });
    reply.code(202).header("Location", `${path}/${id}`).header("Retry-After", "1");
    return toRepresentation({ id, status: "Making", configuration, progress: null, serial: null });
  });
  app.get<{ Params: { id: string } }>(`${path}/:id`, async (request, reply) => {
    const job = await jobs.getJob(request.params.id);
    if (job === undefined) return reply.code(404).send({ error: "not found" });
    const isSettled = job.returnvalue !== null && job.returnvalue !== undefined;
    if (!isSettled) reply.header("Retry-After", "15");
    reply.header("Cache-Control", "private, no-cache");
    return toRepresentation({
      id: request.params.id,
      status: isSettled ? "Ready" : "Making",
      configuration: job.data.configuration,
      progress: isSettled ? null : (job.data.progress ?? Number(job.progress)),
      serial: isSettled ? job.returnvalue.serial : null,
    });
  });
}
app.get("/livez", async () => "ok");
await app.listen({ port: Number(process.env["PORT"]), host: "127.0.0.1" });
process.on("SIGTERM", () => process.exit(0));
