import {prisma} from '@/lib/db';

export async function GET() {
  const rules = await prisma.rule.findMany();
  return new Response(rules.map((rule) => rule.text).join('\n'));
}
