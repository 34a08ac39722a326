import { createApp, defineResource } from "afoot";
import { z } from "zod";

/** A type whose work runs in external workers: `worker.py` claims it over HTTP, `worker.mjs` over NATS. */
const wordCount = defineResource({
  name: "word-count",
  configuration: z.object({ text: z.string().min(1) }),
  details: z.object({ words: z.int().min(0) }),
  statuses: { ready: "Counted" },
  create: { status: "Counting", external: true, retry: { initialMs: 200 } },
});

/** The app has no authentication. With `authenticate`, `authorize` must allow workers: they have the type `worker`. */
export default createApp({ resources: [wordCount], worker: true });
