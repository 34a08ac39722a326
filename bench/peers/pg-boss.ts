// Fastify, pg and pg-boss: row and job are committed in one transaction. Workers are woken by NOTIFY, and poll beside it.
import { PgBoss } from "pg-boss";
import { areWorkersOn, createApi, createTable, INSERT, listen, make, pool } from "./api.ts";

await createTable();
const boss = new PgBoss({ connectionString: process.env["DATABASE_URL"] ?? "", useListenNotify: true });
boss.on("error", (error) => {
  process.stderr.write(`${String(error)}\n`);
});
await boss.start();
await boss.createQueue("make", { notify: true });
if (areWorkersOn) {
  const options = { batchSize: 100, pollingIntervalSeconds: 0.5 };
  await boss.work<{ id: string }>("make", options, async (jobs) => {
    await Promise.all(jobs.map(async ({ data }) => make(data.id)));
  });
}

await listen(
  createApi(async (id, configuration) => {
    const client = await pool.connect();
    try {
      await client.query("begin");
      await client.query({ ...INSERT, values: [id, configuration, null] });
      await boss.send("make", { id }, { db: { executeSql: async (text, values) => client.query(text, values) } });
      await client.query("commit");
    } finally {
      client.release();
    }
  }),
);
