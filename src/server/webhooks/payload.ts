import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { Log } from "../../core/ports/log.ts";
import type { DeliveryConfiguration } from "../../core/webhooks/delivery-changes.ts";
import type { LinkOptions } from "../representation/links.ts";
import { createRenderer } from "../representation/representation.ts";
import { createRowMigration } from "../storage/migrating-store.ts";

export interface PayloadOptions extends LinkOptions {
  readonly problemTypes: string;
}

/**
 * Returns the body of an event: its type, its instant, and the representation of the resource as a GET would have returned
 * it right after the commit, with absolute links.
 */
export async function payloadOf(
  { event, subject, row }: DeliveryConfiguration,
  type: ResourceType | undefined,
  { problemTypes, basePath, publicUrl = "" }: PayloadOptions,
  log: Log,
): Promise<string> {
  const timestamp = new Date(row.operation.settledAt ?? row.updatedAt).toISOString();
  const beginning = JSON.stringify({ type: event, timestamp }).slice(0, -1);
  if (type === undefined || row.deletedAt !== null) return `${beginning},"data":${JSON.stringify({ id: subject.id })}}`;
  const render = createRenderer(type, {
    // Nothing remains of a settled operation.
    estimates: { estimate: () => undefined },
    options: { problemTypes, basePath: publicUrl + basePath },
  });
  const migrated = type.migrate === undefined ? row : await createRowMigration(type, type.migrate, log)(row);
  return `${beginning},"data":${render(migrated, migrated.updatedAt).text}}`;
}
