import { requireUser } from '../../../lib/session.js';

export async function GET() {
  const refused = await requireUser();
  if (refused) return refused;
  return Response.json([{ order: 1, buyer: 'Mia' }]);
}

export async function POST(request) {
  const refused = await requireUser();
  if (refused) return refused;
  const { item } = await request.json();
  if (typeof item !== 'string') return Response.json({ error: 'item is missing' }, { status: 400 });
  return Response.json({ order: 2 }, { status: 201 });
}
