import type { ReactNode } from "react";
import { Link } from "wouter";
import { Notice } from "../parts/notice.tsx";
import { Page } from "../parts/page.tsx";

export function MissingPage(): ReactNode {
  return (
    <Page title="Nothing here">
      <Notice title="There is no page under this address.">
        <Link href="/" className="button">
          Go to the resources
        </Link>
      </Notice>
    </Page>
  );
}
