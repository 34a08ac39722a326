import { type ReactNode, useEffect, useRef } from "react";

let isFirst = true;

export interface PageProps {
  readonly title: string;
  /** Navigation above the heading. */
  readonly breadcrumb?: ReactNode;
  /** Content beside the heading. */
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}

/** A page of the application. Sets the document title, and focuses its heading after a navigation. */
export function Page({ title, breadcrumb, aside, children }: PageProps): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Afoot`;
  }, [title]);
  useEffect(() => {
    // The first page keeps the browser's default focus.
    if (!isFirst) heading.current?.focus();
    isFirst = false;
  }, []);
  return (
    <>
      {breadcrumb}
      <div className="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {aside}
      </div>
      {children}
    </>
  );
}
