import { type ReactNode, useState } from "react";
import type { TypeView } from "../../server/dashboard/shapes.ts";
import { type OverviewQuery, useOverview, useTypes } from "../api/queries.ts";
import { Fault, Notice } from "../components/notice.tsx";
import { Page } from "../components/page.tsx";
import { SelectField } from "../components/select-field.tsx";
import { Counts } from "../plots/counts.tsx";
import { DurationPlot } from "../plots/duration-plot.tsx";
import { ThroughputPlot } from "../plots/throughput-plot.tsx";

// oxlint-disable-next-line import/no-default-export -- what `lazy` loads
export default function OverviewPage(): ReactNode {
  const types = useTypes();
  const [asked, setAsked] = useState<OverviewQuery>({ range: "hour", type: "", kind: "" });
  const { data, error, refetch } = useOverview(asked);
  const known = types.data?.types ?? [];
  return (
    <Page title="Overview">
      {error !== null && data === undefined ? <Fault error={error} onRetry={() => void refetch()} /> : null}
      <Counts counts={data?.counts} types={known} />
      <Choices asked={asked} types={known} onChange={(change) => setAsked({ ...asked, ...change })} />
      {data === undefined ? <div className="plots" aria-busy="true" /> : null}
      {data !== undefined && data.points === undefined ? (
        <Notice title="Throughput and durations are of everybody's resources.">
          <p>They are shown to those who may see all of them.</p>
        </Notice>
      ) : null}
      {data?.points === undefined ? null : (
        <div className="plots">
          <ThroughputPlot points={data.points} pointMs={data.pointMs} />
          <DurationPlot points={data.points} pointMs={data.pointMs} />
        </div>
      )}
    </Page>
  );
}

const RANGES = [
  ["hour", "Last hour"],
  ["day", "Last 24 hours"],
  ["week", "Last 7 days"],
  ["month", "Last 30 days"],
] as const;

interface ChoicesProps {
  readonly asked: OverviewQuery;
  readonly types: readonly TypeView[];
  readonly onChange: (change: Partial<OverviewQuery>) => void;
}

function Choices({ asked, types, onChange }: ChoicesProps): ReactNode {
  const kinds = types
    .filter(({ path }) => asked.type === "" || path === asked.type)
    .flatMap(({ operations }) => operations.map(({ kind }) => kind));
  return (
    <form className="filters" aria-label="What the plots show" onSubmit={(event) => event.preventDefault()}>
      <fieldset className="ranges">
        <legend>Time</legend>
        {RANGES.map(([range, name]) => (
          <label key={range}>
            <input
              type="radio"
              name="range"
              value={range}
              checked={asked.range === range}
              onChange={() => onChange({ range })}
            />
            <span>{name}</span>
          </label>
        ))}
      </fieldset>
      <SelectField
        id="plot-type"
        label="Type"
        value={asked.type}
        all="All types"
        options={types.map(({ path, title }) => [path, title])}
        onChange={(type) => onChange({ type, kind: "" })}
      />
      <SelectField
        id="plot-kind"
        label="Operation"
        value={asked.kind}
        all="All operations"
        options={[...new Set(kinds)].map((kind) => [kind, kind])}
        onChange={(kind) => onChange({ kind })}
      />
    </form>
  );
}
