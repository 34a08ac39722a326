import type { ReactNode } from "react";
import type { TypeView } from "../../server/dashboard/shapes.ts";
import type { ResourceUpdate } from "../api/live-resources.ts";
import { ResourceRow } from "./resource-row.tsx";

export interface ResourceTableProps {
  readonly items: readonly ResourceUpdate[];
  readonly types: readonly TypeView[];
}

/** A table on wide screens, cards on narrow ones. Roles are explicit, because a changed CSS display removes the implicit ones. */
export function ResourceTable({ items, types }: ResourceTableProps): ReactNode {
  const titles = new Map(types.map(({ path, title }) => [path, title]));
  const isOwned = items.some(({ owner }) => owner !== undefined);
  const columns = ["Resource", "Status", "Progress", "Operation", ...(isOwned ? ["Owner"] : []), "Created"];
  return (
    <table className={isOwned ? "table table-owned" : "table"} role="table" aria-label="Resources">
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <th key={column} role="columnheader" scope="col">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {items.map((item) => (
          <ResourceRow
            key={`${item.path}/${item.id}`}
            item={item}
            title={titles.get(item.path) ?? item.path}
            isOwned={isOwned}
          />
        ))}
      </tbody>
    </table>
  );
}
