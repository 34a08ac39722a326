import { z } from "zod";

/** A task of the load process, as JSON on its command line. */
export const TASK = z.object({
  ports: z.array(z.number()),
  /**
   * `lifecycles`: each connection creates a resource, waits until it is settled, and creates the next one. `accept`: each
   * creates the next one after the 202. `rate`: a fixed number of creations per second.
   */
  mode: z.enum(["lifecycles", "accept", "rate"]),
  connections: z.number(),
  seconds: z.number(),
  /** Creations per second, for `rate`. */
  rate: z.number(),
});

export type Task = z.infer<typeof TASK>;

/** The result of the load process, as JSON on its standard output. */
export const TASK_RESULT = z.object({
  /** Responses with 202 within the time. */
  accepted: z.number(),
  /** Lifecycles that were seen to be settled within the time. */
  settled: z.number(),
  seconds: z.number(),
  acceptP50Ms: z.number(),
  acceptP99Ms: z.number(),
  lifecycleP50Ms: z.number(),
});

export type TaskResult = z.infer<typeof TASK_RESULT>;
