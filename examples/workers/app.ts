import { createApp, defineResource } from "afoot";
import { z } from "zod";

/** Done by a process of another language: `worker.py` claims it over HTTP, `worker.mjs` over NATS. */
const wordCount = defineResource({
  name: "word-count",
  configuration: z.object({ text: z.string().min(1) }),
  details: z.object({ words: z.int().min(0) }),
  statuses: { ready: "Counted" },
  create: { status: "Counting", external: true, retry: { initialMs: 200 } },
});

/** Nobody is told apart here. With `authenticate`, `authorize` has to let workers in: by the type `worker`. */
export default createApp({ resources: [wordCount], worker: true });
