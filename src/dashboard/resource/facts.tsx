import type { ReactNode } from "react";
import type { Heard } from "../api/resources.ts";
import { instantText } from "../components/text.ts";

/** What is known of the resource beside its own representation. */
export function Facts({ summary }: { readonly summary: Heard }): ReactNode {
  const { operation, owner, createdAt, updatedAt } = summary;
  const facts: readonly (readonly [name: string, value: ReactNode])[] = [
    ["Created", instantText(createdAt)],
    ["Changed", instantText(updatedAt)],
    ...(owner === undefined ? [] : [["Owner", owner] as const]),
    ["Latest operation", <code key="id">{operation.id}</code>],
    ["State", operation.state],
    ["Attempts", `${operation.attempt}${operation.failures === 0 ? "" : `, ${operation.failures} failed`}`],
    ...(operation.settledAt === null ? [["Ends at the latest", instantText(operation.deadlineAt)] as const] : []),
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
