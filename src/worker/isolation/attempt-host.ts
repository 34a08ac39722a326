import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { Log } from "../../core/ports/log.ts";
import type { RecordReply } from "../../core/ports/messages.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import type { Telemetry } from "../../telemetry/telemetry.ts";
import type { AttemptLink } from "../attempt/attempt.ts";
import { execute, type RunningAttempt } from "../execution/execute.ts";
import type { FromChild, ToChild } from "./channel.ts";

export interface AttemptHostOptions {
  readonly types: readonly ResourceType[];
  readonly clock: Clock;
  readonly log: Log;
  readonly telemetry: Telemetry;
  readonly send: (message: FromChild) => void;
}

/** Runs attempts inside an isolated process. Its worker relays all requests to the servers. */
export interface AttemptHost {
  readonly onMessage: (message: ToChild) => void;
}

export function createAttemptHost({ types, clock, log, telemetry, send }: AttemptHostOptions): AttemptHost {
  const byName = new Map(types.map((type) => [type.name, type]));
  const running = new Map<number, RunningAttempt>();
  const records = new Map<number, (reply: RecordReply) => void>();
  let calls = 0;

  const linkOf = (run: number): AttemptLink => ({
    progress: (message) => send({ kind: "progress", run, message }),
    record: (message) =>
      new Promise((resolve) => {
        const call = ++calls;
        records.set(call, resolve);
        send({ kind: "record", run, call, message });
      }),
  });

  const begin = async ({ run, grant, sinceGrantMs }: ToChild & { kind: "run" }): Promise<void> => {
    const type = byName.get(grant.type);
    if (type === undefined) {
      log.error({ type: grant.type }, "the module of isolated work does not declare a type of its worker");
      send({ kind: "end", run, end: { operation: grant.operation, attempt: grant.attempt, outcome: "lost" } });
      return;
    }
    const attempt = execute({ grant, type, link: linkOf(run), clock, log, telemetry, sinceGrantMs });
    running.set(run, attempt);
    const end = await attempt.ended;
    running.delete(run);
    send({ kind: "end", run, end });
  };

  return {
    onMessage(message) {
      switch (message.kind) {
        case "run":
          void begin(message);
          break;
        case "abort":
          running.get(message.run)?.abort(message.code);
          break;
        case "hand-back":
          running.get(message.run)?.requestHandBack();
          break;
        case "flush":
          void running.get(message.run)?.flush();
          send({ kind: "flushed", call: message.call });
          break;
        case "recorded":
          records.get(message.call)?.(message.reply);
          records.delete(message.call);
      }
    },
  };
}
