import { sessionUser } from '../../../../lib/session.js';

export async function GET() {
  if ((await sessionUser()) !== 'root') return new Response('Forbidden', { status: 403 });
  return Response.json(['mia', 'root']);
}
