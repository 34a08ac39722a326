import { ApiException, BatchV1Api, KubeConfig, type V1Job } from "@kubernetes/client-node";
import { createApp, defineResource } from "afoot";
import { z } from "zod";

const cluster = new KubeConfig();
cluster.loadFromDefault(); // KUBECONFIG, or the service account of the pod
const batch = cluster.makeApiClient(BatchV1Api);
const namespace = process.env["JOB_NAMESPACE"] ?? "default";
const nameOf = (operation: string): string => `import-${operation}`;
const reference = (operation: string) => ({ namespace, name: nameOf(operation), propagationPolicy: "Background" });

/** An import that a Kubernetes Job runs, one pod per part. Afoot creates the Job, reads it on every GET, and deletes it. */
const dataImport = defineResource({
  name: "data-import",
  configuration: z.object({ source: z.url(), parts: z.int().positive() }),
  details: z.object({ job: z.string(), finishedAt: z.iso.datetime() }),
  statuses: { ready: "Imported" },
  create: {
    status: "Importing",
    retry: { attempts: 1000, maxMs: 10_000 }, // an API server that is down is waited for
    async work({ operation: { id }, configuration, step, observed }) {
      const create = () => unlessCode(409, batch.createNamespacedJob({ namespace, body: job(id, configuration) }));
      await step("create job", create, { undo: () => unlessCode(404, batch.deleteNamespacedJob(reference(id))) });
      return observed();
    },
  },
  async observe({ kind, operation: { id } }) {
    if (kind === undefined) return undefined; // it is settled, and the Job expires
    const { spec, status } = await batch.readNamespacedJob(reference(id));
    const condition = (type: string) =>
      status?.conditions?.find((each) => each.type === type && each.status === "True");
    const failed = condition("Failed");
    if (failed !== undefined) {
      const message = `${failed.reason}: ${failed.message}`;
      return { outcome: "failed", error: { code: "job-failed", message, retryable: true } };
    }
    if (condition("Complete") === undefined) {
      return { progress: (status?.succeeded ?? 0) / (spec?.completions ?? 1), details: { job: nameOf(id) } };
    }
    const finishedAt = (status?.completionTime ?? new Date()).toISOString();
    return { outcome: "succeeded", details: { job: nameOf(id), finishedAt } };
  },
});

function job(id: string, { source, parts }: { source: string; parts: number }): V1Job {
  const container = { name: "import", image: "registry.example.com/import:1", args: [source] };
  return {
    metadata: { name: nameOf(id), labels: { "app.kubernetes.io/managed-by": "afoot" } },
    spec: {
      completions: parts,
      parallelism: Math.min(parts, 5),
      completionMode: "Indexed", // each pod gets its part in JOB_COMPLETION_INDEX
      backoffLimit: 3,
      ttlSecondsAfterFinished: 86_400,
      template: { spec: { restartPolicy: "Never", containers: [container] } },
    },
  };
}

/** Ignores the answer that a repeated request gets: 409 for a Job that exists, 404 for one that is gone. */
async function unlessCode(code: number, request: Promise<unknown>): Promise<void> {
  await request.catch((error: unknown) => {
    if (!(error instanceof ApiException && error.code === code)) throw error;
  });
}

export default createApp({ resources: [dataImport] });
