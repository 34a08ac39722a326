// Fastify in front of Restate: a POST submits a workflow, whose state is the resource. The service of the workflow is in this process.
import { serve, workflow, type WorkflowContext, type WorkflowSharedContext } from "@restatedev/restate-sdk";
import Fastify from "fastify";
import { v7 as uuid } from "uuid";
import { BODY, PROGRESS, toRepresentation, type Widget } from "./widget.ts";

const areWorkersOn = process.env["WORKERS"] !== "off";

const widgets = workflow({
  name: "widgets",
  handlers: {
    async run(context: WorkflowContext, configuration: unknown): Promise<void> {
      context.set("configuration", configuration);
      // Without workers, the service takes the invocation and does not answer.
      if (!areWorkersOn) await new Promise(() => {});
      for (const progress of PROGRESS) {
        context.set("progress", progress);
        // A step, so that the progress is recorded before the work continues.
        await context.run("report", () => {});
      }
      context.set("serial", crypto.randomUUID().slice(0, 8));
    },
    get,
  },
});

/** Stays in progress. */
const slowWidgets = workflow({
  name: "slow-widgets",
  handlers: {
    async run(context: WorkflowContext, configuration: unknown): Promise<void> {
      context.set("configuration", configuration);
      context.set("progress", 0.5);
      await context.sleep(3_600_000);
    },
    get,
  },
});

async function get(context: WorkflowSharedContext): Promise<Omit<Widget, "id">> {
  const [configuration, progress, serial] = await Promise.all([
    context.get<unknown>("configuration"),
    context.get<number>("progress"),
    context.get<string>("serial"),
  ]);
  return {
    status: serial === null ? "Making" : "Ready",
    configuration,
    progress: serial === null ? progress : null,
    serial,
  };
}

await serve({ services: [widgets, slowWidgets], port: Number(process.env["SERVICE_PORT"]) });

const ingress = process.env["RESTATE_URL"] ?? "";
const HEADERS = { "Content-Type": "application/json" };

async function call(path: string, body?: unknown): Promise<unknown> {
  const request =
    body === undefined ? { method: "POST" } : { method: "POST", headers: HEADERS, body: JSON.stringify(body) };
  const response = await fetch(`${ingress}/${path}`, request);
  const text = await response.text();
  if (!response.ok) throw new Error(`Restate returned ${response.status}: ${text}`);
  return text === "" ? undefined : JSON.parse(text);
}

const app = Fastify();
for (const name of ["widgets", "slow-widgets"]) {
  const path = `/api/${name}`;
  app.post<{ Body: { configuration: unknown } }>(path, { schema: { body: BODY } }, async (request, reply) => {
    const id = uuid();
    const { configuration } = request.body;
    await call(`${name}/${id}/run/send`, configuration);
    reply.code(202).header("Location", `${path}/${id}`).header("Retry-After", "1");
    return toRepresentation({ id, status: "Making", configuration, progress: null, serial: null });
  });
  app.get<{ Params: { id: string } }>(`${path}/:id`, async (request, reply) => {
    const { id } = request.params;
    const widget = (await call(`${name}/${id}/get`)) as Omit<Widget, "id">;
    if (widget.status === "Making") reply.header("Retry-After", "15");
    reply.header("Cache-Control", "private, no-cache");
    return toRepresentation({ id, ...widget });
  });
}
app.get("/livez", async () => "ok");
await app.listen({ port: Number(process.env["PORT"]), host: "127.0.0.1" });
process.on("SIGTERM", () => process.exit(0));
