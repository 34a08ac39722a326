// The same API, hand-built for one machine: Fastify, and SQLite in the process as table and queue.
import { randomBytes } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import Fastify from "fastify";
import { v7 as uuid } from "uuid";
import { BODY, PROGRESS, toRepresentation } from "./widget.ts";

const database = new DatabaseSync(process.env["DATABASE"] ?? "peer.db");
database.exec(`
  pragma journal_mode = wal;
  pragma synchronous = full;
  pragma cache_size = -65536;
  create table if not exists widgets (
    id text primary key, slow integer not null, status text not null, configuration text not null, progress real, serial text
  ) without rowid;
  create table if not exists jobs (id integer primary key, widget text not null, state text not null);
  create index if not exists jobs_state on jobs (state, id);
`);
const insertWidget = database.prepare(
  "insert into widgets (id, slow, status, configuration) values (?, ?, 'Making', ?)",
);
const insertJob = database.prepare("insert into jobs (widget, state) values (?, 'waiting')");
const selectWidget = database.prepare("select id, status, configuration, progress, serial from widgets where id = ?");
const claimJobs = database.prepare(
  "update jobs set state = 'active' where id in (select id from jobs where state = 'waiting' order by id limit 50) returning id, widget",
);
const report = database.prepare("update widgets set progress = ? where id = ?");
const finish = database.prepare("update widgets set status = 'Ready', progress = null, serial = ? where id = ?");
const removeJob = database.prepare("delete from jobs where id = ?");
// Jobs that a dead process had claimed are waiting again.
database.exec("update jobs set state = 'waiting' where state = 'active'");

const app = Fastify();

for (const [path, isSlow] of [
  ["/api/widgets", false],
  ["/api/slow-widgets", true],
] as const) {
  app.post<{ Body: { configuration: unknown } }>(path, { schema: { body: BODY } }, async (request, reply) => {
    const id = uuid();
    const { configuration } = request.body;
    database.exec("begin immediate");
    insertWidget.run(id, isSlow ? 1 : 0, JSON.stringify(configuration));
    if (isSlow) report.run(0.5, id);
    else insertJob.run(id);
    database.exec("commit");
    wake();
    reply.code(202).header("Location", `${path}/${id}`).header("Retry-After", "1");
    return toRepresentation({ id, status: "Making", configuration, progress: null, serial: null });
  });
  app.get<{ Params: { id: string } }>(`${path}/:id`, async (request, reply) => {
    const row = selectWidget.get(request.params.id);
    if (row === undefined) return reply.code(404).send({ error: "not found" });
    if (row["status"] === "Making") reply.header("Retry-After", "15");
    reply.header("Cache-Control", "private, no-cache");
    return toRepresentation({
      id: String(row["id"]),
      status: String(row["status"]),
      configuration: JSON.parse(String(row["configuration"])),
      progress: row["progress"] === null ? null : Number(row["progress"]),
      serial: row["serial"] === null ? null : String(row["serial"]),
    });
  });
}
app.get("/livez", async () => "ok");

let isRunning = false;
function wake(): void {
  if (isRunning || process.env["WORKERS"] === "off") return;
  isRunning = true;
  setImmediate(() => void run());
}

async function run(): Promise<void> {
  for (;;) {
    const jobs = claimJobs.all();
    if (jobs.length === 0) break;
    await Promise.all(jobs.map(async ({ id, widget }) => work(Number(id), String(widget))));
  }
  isRunning = false;
}

async function work(job: number, widget: string): Promise<void> {
  for (const progress of PROGRESS) {
    report.run(progress, widget);
    await null;
  }
  database.exec("begin immediate");
  finish.run(randomBytes(4).toString("hex"), widget);
  removeJob.run(job);
  database.exec("commit");
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
}

await app.listen({ port: Number(process.env["PORT"]), host: "127.0.0.1" });
process.on("SIGTERM", () => process.exit(0));
