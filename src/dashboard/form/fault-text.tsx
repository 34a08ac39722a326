import type { ReactNode } from "react";

export function FaultText({ id, fault }: { readonly id: string; readonly fault: string | undefined }): ReactNode {
  if (fault === undefined) return null;
  return (
    <p id={`${id}-fault`} className="field-fault">
      {fault}
    </p>
  );
}
