import { type ReactNode, useEffect, useEffectEvent, useState } from "react";
import type { TypeView } from "../../server/dashboard/shapes.ts";
import type { Filter } from "../api/live-resources.ts";
import { SelectField } from "../components/select-field.tsx";

export interface FiltersProps {
  readonly filter: Filter;
  readonly types: readonly TypeView[];
  readonly onChange: (change: Partial<Filter>) => void;
}

/** Delay between the last key press and the search. */
const SEARCH_DELAY_MS = 300;

export function Filters({ filter, types, onChange }: FiltersProps): ReactNode {
  const labels = declaredLabels(types.filter(({ path }) => filter.type === "" || path === filter.type));
  // A link may filter by a label that work reports but no type declares.
  const options = filter.status === "" || labels.includes(filter.status) ? labels : [filter.status, ...labels];
  return (
    <form className="filters" role="search" aria-label="Resources" onSubmit={(event) => event.preventDefault()}>
      <SearchField text={filter.text} onChange={(text) => onChange({ text })} />
      <SelectField
        id="filter-type"
        label="Type"
        value={filter.type}
        allText="All types"
        options={types.map(({ path, title }) => [path, title])}
        onChange={(type) => onChange({ type, status: "" })}
      />
      <SelectField
        id="filter-status"
        label="Status"
        value={filter.status}
        allText="Any status"
        options={options.map((label) => [label, label])}
        onChange={(status) => onChange({ status })}
      />
    </form>
  );
}

function SearchField({
  text,
  onChange,
}: {
  readonly text: string;
  readonly onChange: (text: string) => void;
}): ReactNode {
  const [typed, setTyped] = useState(text);
  const [committed, setCommitted] = useState(text);
  // The filter has changed outside this field, for example by the back button.
  if (text !== committed) {
    setCommitted(text);
    setTyped(text);
  }
  const search = useEffectEvent(() => {
    if (typed.trim() !== text) {
      setCommitted(typed.trim());
      onChange(typed.trim());
    }
  });
  useEffect(() => {
    const timer = setTimeout(search, SEARCH_DELAY_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <div className="field field-wide">
      <label htmlFor="filter-text">Search</label>
      <input
        id="filter-text"
        type="search"
        placeholder="Id, or any text of configuration and details"
        autoComplete="off"
        spellCheck={false}
        value={typed}
        onChange={({ target }) => setTyped(target.value)}
      />
    </div>
  );
}

function declaredLabels(types: readonly TypeView[]): readonly string[] {
  const declared = types.flatMap(({ labels, operations }) => [
    ...operations.map(({ status }) => status),
    labels.cancelling,
    ...labels.ready,
    labels.failed,
    labels.cancelled,
  ]);
  return [...new Set(declared)];
}
