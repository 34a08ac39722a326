// Fastify, BullMQ and a row in PostgreSQL. The row is committed before the job is added to Redis: a crash in between loses the job.
import { Queue, Worker } from "bullmq";
import { areWorkersOn, createApi, createTable, INSERT, listen, make, pool } from "./api.ts";

const { hostname: host, port } = new URL(process.env["REDIS_URL"] ?? "redis://127.0.0.1:6379");
const connection = { host, port: Number(port), maxRetriesPerRequest: null };

await createTable();
const queue = new Queue<{ id: string }>("make", { connection });
const worker = new Worker<{ id: string }>("make", async ({ data }) => make(data.id), {
  connection,
  concurrency: 100,
  removeOnComplete: { count: 0 },
  autorun: areWorkersOn,
});
worker.on("error", (error) => {
  process.stderr.write(`${error.message}\n`);
});

await listen(
  createApi(async (id, configuration) => {
    await pool.query({ ...INSERT, values: [id, configuration, null] });
    await queue.add("make", { id });
  }),
);
