import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { WITH_TYPESCRIPT_5 } from "../support/typescript-5.ts";
import { type CompatibilityServer, startServer } from "./server.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const run = promisify(execFile);

const CLIENT = `
  import createClient from "openapi-fetch";
  import type { paths } from "./paths.d.ts";

  const api = createClient<paths, "application/json" | "application/problem+json">({ baseUrl: process.argv[2] ?? "" });

  async function settled(id: string) {
    for (;;) {
      const params = { path: { id }, header: { Prefer: "wait=30" } };
      const { data, error, response } = await api.GET("/api/machines/{id}", { params });
      if (data === undefined) return error?.code ?? "not changed";
      if (response.headers.has("Retry-After")) continue;
      const address: string | undefined = data.IPAddress;
      return [data.status, data.error?.code ?? address].join(" ");
    }
  }

  async function created(): Promise<string> {
    const { data, error } = await api.POST("/api/machines", { body: { configuration: { os: "Linux" } } });
    if (data === undefined) throw new Error(error.detail);
    const { id, configuration: { ram } } = data;
    console.log(data.status, ram);
    return id;
  }

  for (const outcome of ["succeeded", "failed", "cancelled"] as const) {
    const id = await created();
    const params = { path: { id } };
    if (outcome === "cancelled") await api.POST("/api/machines/{id}/cancel", { params });
    else await api.POST("/api/machines/{id}/verdict", { params, body: { approved: outcome === "succeeded" } });
    console.log(await settled(id));
    if (outcome !== "succeeded") continue;

    const approve = () => api.POST("/api/machines/{id}/verdict", { params, body: { approved: true } });
    await api.PATCH("/api/machines/{id}", { params, body: { configuration: { ram: "16GB" } } });
    await approve();
    console.log(await settled(id));
    await api.POST("/api/machines/{id}/start", { params });
    await approve();
    console.log(await settled(id));
    await api.DELETE("/api/machines/{id}", { params });
    await approve();
    console.log(await settled(id));
  }

  export async function refused() {
    // @ts-expect-error: ram is a string
    await api.POST("/api/machines", { body: { configuration: { os: "Linux", ram: 16 } } });
    // @ts-expect-error: os is missing
    await api.POST("/api/machines", { body: { configuration: {} } });
    // @ts-expect-error: no such verdict
    await api.POST("/api/machines/{id}/verdict", { params: { path: { id: "1" } }, body: { approved: "yes" } });
    const { data } = await api.PUT("/api/machines/{id}", { params: { path: { id: "1" } }, body: { configuration: { os: "BSD" } } });
    // @ts-expect-error: there is no such detail
    return data?.MACAddress;
  }
`;

describe("openapi-fetch, with types by openapi-typescript", { timeout: 120_000 }, () => {
  let server: CompatibilityServer;
  let folder = "";
  before(async () => {
    server = await startServer();
    folder = await mkdtemp(join(import.meta.dirname, "typed-"));
    await writeFile(join(folder, "client.ts"), CLIENT);
    const options = { extends: "../../../tsconfig.json", compilerOptions: { skipLibCheck: false }, include: ["*.ts"] };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(options));
  });
  after(async () => {
    await rm(folder, { recursive: true, force: true });
    await server[Symbol.asyncDispose]();
  });

  it("follows to success, failure and cancel, through every method, and knows every field", async () => {
    const generator = join(ROOT, "node_modules/openapi-typescript/bin/cli.js");
    const types = join(folder, "paths.d.ts");
    const flags = ["--output", types, "--default-non-nullable", "false"];
    await run(process.execPath, ["--import", WITH_TYPESCRIPT_5, generator, `${server.origin}/openapi.json`, ...flags]);
    // A type error rejects, and the error contains the compiler's output.
    await run(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", folder]);
    const { stdout } = await run(process.execPath, [join(folder, "client.ts"), server.origin]);
    assert.deepEqual(stdout.trimEnd().split("\n"), [
      "Provisioning 8GB",
      "Ready 192.168.1.10",
      "Ready 192.168.1.10",
      "Ready 192.168.1.10",
      "resource-deleted",
      "Provisioning 8GB",
      "Failed not-approved",
      "Provisioning 8GB",
      "Cancelled cancelled",
    ]);
  });
});
