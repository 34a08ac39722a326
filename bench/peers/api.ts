// The API of the sides with PostgreSQL: one Fastify server, one pool, prepared statements. They differ in how the work is run.
import Fastify, { type FastifyInstance } from "fastify";
import pg from "pg";
import { v7 as uuid } from "uuid";
import { BODY, PROGRESS, toRepresentation } from "./widget.ts";

export const pool = new pg.Pool({ connectionString: process.env["DATABASE_URL"], max: 20 });

/** False for the measurement of acceptance alone. */
export const areWorkersOn = process.env["WORKERS"] !== "off";

export async function createTable(): Promise<void> {
  await pool.query(`
    create table widgets (
      id uuid primary key, status text not null, configuration jsonb not null, progress double precision, serial text
    )`);
}

const SELECT = {
  name: "select-widget",
  text: "select id, status, configuration, progress, serial from widgets where id = $1",
};
const REPORT = { name: "report", text: "update widgets set progress = $2 where id = $1" };
const FINISH = {
  name: "finish",
  text: "update widgets set status = 'Ready', progress = null, serial = $2 where id = $1",
};
export const INSERT = {
  name: "insert-widget",
  text: "insert into widgets (id, status, configuration, progress) values ($1, 'Making', $2, $3)",
};

/** The work of a widget: three reports, then its serial. */
export async function make(id: string): Promise<void> {
  for (const progress of PROGRESS) await pool.query({ ...REPORT, values: [id, progress] });
  await pool.query({ ...FINISH, values: [id, crypto.randomUUID().slice(0, 8)] });
}

/** Creates the API. @param accept commits the row, and schedules the call of {@link make} */
export function createApi(accept: (id: string, configuration: unknown) => Promise<void>): FastifyInstance {
  const app = Fastify();
  for (const [path, isSlow] of [
    ["/api/widgets", false],
    ["/api/slow-widgets", true],
  ] as const) {
    app.post<{ Body: { configuration: unknown } }>(path, { schema: { body: BODY } }, async (request, reply) => {
      const id = uuid();
      const { configuration } = request.body;
      if (isSlow) await pool.query({ ...INSERT, values: [id, configuration, 0.5] });
      else await accept(id, configuration);
      reply.code(202).header("Location", `${path}/${id}`).header("Retry-After", "1");
      return toRepresentation({ id, status: "Making", configuration, progress: null, serial: null });
    });
    app.get<{ Params: { id: string } }>(`${path}/:id`, async (request, reply) => {
      const { rows } = await pool.query({ ...SELECT, values: [request.params.id] });
      if (rows.length === 0) return reply.code(404).send({ error: "not found" });
      if (rows[0].status === "Making") reply.header("Retry-After", "15");
      reply.header("Cache-Control", "private, no-cache");
      return toRepresentation(rows[0]);
    });
  }
  app.get("/livez", async () => "ok");
  return app;
}

export async function listen(app: FastifyInstance): Promise<void> {
  await app.listen({ port: Number(process.env["PORT"]), host: "127.0.0.1" });
  process.on("SIGTERM", () => process.exit(0));
}
