import { reports } from "../../../reports";

export const dynamic = "force-dynamic";

async function serve(request: Request): Promise<Response> {
  return (await reports()).fetch(request);
}

export { serve as DELETE, serve as GET, serve as HEAD, serve as OPTIONS, serve as PATCH, serve as POST, serve as PUT };
