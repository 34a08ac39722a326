import { type ReactNode, type SubmitEvent, useState } from "react";
import { Link, useLocation } from "wouter";
import type { TypeView } from "../../server/dashboard/shapes.ts";
import { create } from "../api/client.ts";
import { useTypes } from "../api/queries.ts";
import { faultsOf, type FormFaults, NO_FAULTS } from "../form/faults.ts";
import { initialOf } from "../form/initial.ts";
import { SchemaForm } from "../form/schema-form.tsx";
import { Fault, Notice } from "../parts/notice.tsx";
import { Page } from "../parts/page.tsx";

export function CreatePage({ path }: { readonly path: string }): ReactNode {
  const types = useTypes();
  const type = types.data?.types.find((each) => each.path === path && each.isDeclared);
  const title = type === undefined ? "New resource" : `New ${type.title.toLowerCase()}`;
  return (
    <Page title={title}>
      {types.error === null ? null : <Fault error={types.error} onRetry={() => void types.refetch()} />}
      {types.data !== undefined && type === undefined ? (
        <Notice title="There is no such type to create one of.">
          <Link href="/" className="button">
            Back to the resources
          </Link>
        </Notice>
      ) : null}
      {type === undefined ? null : <CreateForm type={type} />}
    </Page>
  );
}

function CreateForm({ type }: { readonly type: TypeView }): ReactNode {
  const [, navigate] = useLocation();
  const [value, setValue] = useState<unknown>(() => initialOf(type.configuration));
  const [faults, setFaults] = useState<FormFaults>(NO_FAULTS);
  const [isUnderWay, setUnderWay] = useState(false);

  const send = async (): Promise<void> => {
    setUnderWay(true);
    try {
      const { id } = await create(type.path, value ?? {});
      navigate(`/resources/${type.path}/${id}`);
    } catch (error) {
      setFaults(faultsOf(error, "/configuration", value));
      setUnderWay(false);
    }
  };
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    void send();
  };

  return (
    <form className="card form" onSubmit={submit} noValidate>
      <SchemaForm schema={type.configuration} value={value} onChange={setValue} faults={faults} />
      <div className="form-buttons">
        <Link href="/" className="button">
          Leave it
        </Link>
        <button type="submit" className="button button-main" disabled={isUnderWay}>
          Create
        </button>
      </div>
    </form>
  );
}
