import type { ReactNode } from "react";
import { Link } from "wouter";
import type { StatusCountView, TypeView } from "../../server/dashboard/shapes.ts";
import { queryString } from "../api/queries.ts";
import { Badge } from "../components/badge.tsx";
import { toneOfLabel } from "../components/status-tone.ts";
import { countText } from "../components/text.ts";

export interface CountsProps {
  readonly counts: readonly StatusCountView[] | undefined;
  readonly types: readonly TypeView[];
}

/** Number of resources by type and status, each linked to the filtered list. */
export function Counts({ counts, types }: CountsProps): ReactNode {
  if (counts?.length === 0) {
    return (
      <section className="card">
        <h2>By status</h2>
        <p className="none">No resources yet.</p>
      </section>
    );
  }
  return (
    <div className="counts" aria-busy={counts === undefined}>
      {types.map((type) => {
        const typeCounts = counts?.filter(({ path }) => path === type.path) ?? [];
        return (
          <section key={type.path} className="card" aria-label={`${type.title} by status`}>
            <h2>{type.title}</h2>
            {counts !== undefined && typeCounts.length === 0 ? <p className="none">None yet.</p> : null}
            <ul className="count-list">
              {typeCounts.map((count) => (
                <li key={count.status}>
                  <Link
                    href={`/?${queryString({ type: type.path })}&status=${encodeURIComponent(count.status)}`}
                    className="count"
                  >
                    <Badge status={count.status} tone={toneOfLabel(count.status, type.labels)} />
                    <span className="count-number">
                      {countText(count.count)}
                      {count.isMore ? "+" : ""}
                    </span>
                  </Link>
                </li>
              ))}
            </ul>
          </section>
        );
      })}
    </div>
  );
}
