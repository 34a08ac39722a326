// Fastify and DBOS Transact: the start of the workflow is durable, and each step is checkpointed.
import { DBOS } from "@dbos-inc/dbos-sdk";
import { areWorkersOn, createApi, createTable, INSERT, listen, pool } from "./api.ts";
import { PROGRESS } from "./widget.ts";

const workflow = DBOS.registerWorkflow(
  async (id: string) => {
    for (const progress of PROGRESS) {
      await DBOS.runStep(
        async () => {
          await pool.query({
            name: "report",
            text: "update widgets set progress = $2 where id = $1",
            values: [id, progress],
          });
        },
        { name: `report-${progress}` },
      );
    }
    await DBOS.runStep(
      async () => {
        const serial = crypto.randomUUID().slice(0, 8);
        const text = "update widgets set status = 'Ready', progress = null, serial = $2 where id = $1";
        await pool.query({ name: "finish", text, values: [id, serial] });
      },
      { name: "finish" },
    );
  },
  { name: "make" },
);

await createTable();
DBOS.setConfig({
  name: "bench",
  systemDatabaseUrl: process.env["DATABASE_URL"] ?? "",
  logLevel: "error",
  runAdminServer: false,
});
await DBOS.launch();

await listen(
  createApi(async (id, configuration) => {
    await pool.query({ ...INSERT, values: [id, configuration, null] });
    // A queue without a worker keeps what it accepts.
    const queue = areWorkersOn ? {} : { queueName: "accepted" };
    await DBOS.startWorkflow(workflow, { workflowID: id, ...queue })(id);
  }),
);
