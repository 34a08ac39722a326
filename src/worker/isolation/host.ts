import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { Log } from "../../core/ports/log.ts";
import type { RecordReply } from "../../core/ports/messages.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import type { Telemetry } from "../../telemetry/telemetry.ts";
import type { Link } from "../attempt/attempt.ts";
import { execute, type Running } from "../execution/execute.ts";
import type { FromChild, ToChild } from "./channel.ts";

export interface HostOptions {
  readonly types: readonly ResourceType[];
  readonly clock: Clock;
  readonly log: Log;
  readonly telemetry: Telemetry;
  readonly say: (message: FromChild) => void;
}

/** Runs attempts inside a process of isolated work; its worker speaks to the servers for it. */
export interface Host {
  readonly hear: (message: ToChild) => void;
}

export function createHost({ types, clock, log, telemetry, say }: HostOptions): Host {
  const byName = new Map(types.map((type) => [type.name, type]));
  const running = new Map<number, Running>();
  const records = new Map<number, (reply: RecordReply) => void>();
  let calls = 0;

  const linkOf = (run: number): Link => ({
    progress: (message) => say({ say: "progress", run, message }),
    record: (message) =>
      new Promise((resolve) => {
        const call = ++calls;
        records.set(call, resolve);
        say({ say: "record", run, call, message });
      }),
  });

  const begin = async ({ run, grant, heldMs }: ToChild & { say: "run" }): Promise<void> => {
    const type = byName.get(grant.type);
    const { operation, attempt } = grant;
    if (type === undefined) {
      log.error({ type: grant.type }, "the module of isolated work does not declare a type that its worker does");
      say({ say: "end", run, end: { operation, attempt, outcome: "lost" } });
      return;
    }
    const begun = execute({ grant, type, link: linkOf(run), clock, log, telemetry, heldMs });
    running.set(run, begun);
    const end = await begun.ended;
    running.delete(run);
    say({ say: "end", run, end });
  };

  return {
    hear(message) {
      switch (message.say) {
        case "run":
          void begin(message);
          break;
        case "abort":
          running.get(message.run)?.abort(message.code);
          break;
        case "flush":
          void running.get(message.run)?.flush();
          say({ say: "flushed", call: message.call });
          break;
        case "recorded":
          records.get(message.call)?.(message.reply);
          records.delete(message.call);
      }
    },
  };
}
