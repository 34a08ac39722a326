import { type ReactNode, useEffect, useRef } from "react";

let isFirst = true;

export interface PageProps {
  readonly title: string;
  /** Before the heading, such as where the page stands. */
  readonly above?: ReactNode;
  /** Beside the heading. */
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}

/** A page of the application: names the tab, and takes the focus when it is come to. */
export function Page({ title, above, aside, children }: PageProps): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Afoot`;
  }, [title]);
  useEffect(() => {
    // The page that was opened begins at its top, as any other does.
    if (!isFirst) heading.current?.focus();
    isFirst = false;
  }, []);
  return (
    <>
      {above}
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
