import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { it } from "node:test";
import { temporaryFolder } from "../../support/afoot-process.ts";
import { eventually } from "../../support/eventually.ts";
import { freePort } from "../../support/free-port.ts";
import { startEngineApp } from "./engine-app.ts";
import { createApiServer } from "./kubernetes/api-server.ts";

const configuration = { source: "https://data.example.com/books.csv", parts: 4 };

it("keeps Kubernetes Jobs, and gets the API: progress, result, cancel and failure through every restart", async () => {
  await using folder = await temporaryFolder();
  const port = await freePort();
  const file = join(folder.path, "kubeconfig");
  await writeFile(
    file,
    `apiVersion: v1
kind: Config
current-context: test
contexts: [{ name: test, context: { cluster: test, user: afoot } }]
clusters: [{ name: test, cluster: { server: "http://127.0.0.1:${port}", insecure-skip-tls-verify: true } }]
users: [{ name: afoot, user: { token: secret-token } }]
`,
  );
  const kubernetes = createApiServer(port);
  await using stack = new AsyncDisposableStack();
  stack.defer(() => kubernetes.close());
  await using app = await startEngineApp("kubernetes", "data-imports", { KUBECONFIG: file, JOB_NAMESPACE: "ci" });
  /** Resolves to the name of the Job once it is created. */
  const created = async (path: string): Promise<string> => {
    const name = `import-${await app.operationOf(path)}`;
    await eventually("the Job to be created", () => kubernetes.jobs.has(name));
    return name;
  };

  // The API server is down, then creates the Job but its response is lost, and Afoot is killed: no second Job is created.
  const first = await app.create(configuration);
  kubernetes.loseNextResponse = true;
  await kubernetes.listen();
  const job = await created(first);
  await app.restart();
  await eventually(
    "the repeated request",
    () => kubernetes.requests.filter(({ method }) => method === "POST").length > 1,
  );
  assert.equal(kubernetes.jobs.size, 1);
  const [{ url, authorization, body } = assert.fail()] = kubernetes.requests;
  assert.deepEqual([url.pathname, authorization], ["/apis/batch/v1/namespaces/ci/jobs", "Bearer secret-token"]);
  assert.partialDeepStrictEqual(body, { spec: { completions: 4, parallelism: 4, completionMode: "Indexed" } });

  kubernetes.jobs.set(job, "running");
  const running = await app.until(first, ({ progress }) => progress === "25%");
  assert.deepEqual([running["status"], running["job"]], ["Importing", job]);
  const following = app.followed(first);
  kubernetes.jobs.set(job, "complete");
  const last = (await following).at(-1);
  const id = first.split("/").at(-1);
  const finishedAt = "2026-03-02T09:16:31.000Z";
  assert.deepEqual(last, { id, status: "Imported", configuration, job, finishedAt });
  kubernetes.jobs.delete(job);
  assert.deepEqual(await app.until(first, () => true), last, "the Job has expired");

  const cancelled = await app.create(configuration);
  const cancelledJob = await created(cancelled);
  await app.cancel(cancelled);
  assert.equal((await app.followed(cancelled)).at(-1)?.["status"], "Cancelled");
  assert.ok(!kubernetes.jobs.has(cancelledJob));
  const deletion = kubernetes.requests.find(({ method }) => method === "DELETE");
  assert.equal(deletion?.url.searchParams.get("propagationPolicy"), "Background");

  const failed = await app.create(configuration);
  kubernetes.jobs.set(await created(failed), "failed");
  const { status, error } = (await app.followed(failed)).at(-1) ?? {};
  assert.equal(status, "Failed");
  const detail = "BackoffLimitExceeded: Job has reached the specified backoff limit";
  assert.partialDeepStrictEqual(error, { code: "job-failed", detail, retryable: true });
  assert.ok(!app.log().includes("secret-token"));
});
