// An app that kills itself between the commit that settles and the request: once for each resource.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createApp, defineResource } from "afoot";
import { z } from "zod";

const folder = process.env["KILL_FOLDER"] ?? "";

const thing = defineResource({
  name: "thing",
  configuration: z.object({ survives: z.boolean() }),
  details: z.object({ made: z.boolean() }),
  statuses: { ready: "Ready" },
  create: { status: "Making", work: () => ({ made: true }) },
});

export default createApp({
  resources: [thing],
  // The name of the run.
  authenticate: ({ header }) => ({ id: header("x-run") ?? "nobody", operator: header("x-run") === undefined }),
  webhooks: {
    perResource: {
      // Called by each try, after the delivery is committed and claimed, and before its request is sent.
      secrets(owner = "") {
        const killed = join(folder, owner);
        if (owner.startsWith("kill-") && !existsSync(killed)) {
          writeFileSync(killed, "");
          process.kill(process.pid, "SIGKILL");
        }
        return [process.env["KILL_SECRET"] ?? ""];
      },
    },
    allow: ["127.0.0.0/8"],
  },
});
