import { type ReactNode, useState } from "react";
import type { TypeView } from "../../server/dashboard/shapes.ts";
import { type OverviewQuery, useOverview, useTypes } from "../api/queries.ts";
import { ErrorNotice, Notice } from "../components/notice.tsx";
import { Page } from "../components/page.tsx";
import { SelectField } from "../components/select-field.tsx";
import { Counts } from "../plots/counts.tsx";
import { DurationPlot } from "../plots/duration-plot.tsx";
import { ThroughputPlot } from "../plots/throughput-plot.tsx";

// oxlint-disable-next-line import/no-default-export -- required by `lazy`
export default function OverviewPage(): ReactNode {
  const types = useTypes();
  const [query, setQuery] = useState<OverviewQuery>({ range: "hour", type: "", kind: "" });
  const { data, error, refetch } = useOverview(query);
  const knownTypes = types.data?.types ?? [];
  return (
    <Page title="Overview">
      {error !== null && data === undefined ? <ErrorNotice error={error} onRetry={() => void refetch()} /> : null}
      <Counts counts={data?.counts} types={knownTypes} />
      <PlotFilters query={query} types={knownTypes} onChange={(change) => setQuery({ ...query, ...change })} />
      {data === undefined ? <div className="plots" aria-busy="true" /> : null}
      {data !== undefined && data.points === undefined ? (
        <Notice title="Throughput and durations cover the resources of all owners.">
          <p>Only principals with access to all resources can see them.</p>
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

interface PlotFiltersProps {
  readonly query: OverviewQuery;
  readonly types: readonly TypeView[];
  readonly onChange: (change: Partial<OverviewQuery>) => void;
}

function PlotFilters({ query, types, onChange }: PlotFiltersProps): ReactNode {
  const kinds = types
    .filter(({ path }) => query.type === "" || path === query.type)
    .flatMap(({ operations }) => operations.map(({ kind }) => kind));
  return (
    <form className="filters" aria-label="Plot filters" onSubmit={(event) => event.preventDefault()}>
      <fieldset className="ranges">
        <legend>Time</legend>
        {RANGES.map(([range, name]) => (
          <label key={range}>
            <input
              type="radio"
              name="range"
              value={range}
              checked={query.range === range}
              onChange={() => onChange({ range })}
            />
            <span>{name}</span>
          </label>
        ))}
      </fieldset>
      <SelectField
        id="plot-type"
        label="Type"
        value={query.type}
        allText="All types"
        options={types.map(({ path, title }) => [path, title])}
        onChange={(type) => onChange({ type, kind: "" })}
      />
      <SelectField
        id="plot-kind"
        label="Operation"
        value={query.kind}
        allText="All operations"
        options={[...new Set(kinds)].map((kind) => [kind, kind])}
        onChange={(kind) => onChange({ kind })}
      />
    </form>
  );
}
