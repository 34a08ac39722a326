import { createApp, defineResource, PermanentError } from "afoot";
import { z } from "zod";

function expectApproval({ approved }: { readonly approved: boolean }): void {
  if (!approved) throw new PermanentError("Nobody wanted it.", { code: "not-approved" });
}

const machine = defineResource({
  name: "machine",
  configuration: z.object({ os: z.string(), ram: z.string().default("8GB") }),
  details: z.object({ IPAddress: z.ipv4(), starts: z.int() }),
  statuses: { ready: ["Ready"] },
  create: {
    status: "Provisioning",
    async work({ report, receive }) {
      report({ progress: 0.5 });
      expectApproval(await receive("verdict"));
      return { IPAddress: "192.168.1.10", starts: 0 };
    },
  },
  update: {
    status: "Resizing",
    async work({ receive, details }) {
      expectApproval(await receive("verdict"));
      return details;
    },
  },
  delete: {
    status: "Deleting",
    async work({ receive }) {
      expectApproval(await receive("verdict"));
    },
  },
  actions: {
    start: {
      status: "Starting",
      async work({ receive, details }) {
        expectApproval(await receive("verdict"));
        return { ...details, starts: details.starts + 1 };
      },
    },
  },
  receives: { verdict: z.object({ approved: z.boolean() }) },
});

/** Every operation waits for a verdict, so that a test decides its end. */
export default createApp({ resources: [machine], operations: true });
