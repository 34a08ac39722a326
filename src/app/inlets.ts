import type { ResourceType } from "../core/definition/resource-type.ts";
import { DefinitionError } from "../core/errors.ts";
import type { Inlet, OpenInlet } from "../core/ports/inlet.ts";
import type { Log } from "../core/ports/log.ts";
import type { Clock } from "../core/scheduling/clock.ts";
import { acceptsStatusMessages } from "../server/external/external.ts";
import { createDeliver } from "../server/inlets/deliver.ts";
import type { ServerOptions } from "../server/options.ts";
import type { Server } from "../server/server.ts";
import type { AppStartOptions } from "./start-options.ts";

/**
 * Returns the inlets of the app and of its start.
 *
 * @throws DefinitionError if no resource type could accept a message
 */
export function inletsOf(
  types: readonly ResourceType[],
  options: Pick<ServerOptions, "inlets">,
  started: Pick<AppStartOptions, "inlets">,
): readonly Inlet[] {
  const inlets = [...options.inlets, ...(started.inlets ?? [])];
  if (inlets.length === 0 || types.some(acceptsStatusMessages)) return inlets;
  throw new DefinitionError(
    "inlets: no resource type accepts status messages, so every message would be discarded. Declare an operation with external: true, or messages with receives.",
  );
}

export interface InletParts {
  readonly server: Pick<Server, "statusMessages">;
  readonly options: ServerOptions;
  readonly log: Log;
  readonly clock: Clock;
}

/** Opens all inlets. If one fails, it closes the others. */
export async function openInlets(
  inlets: readonly Inlet[],
  { server: { statusMessages }, options, log, clock }: InletParts,
): Promise<readonly OpenInlet[]> {
  const deliver = createDeliver({ statusMessages, clock, options });
  const results = await Promise.allSettled(inlets.map((inlet) => inlet.open({ log, clock, deliver })));
  const opened = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const failed = results.find((result) => result.status === "rejected");
  if (failed === undefined) return opened;
  await Promise.all(opened.map((inlet) => inlet.close()));
  throw failed.reason;
}
