import {prisma} from '@/lib/db';

export async function DELETE() {
  await prisma.rule.deleteMany();
  return new Response(null, {status: 204});
}
