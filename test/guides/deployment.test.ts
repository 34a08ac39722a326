import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { before, describe, it } from "node:test";
import { Deployment } from "kubernetes-models/apps/v1/Deployment";
import { PodDisruptionBudget } from "kubernetes-models/policy/v1/PodDisruptionBudget";
import { Secret } from "kubernetes-models/v1/Secret";
import { Service } from "kubernetes-models/v1/Service";
import { startOptions } from "../../src/cli/start/start-options.ts";
import { startAfoot, temporaryFolder } from "../support/afoot-process.ts";
import { followed, send } from "../support/exchange.ts";
import { type CodeBlock, codeBlocks, manifestsOf } from "../support/page-code.ts";
import { pgBouncerMissing, startPgBouncer } from "../support/pgbouncer.ts";
import { postgresMissing, startPostgres } from "../support/postgres.ts";

const GUIDES = resolve(import.meta.dirname, "../../docs/guides");
const APP = resolve(import.meta.dirname, "../../test/operations/reports-app.ts");

describe("docs/guides/deployment.md", () => {
  let blocks: readonly CodeBlock[] = [];
  before(async () => {
    blocks = codeBlocks(await readFile(join(GUIDES, "deployment.md"), "utf8"));
  });
  const block = (part: string): string => {
    const found = blocks.find(({ file, text }) => file?.includes(part) === true || text.includes(part));
    return found?.text ?? assert.fail(`there is no block with ${part}`);
  };

  it("has manifests of Kubernetes that match its schemas", () => {
    const documents: readonly unknown[] = manifestsOf(block("kubernetes.yaml"));
    const models = [Secret, Deployment, Service, PodDisruptionBudget];
    assert.equal(documents.length, models.length);
    for (const [index, Model] of models.entries()) {
      const manifest = new Model(documents[index] as never);
      manifest.validate();
    }
  });

  it("gives a pod enough time to leave its Service, and to hand back its work", () => {
    const [, manifest] = manifestsOf(block("kubernetes.yaml"));
    const { spec } = new Deployment(manifest).spec?.template ?? assert.fail();
    const [container] = spec?.containers ?? [];
    const [command, ...flags] = container?.args ?? [];
    assert.equal(command, "start");
    const { graceMs, app } = startOptions(flags, {});
    assert.equal(app, "app.ts");
    const [, seconds = ""] = container?.lifecycle?.preStop?.exec?.command ?? [];
    assert.ok((spec?.terminationGracePeriodSeconds ?? 0) >= Number(seconds) + graceMs / 1000 + 5);
    assert.deepEqual(
      [container?.readinessProbe, container?.livenessProbe].map((probe) => probe?.httpGet?.path),
      ["/readyz", "/livez"],
    );
  });

  it("has a unit that systemd accepts, and that waits longer than the grace period", async () => {
    const unit = block("sites.service");
    const graceS = startOptions([], {}).graceMs / 1000;
    assert.ok(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1]) > graceS);
    const [, flags = ""] = /^ExecStart=\/usr\/bin\/node node_modules\/\.bin\/afoot start (.+)$/m.exec(unit) ?? [];
    assert.equal(startOptions(flags.split(" "), {}).app, "app.ts");
    if (spawnSync("systemd-analyze", ["--version"]).error !== undefined) return;
    await using folder = await temporaryFolder();
    const path = join(folder.path, "sites.service");
    await writeFile(path, unit.replace("/usr/bin/node", process.execPath).replace("/srv/sites", folder.path));
    const { stderr, status } = spawnSync("systemd-analyze", ["verify", "--man=no", path], { encoding: "utf8" });
    assert.equal(status, 0, stderr);
    assert.doesNotMatch(stderr, /sites\.service/);
  });
});

const noPostgres = await postgresMissing();

describe(
  "a node behind PgBouncer, as docs/guides/deployment.md says",
  {
    skip: noPostgres === false ? pgBouncerMissing() : noPostgres,
  },
  () => {
    it("runs through the pooler, and gets no warning about notices", async () => {
      const postgres = await startPostgres();
      try {
        await using pooler = await startPgBouncer(postgres.url, "transaction");
        const environment = { AFOOT_STORE: pooler.url, AFOOT_LISTEN_URL: postgres.url, PRINTER: "fixed" };
        await using running = await startAfoot({ app: APP, environment });
        const url = `${running.origin}/api/reports/r-1`;
        assert.equal((await send(url, "PUT", { configuration: { pages: 1 } })).status, 202);
        const last = (await followed(url)).at(-1);
        assert.equal(last?.body["printed"], 1, JSON.stringify(last?.body));
        assert.doesNotMatch(running.log(), /pooler|prepared statement/);
      } finally {
        await postgres.remove();
      }
    });
  },
);
