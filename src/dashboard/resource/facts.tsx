import type { ReactNode } from "react";
import type { ResourceUpdate } from "../api/live-resources.ts";
import { instantText } from "../components/text.ts";

/** Facts about the resource that its representation does not contain. */
export function Facts({ summary }: { readonly summary: ResourceUpdate }): ReactNode {
  const { operation, owner, createdAt, updatedAt } = summary;
  const facts: readonly (readonly [name: string, value: ReactNode])[] = [
    ["Created", instantText(createdAt)],
    ["Changed", instantText(updatedAt)],
    ...(owner === undefined ? [] : [["Owner", owner] as const]),
    ["Latest operation", <code key="id">{operation.id}</code>],
    ["State", operation.state],
    ["Attempts", `${operation.attempt}${operation.failures === 0 ? "" : `, ${operation.failures} failed`}`],
    ...(operation.settledAt === null ? [["Deadline", instantText(operation.deadlineAt)] as const] : []),
  ];
  return (
    <section className="card" aria-labelledby="facts">
      <h2 id="facts">About</h2>
      <dl className="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
