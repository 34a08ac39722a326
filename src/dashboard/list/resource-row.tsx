import type { ReactNode } from "react";
import { Link } from "wouter";
import type { ResourceUpdate } from "../api/live-resources.ts";
import { Badge } from "../components/badge.tsx";
import { useNow } from "../components/now.ts";
import { OperationText } from "../components/operation-text.tsx";
import { Progress, Remaining } from "../components/progress.tsx";
import { toneOf } from "../components/status-tone.ts";
import { agoText, durationText, instantText } from "../components/text.ts";

export interface ResourceRowProps {
  readonly item: ResourceUpdate;
  readonly title: string;
  readonly isOwned: boolean;
}

export function ResourceRow({ item, title, isOwned }: ResourceRowProps): ReactNode {
  return (
    <tr role="row">
      <td role="cell" className="cell-resource">
        <Link href={`/resources/${item.path}/${item.id}`} className="row-link">
          {item.id}
        </Link>
        <span className="row-type">{[title, ...metadataTexts(item)].join(" · ")}</span>
      </td>
      <td role="cell" className="cell-status">
        <Badge status={item.status} tone={toneOf(item)} />
      </td>
      <td role="cell" className="cell-progress">
        <ProgressCell item={item} />
      </td>
      <td role="cell" className="cell-operation">
        <OperationText operation={item.operation} error={item.error} />
      </td>
      {isOwned ? (
        <td role="cell" className="cell-owner">
          {item.owner}
        </td>
      ) : null}
      <td role="cell" className="cell-created">
        <Created at={item.createdAt} />
      </td>
    </tr>
  );
}

/** Maximum number of pairs in a row, and of characters of a value. The page of the resource shows all. */
const MAX_PAIRS = 3;
const MAX_VALUE_LENGTH = 40;

/** Returns the first pairs that the client attached. */
function metadataTexts({ metadata = {} }: ResourceUpdate): readonly string[] {
  return Object.entries(metadata)
    .slice(0, MAX_PAIRS)
    .map(([key, value]) => `${key}: ${value.slice(0, MAX_VALUE_LENGTH)}`);
}

/** Progress of an operation, or its duration once settled. */
function ProgressCell({ item }: { readonly item: ResourceUpdate }): ReactNode {
  const { operation, percent } = item;
  if (operation.settledAt !== null) {
    return <span className="took">took {durationText(operation.settledAt - operation.acceptedAt)}</span>;
  }
  return (
    <>
      <Progress percent={percent} label={`Progress of ${item.id}`} />
      <span className="progress-text">
        {percent === undefined ? null : <span>{percent}%</span>}
        <Remaining item={item} />
      </span>
    </>
  );
}

function Created({ at }: { readonly at: number }): ReactNode {
  return (
    <time dateTime={new Date(at).toISOString()} title={instantText(at)}>
      {agoText(at, useNow())}
    </time>
  );
}
