// Fastify, pg and graphile-worker: row and job are committed in one transaction, and the worker runs in the same process.
import { Logger, run, runMigrations, type RunnerOptions } from "graphile-worker";
import { areWorkersOn, createApi, createTable, INSERT, listen, make, pool } from "./api.ts";

await createTable();
await runMigrations({ pgPool: pool });
const options: RunnerOptions = {
  pgPool: pool,
  concurrency: 50,
  noHandleSignals: true,
  logger: new Logger(() => () => {}),
  taskList: { make: async (payload) => make(idOf(payload)) },
};
if (areWorkersOn) await run(options);

const ADD = { name: "add-job", text: "select graphile_worker.add_job('make', json_build_object('id', $1::text))" };

await listen(
  createApi(async (id, configuration) => {
    const client = await pool.connect();
    try {
      await client.query("begin");
      await client.query({ ...INSERT, values: [id, configuration, null] });
      await client.query({ ...ADD, values: [id] });
      await client.query("commit");
    } finally {
      client.release();
    }
  }),
);

function idOf(payload: unknown): string {
  return (payload as { id: string }).id;
}
